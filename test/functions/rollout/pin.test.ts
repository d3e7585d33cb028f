import { describe, expect, it } from 'vitest';
import type { PersonsRequest } from '../../../functions/rollout/intent.ts';
import { asksForSelection, pinAfter, pinBeside } from '../../../functions/rollout/pin.ts';
import { digest, NOW } from './given.ts';

const PIN = { since: NOW, rolloutId: 'r0', digest: digest('a') };
const CHOICES: readonly (readonly [string, PersonsRequest])[] = [
  ['a tag', { tag: 'v1' }],
  ['a digest', { digest: digest('b') }],
  ['a rollback', { rollback: true }],
  ['a rollback to a digest', { rollback: { to: digest('b') } }],
];

it('reads a request for the selection out of one that names nothing', () => {
  expect(asksForSelection({})).toBe(true);
  expect(asksForSelection({ reason: 'Again.', force: true })).toBe(true);
});

describe.each(CHOICES)('a request for %s', (_case, request) => {
  it('is none for the selection, and leaves the pin', () => {
    expect(asksForSelection(request)).toBe(false);
    expect(pinAfter({ pin: PIN }, { request })).toBe(PIN);
    expect(pinBeside({ pin: PIN }, request, NOW + 1)).toBe(PIN);
  });
});

it('follows pushes again after whoever asked for that, and after nobody else', () => {
  expect(pinAfter({ pin: PIN }, { request: {} })).toBeUndefined();
  expect(pinAfter({ pin: PIN }, { request: undefined })).toBe(PIN);
});

it('follows pushes again beside an owner only where the pin is older than the request', () => {
  expect(pinBeside({ pin: PIN }, {}, NOW + 1)).toBeUndefined();
  expect(pinBeside({ pin: PIN }, {}, NOW)).toBe(PIN);
  expect(pinBeside({ pin: PIN }, undefined, NOW + 1)).toBe(PIN);
});
