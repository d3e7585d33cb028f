import { expect, it } from 'vitest';
import { supersededByNothing } from '../../campaign/watch-turns.ts';

const image = (digest: string, tag = 'live') => ({ digest, tag });
const pushed = (at: number, digest: string, tag?: string) => ({ at, ...image(digest, tag) });
const started = (at: number, rollout: string, digest?: string, isTick = false) => ({
  at,
  rollout,
  push: digest === undefined ? undefined : image(digest),
  isTick,
});
const ends = [{ at: 300, rollout: 'one', status: 'SUCCEEDED' }];
const superseded = [{ executionArn: 'one', outcome: 'SUPERSEDED' }];
const found = (told: Pick<Parameters<typeof supersededByNothing>[0], 'starts' | 'pushes'>): string[] =>
  supersededByNothing({ ...told, ends }, superseded, (tag) => tag === 'live');

const ofPush = { starts: [started(101, 'one', 'a')], pushes: [pushed(50, 'z'), pushed(100, 'a')] };
const ofPerson = { starts: [started(101, 'one')], pushes: [] };

it('finds a push that nothing newer came to supersede', () => {
  expect(found(ofPush)).toEqual(['turn: Rollout one of live ended SUPERSEDED, and nothing newer had come.']);
  expect(found({ ...ofPush, pushes: [...ofPush.pushes, pushed(200, 'b', 'nightly'), pushed(301, 'b')] })).toHaveLength(
    1,
  );
  expect(found({ ...ofPush, starts: [started(90, 'two', undefined, true), ...ofPush.starts] })).toHaveLength(1);
  expect(found({ ...ofPush, starts: [started(51, 'two', 'z'), ...ofPush.starts] })).toHaveLength(1);
});

it('finds a person that a push, or an earlier person, superseded', () => {
  expect(found({ starts: [...ofPerson.starts, started(150, 'two', 'b')], pushes: [pushed(149, 'b')] })).toEqual([
    'turn: Rollout one of a person ended SUPERSEDED, and nothing newer had come.',
  ]);
  expect(found({ ...ofPerson, starts: [started(90, 'two'), ...ofPerson.starts] })).toHaveLength(1);
});

it('finds what a tick started and nothing newer superseded, and a person that a tick did', () => {
  const ofTick = { starts: [started(101, 'one', undefined, true)], pushes: [pushed(50, 'a')] };
  expect(found(ofTick)).toEqual(['turn: Rollout one of a tick ended SUPERSEDED, and nothing newer had come.']);
  expect(found({ ...ofTick, pushes: [...ofTick.pushes, pushed(200, 'b')] })).toEqual([]);
  expect(found({ ...ofPerson, starts: [...ofPerson.starts, started(150, 'two', undefined, true)] })).toHaveLength(1);
});

it.each([
  [
    'a push whose turn a later tick takes',
    { ...ofPush, starts: [...ofPush.starts, started(150, 'two', undefined, true)] },
  ],
  ['a push that a later one superseded', { ...ofPush, pushes: [...ofPush.pushes, pushed(200, 'b')] }],
  [
    'a push that a person superseded, who came before it and waits',
    { ...ofPush, starts: [started(90, 'two'), ...ofPush.starts] },
  ],
  [
    'a push that a person superseded, who gave an earlier event as input',
    {
      starts: [started(51, 'two', 'z'), ...ofPush.starts, started(150, 'three', 'z')],
      pushes: ofPush.pushes,
    },
  ],
  ['a person that a later one superseded', { ...ofPerson, starts: [...ofPerson.starts, started(150, 'two')] }],
])('lets pass %s', (_what, told) => {
  expect(found(told)).toEqual([]);
});
