import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseIntent, triggerOfIntent } from '../../../functions/rollout/intent.ts';
import { digest } from './given.ts';
import { ELSEWHERE } from '../../elsewhere.ts';

const CONFIG = { repository: 'team/web' };

function push(detail: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: '0',
    id: '0f1e2d3c-0000-0000-0000-000000000000',
    'detail-type': 'ECR Image Action',
    source: 'aws.ecr',
    account: ELSEWHERE.account,
    time: '2026-01-02T03:04:05Z',
    region: ELSEWHERE.region,
    resources: [],
    detail: {
      result: 'SUCCESS',
      'repository-name': 'team/web',
      'image-digest': digest('a'),
      'action-type': 'PUSH',
      'image-tag': 'build-a',
      ...detail,
    },
    ...envelope,
  };
}

function replication(detail: Record<string, unknown> = {}): Record<string, unknown> {
  const replicated = { 'action-type': 'REPLICATE', 'source-region': 'eu-west-1', 'source-account': ELSEWHERE.account };
  return push({ ...replicated, ...detail }, { 'detail-type': 'ECR Replication Action' });
}

describe('a push event', () => {
  it('may be one of another registry that was replicated to this one', () => {
    expect(parseIntent(replication(), CONFIG)).toEqual(parseIntent(push(), CONFIG));
  });

  it('is read with tag, digest and the time at which ECR says that it happened', () => {
    expect(parseIntent(push({ 'manifest-media-type': 'application/x', 'member-of-2030': {} }), CONFIG)).toEqual({
      kind: 'push',
      tag: 'build-a',
      digest: digest('a'),
      at: Date.parse('2026-01-02T03:04:05Z'),
    });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['of another repository', push({ 'repository-name': 'team/other' }), /repository "team\/other".*follows team\/web/],
    ['that failed', push({ result: 'FAILED' }), /"PUSH" "FAILED".*only a successful PUSH/],
    ['that is a deletion', push({ 'action-type': 'DELETE' }), /"DELETE" "SUCCESS"/],
    ['that is a change of storage class', push({ 'action-type': 'UPDATE_STORAGE_CLASS' }), /"UPDATE_STORAGE_CLASS"/],
    ['with the empty tag of an untagged push', push({ 'image-tag': '' }), /needs all three/],
    ['without a tag', push({ 'image-tag': undefined }), /needs all three/],
    ['with a tag of 300 characters', push({ 'image-tag': 'x'.repeat(300) }), /needs all three/],
    ['with control characters in the tag', push({ 'image-tag': 'a\u0000b' }), /needs all three/],
    ['with a tag that is no text', push({ 'image-tag': 7 }), /needs all three/],
    ['with a digest of another algorithm', push({ 'image-digest': 'sha512:00' }), /needs all three/],
    ['with an upper-case digest', push({ 'image-digest': `sha256:${'A'.repeat(64)}` }), /needs all three/],
    ['of a replication whose action is a push', push({}, { 'detail-type': 'ECR Replication Action' }), /REPLICATE/],
    ['of a replication that failed', replication({ result: 'FAILED' }), /"REPLICATE" "FAILED".*successful REPLICATE/],
    ['of a push whose action is a replication', push({ 'action-type': 'REPLICATE' }), /only a successful PUSH/],
    ['without a time', push({}, { time: undefined }), /needs all three/],
    ['with a time that is none', push({}, { time: 'yesterday' }), /needs all three/],
    ['of another source', push({}, { source: 'aws.ecs' }), /from "aws.ecs".*of aws.ecr/],
    ['of another detail type', push({}, { 'detail-type': 'ECR Image Scan' }), /"ECR Image Scan" from "aws.ecr"/],
    ['with a detail that is an array', push({}, { detail: [] }), /undefined undefined/],
    ['with a detail that is null', push({}, { detail: null }), /undefined undefined/],
  ])('%s is malformed, and the message says what was seen and what to mend', (_case, event, message) => {
    const intent = parseIntent(event, CONFIG);
    expect(intent).toMatchObject({ kind: 'malformed', message: expect.stringMatching(message) as unknown });
  });
});

describe('the execution that an event comes with', () => {
  const startedAt = Date.parse('2026-01-02T03:04:06Z');
  const given = { name: '0f1e2d3c-0000-0000-0000-000000000000_3f2a', startedAt };

  it('bounds the time of the event, which cannot lie ahead', () => {
    expect(parseIntent(push({}, { time: '9999-12-31T23:59:59Z' }), CONFIG, given)).toMatchObject({ at: startedAt });
    expect(parseIntent(push(), CONFIG, given)).toMatchObject({ at: startedAt - 1000 });
  });

  it.each<[string, unknown, string, string]>([
    ["EventBridge's for an event", push(), given.name, 'push'],
    ['any other for an event', push(), '9d1c2b3a-0000-0000-0000-000000000000', 'replayed'],
    ["EventBridge's for an event without id", push({}, { id: '' }), given.name, 'replayed'],
    ['one that happens to begin as the id of an event by hand', push({}, { id: '0' }), given.name, 'replayed'],
    ["EventBridge's for an event that is malformed", push({ result: 'FAILED' }), given.name, 'push'],
    ['any other for an event that is malformed', push({ result: 'FAILED' }), 'by-hand', 'replayed'],
    ['any for a request', { image: { tag: 'v1' } }, 'by-hand', 'person'],
    ['any for what is malformed', [], 'by-hand', 'person'],
    ['any for the tick', { tick: true }, 'by-hand', 'tick'],
  ])('tells by its name who started it: %s', (_case, input, name, trigger) => {
    expect(triggerOfIntent(parseIntent(input, CONFIG, { name, startedAt }))).toBe(trigger);
  });
});

describe("a person's input", () => {
  it.each<[string, unknown, object]>([
    ['{} asks for what the tag policy selects', {}, { kind: 'person' }],
    ['a tag asks for that tag', { image: { tag: 'v1.2.3' } }, { kind: 'person', tag: 'v1.2.3' }],
    ['a digest asks for it', { image: { digest: digest('b') } }, { kind: 'person', digest: digest('b') }],
    ['a rollback asks for a proven image', { rollback: true }, { kind: 'person', rollback: true }],
    [
      'a rollback may name the image',
      { rollback: { to: digest('b') } },
      { kind: 'person', rollback: { to: digest('b') } },
    ],
    [
      'force comes with a reason',
      { force: true, reason: 'canary looked fine' },
      { kind: 'person', force: true, reason: 'canary looked fine' },
    ],
    [
      'force goes with an image',
      { image: { tag: 'a' }, force: true, reason: 'x' },
      { kind: 'person', tag: 'a', force: true, reason: 'x' },
    ],
    [
      'force goes with a rollback',
      { rollback: true, force: true, reason: 'x' },
      { kind: 'person', rollback: true, force: true, reason: 'x' },
    ],
    [
      'a reason goes without force, and loses the blanks around it',
      { image: { tag: 'a' }, reason: ' größer ' },
      { kind: 'person', tag: 'a', reason: 'größer' },
    ],
    ['a reason may have 256 characters', { reason: 'x'.repeat(256) }, { kind: 'person', reason: 'x'.repeat(256) }],
    ['the tick is told apart', { tick: true }, { kind: 'tick' }],
  ])('%s', (_case, input, intent) => {
    expect(parseIntent(input, CONFIG)).toEqual(intent);
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /the input is null, not a JSON object/],
    ['an array', [{ image: { tag: 'a' } }], /not a JSON object/],
    ['a number', 42, /the input is 42/],
    ['a text', 'latest', /the input is "latest"/],
    ['undefined', undefined, /the input is undefined/],
    [
      'an unknown member',
      { service: 'other' },
      /unknown member "service".*"image", "rollback", "force", "acknowledge" and "reason"/,
    ],
    [
      'a member called __proto__',
      JSON.parse('{"__proto__": {"image": {"tag": "a"}}}') as unknown,
      /unknown member "__proto__"/,
    ],
    ['a member named like a method', { toString: 1 }, /unknown member "toString"/],
    ['rollback beside a valid image', { image: { tag: 'a' }, rollback: true }, /both "image" and "rollback" are given/],
    ['a rollback that is not true', { rollback: false }, /"rollback" is false: write/],
    ['a rollback to a tag', { rollback: { to: 'v1' } }, /"rollback" is \{"to":"v1"\}: write/],
    ['a rollback with more than a digest', { rollback: { to: digest('a'), tag: 'v1' } }, /"rollback" is/],
    ['force without a reason', { force: true }, /"force" is given without "reason": say why/],
    ['force that is not true', { force: 'yes', reason: 'x' }, /"force" is "yes": write true/],
    ['an empty reason', { force: true, reason: '' }, /"reason" is "": write one line of 1 to 256/],
    ['a blank reason', { force: true, reason: '  ' }, /"reason" is/],
    ['a reason of 257 characters', { force: true, reason: 'x'.repeat(257) }, /1 to 256/],
    ['a reason of two lines', { force: true, reason: 'a\nb' }, /one line/],
    ['a reason with a line separator', { force: true, reason: 'a\u2028b' }, /one line/],
    ['a reason that turns the text around', { force: true, reason: 'a\u202eb' }, /printable/],
    ['a reason like an expression', { force: true, reason: '{% $config %}' }, /without "\{%"/],
    ['a reason that is no text', { force: true, reason: 7 }, /"reason" is 7/],
    ['a tick that is forced', { tick: true, force: true, reason: 'x' }, /leave "tick" to the schedule/],
    ['an image that is a text', { image: 'latest' }, /"image" is "latest"/],
    ['an image that is null', { image: null }, /"image" is null/],
    ['an empty image', { image: {} }, /exactly one of "tag" and "digest"/],
    ['tag and digest at once', { image: { tag: 'a', digest: digest('a') } }, /exactly one/],
    ['an unknown member of image', { image: { name: 'a' } }, /unknown member "name"/],
    ['image.__proto__', { image: JSON.parse('{"__proto__": 1}') as unknown }, /unknown member "__proto__"/],
    ['an empty tag', { image: { tag: '' } }, /"image.tag" is ""/],
    ['a tag of 300 characters', { image: { tag: 'x'.repeat(300) } }, /1 to 128/],
    ['a tag that starts with a dash', { image: { tag: '-rf' } }, /"image.tag" is "-rf"/],
    ['a tag with a line break', { image: { tag: 'a\nb' } }, /1 to 128/],
    ['a digest that is none', { image: { digest: 'sha256:xyz' } }, /64 hexadecimal digits/],
    ['a tick that is not true', { tick: 'yes' }, /"tick" is "yes"/],
    ['a tick beside an image', { tick: true, image: { tag: 'a' } }, /"tick" is true/],
  ])('%s is malformed, and the message says what was seen and what to mend', (_case, input, message) => {
    expect(parseIntent(input, CONFIG)).toMatchObject({
      kind: 'malformed',
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('keeps messages on one short line, whatever was sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        const intent = parseIntent(input, CONFIG);
        if (intent.kind !== 'malformed') return;
        expect(intent.message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(intent.message.length).toBeLessThan(500);
      }),
    );
  });

  it('never yields anything but what a person may ask for, the tick or a refusal', () => {
    const member = fc.constantFrom('image', 'tick', 'rollback', 'force', 'reason', 'tag', 'detail-type', 'source', 'x');
    const image = fc.record({ tag: fc.string(), digest: fc.string() }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.dictionary(member, fc.oneof(fc.jsonValue(), image)), (input) => {
        const intent = parseIntent(input, CONFIG);
        const members = Object.keys(intent).filter((key) => !['kind', 'message', 'trigger'].includes(key));
        expect(members.every((key) => ['tag', 'digest', 'at', 'rollback', 'force', 'reason'].includes(key))).toBe(true);
      }),
    );
  });
});
