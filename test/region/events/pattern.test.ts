import { describe, expect, it } from 'vitest';
import { matchesPattern, parsePattern } from '../../../region/events/pattern.ts';

/** Own fixture with the variety of the sample event in the README of aws/event-ruler. */
const event = {
  version: '0',
  'detail-type': 'Instance State Change',
  source: 'aws.ec2',
  time: '2026-01-05T09:00:00Z',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-1', 'arn:aws:ec2:us-east-1:123456789012:instance/i-2'],
  detail: {
    'c-count': 5,
    'd-count': 3,
    'x-limit': 301.8,
    state: 'running',
    'image-tag': '',
    owner: null,
    isSpot: false,
    path: 'dir/lib/file*.png',
    nested: { deep: { name: 'x' } },
    empty: [],
    containers: [
      { name: 'app', exitCode: 1 },
      { name: 'sidecar', exitCode: 0, reason: 'stopped' },
    ],
  },
};

function matches(pattern: object): boolean {
  return matchesPattern(parsePattern(pattern), event);
}

const detail = (fields: object): object => ({ detail: fields });

describe('an event pattern matches', () => {
  it.each<[string, object]>([
    ['exact values, one of several', { source: ['aws.ecs', 'aws.ec2'], 'detail-type': ['Instance State Change'] }],
    ['one element of an array', { resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-2'] }],
    ['numbers by value', detail({ 'x-limit': [3.018e2] })],
    ['booleans', detail({ isSpot: [false] })],
    ['null', detail({ owner: [null] })],
    ['the empty string', detail({ 'image-tag': [''] })],
    ['a prefix', { time: [{ prefix: '2026-01-05' }] }],
    ['a prefix whatever the case', { source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }],
    ['a suffix', { source: [{ suffix: 'ec2' }] }],
    ['a suffix whatever the case', { source: [{ suffix: { 'equals-ignore-case': 'EC2' } }] }],
    ['a text whatever the case', { source: [{ 'equals-ignore-case': 'AWS.EC2' }] }],
    ['anything but a text', detail({ state: [{ 'anything-but': 'initializing' }] })],
    ['anything but a number', detail({ 'x-limit': [{ 'anything-but': 123 }] })],
    ['anything but a list of texts', detail({ state: [{ 'anything-but': ['stopped', 'overloaded'] }] })],
    ['anything but a list of numbers', detail({ 'x-limit': [{ 'anything-but': [100, 200, 300] }] })],
    ['anything but a prefix', detail({ state: [{ 'anything-but': { prefix: 'init' } }] })],
    ['anything but prefixes', detail({ state: [{ 'anything-but': { prefix: ['init', 'stop'] } }] })],
    ['anything but a suffix', detail({ state: [{ 'anything-but': { suffix: 'ed' } }] })],
    ['anything but a wildcard', detail({ state: [{ 'anything-but': { wildcard: 's*d' } }] })],
    ['anything but a text whatever the case', detail({ state: [{ 'anything-but': { 'equals-ignore-case': 'X' } }] })],
    [
      'anything but a value, in an array of which one element differs',
      { resources: [{ 'anything-but': 'arn:aws:ec2:us-east-1:123456789012:instance/i-1' }] },
    ],
    ['a numeric range', detail({ 'c-count': [{ numeric: ['>', 0, '<=', 5] }] })],
    ['one numeric bound', detail({ 'd-count': [{ numeric: ['<', 10] }] })],
    ['a numeric equality', detail({ 'x-limit': [{ numeric: ['=', 3.018e2] }] })],
    ['a wildcard', detail({ path: [{ wildcard: 'dir/*/file*.png' }] })],
    ['a wildcard with an escaped asterisk', detail({ path: [{ wildcard: '*file\\*.png' }] })],
    ['a wildcard that stands for nothing', { source: [{ wildcard: '*aws.ec2*' }] }],
    ['presence', detail({ state: [{ exists: true }] })],
    ['presence of an empty text', detail({ 'image-tag': [{ exists: true }] })],
    ['presence of null', detail({ owner: [{ exists: true }] })],
    ['absence', detail({ 'e-count': [{ exists: false }] })],
    ['absence of a field that is no leaf', detail({ nested: [{ exists: false }] })],
    ['absence below an object that is missing', detail({ gone: { deeper: [{ exists: false }] } })],
    ['absence of values in an empty array', detail({ empty: [{ exists: false }] })],
    ['absence or a value', detail({ state: ['running', { exists: false }] })],
    ['nested objects', detail({ nested: { deep: { name: ['x'] } } })],
    ['two fields of the same element of an array', detail({ containers: { name: ['app'], exitCode: [1] } })],
    [
      'absence in the element that the field before it has chosen, though another has it',
      detail({ containers: { name: ['app'], reason: [{ exists: false }] } }),
    ],
    ['a name with dots as a path', { 'detail.state': ['running'] }],
    [
      '$or whose alternative says otherwise of a field beside it',
      { source: ['aws.ecs'], $or: [{ source: ['aws.ec2'] }, { version: ['1'] }] },
    ],
    [
      '$or before a field that takes the place of its own',
      { $or: [{ source: ['aws.ecs'] }, { version: ['1'] }], source: ['aws.ec2'] },
    ],
    ['one alternative of $or', { source: ['aws.ec2'], $or: [{ time: ['never'] }, detail({ state: ['running'] })] }],
    ['$or below a field', detail({ $or: [{ state: ['stopped'] }, { 'd-count': [{ numeric: ['<', 10] }] }] })],
    [
      '$or inside $or',
      { $or: [{ source: ['x'] }, { source: ['aws.ec2'], $or: [{ time: ['x'] }, { version: ['0'] }] }] },
    ],
  ])('%s', (_, pattern) => {
    expect(matches(pattern)).toBe(true);
  });
});

describe('an event pattern does not match', () => {
  it.each<[string, object]>([
    ['another value', { source: ['aws.ecs'] }],
    ['when one of two fields differs', { source: ['aws.ec2'], version: ['1'] }],
    ['a number written as text', detail({ 'c-count': ['5'] })],
    ['a text written as number', { version: [0] }],
    ['null where the field is missing', detail({ 'e-count': [null] })],
    ['a prefix of a number', detail({ 'c-count': [{ prefix: '5' }] })],
    ['anything but, where the field is missing', detail({ 'e-count': [{ 'anything-but': 'x' }] })],
    ['anything but the very value', detail({ state: [{ 'anything-but': ['running'] }] })],
    ['anything but the empty string', detail({ 'image-tag': [{ 'anything-but': '' }] })],
    ['anything but a wildcard that fits', detail({ state: [{ 'anything-but': { wildcard: 'r*g' } }] })],
    ['numeric on a text', { version: [{ numeric: ['=', 0] }] }],
    ['outside of a numeric range', detail({ 'c-count': [{ numeric: ['>', 5, '<', 10] }] })],
    ['a wildcard with more than fits', detail({ state: [{ wildcard: 'run*ing*x' }] })],
    ['a wildcard whose dot is no dot', { source: [{ wildcard: 'awsxec*' }] }],
    ['presence of an object', detail({ nested: [{ exists: true }] })],
    ['presence of an empty array', detail({ empty: [{ exists: true }] })],
    ['absence of what is there', detail({ state: [{ exists: false }] })],
    ['two fields of different elements of an array', detail({ containers: { name: ['app'], exitCode: [0] } })],
    [
      'absence of what the same element of an array has',
      detail({ containers: { name: ['sidecar'], reason: [{ exists: false }] } }),
    ],
    [
      'absence of what any element has, when no field before it has chosen one',
      detail({ containers: { exitCode: [{ exists: false }], name: ['app'] } }),
    ],
    ['absence of what any element has, alone', detail({ containers: { reason: [{ exists: false }] } })],
    [
      'what an alternative of $or says otherwise of the same field',
      { source: ['aws.ecs'], $or: [{ source: ['aws.sqs'] }, { version: ['0'] }] },
    ],
    [
      'two fields of different elements of an array, one of them in $or',
      detail({ containers: { name: ['app'] }, $or: [{ containers: { exitCode: [0] } }, { state: ['x'] }] }),
    ],
    ['inherited members', { detail: { constructor: { name: ['Object'] } } }],
    ['when no alternative of $or matches', { source: ['aws.ec2'], $or: [{ time: ['x'] }, { version: ['1'] }] }],
    ['when $or matches and its sibling does not', { source: ['x'], $or: [{ version: ['0'] }, { version: ['1'] }] }],
  ])('%s', (_, pattern) => {
    expect(matches(pattern)).toBe(false);
  });
});

describe('an event pattern is refused as EventBridge does', () => {
  it.each<[string, object]>([
    ['a value that is no array', { source: 'aws.ec2' }],
    ['an empty array', { source: [] }],
    ['an empty object', { detail: {} }],
    ['two operators in one object', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['exists with a text', { source: [{ exists: 'true' }] }],
    ['a prefix that is no text', { source: [{ prefix: 1 }] }],
    ['anything but texts and numbers mixed', { source: [{ 'anything-but': ['a', 1] }] }],
    ['anything but an empty list', { source: [{ 'anything-but': [] }] }],
    ['consecutive wildcards', { source: [{ wildcard: 'a**b' }] }],
    ['an escape of an ordinary character', { source: [{ wildcard: 'a\\b' }] }],
    ['an unknown comparison', { a: [{ numeric: ['!=', 1] }] }],
    ['a range upside down', { a: [{ numeric: ['<', 5, '>', 1] }] }],
    ['an empty range', { a: [{ numeric: ['>', 5, '<', 5] }] }],
    ['a number beyond the range', { a: [5_000_000_001] }],
    ['more than 2,048 characters', { source: Array.from({ length: 300 }, (_, at) => `value-${at}`) }],
  ])('%s', (_, pattern) => {
    expect(() => parsePattern(pattern)).toThrow(expect.objectContaining({ code: 'InvalidEventPatternException' }));
  });
});

describe('the work for a pattern', () => {
  it('is bounded by a thousand combinations', () => {
    const either = { $or: [{ a: [1] }, { b: [1] }] };
    const deep = Array.from({ length: 10 }).reduce<object>((inner) => ({ ...either, x: inner }), { c: [1] });
    expect(() => parsePattern(deep)).toThrow(expect.objectContaining({ code: 'LimitExceededException' }));
  });

  it('is little for arrays side by side', () => {
    const elements = Array.from({ length: 2000 }, (_, at) => ({ x: at, y: at }));
    const wide = { a: elements, b: elements, c: elements };
    const either = { x: [{ exists: true }], y: [{ exists: true }] };
    expect(matchesPattern(parsePattern({ a: { x: [1] }, b: either, c: { x: [-1] } }), wide)).toBe(false);
    expect(matchesPattern(parsePattern({ a: { x: [1] }, b: either, c: { x: [7], y: [7] } }), wide)).toBe(true);
  });

  it('is bounded where an event has more objects than anyone could wait for', () => {
    const twelve = (): object[] => Array.from({ length: 12 }, () => ({}));
    const nested = (depth: number): object[] =>
      depth === 0 ? twelve().map(() => ({ x: 1, y: 1 })) : twelve().map(() => ({ a: nested(depth - 1) }));
    const beganAt = performance.now();
    const pattern = parsePattern({ a: { a: { a: { a: { x: [1], y: [2] } } } } });
    expect(() => matchesPattern(pattern, { a: nested(3) })).toThrow(
      'An event with that many objects in arrays is not modelled',
    );
    expect(performance.now() - beganAt).toBeLessThan(10_000);
  });
});

describe('an event pattern is not modelled with', () => {
  it.each<[string, object]>([
    ['cidr', { ip: [{ cidr: '10.0.0.0/8' }] }],
    ['an operator nobody knows', { source: [{ matches: '.*' }] }],
    ['a negated operator nobody knows', { source: [{ 'anything-but': { cidr: '10.0.0.0/8' } }] }],
    ['$or as a field name', { $or: [{ source: ['a'] }] }],
    ['$or over operators, deeper down', { $or: [{ a: { prefix: ['a'] } }, { b: ['b'] }] }],
    ['$or over operators', { $or: [{ prefix: ['a'] }, { suffix: ['b'] }] }],
    ['very many wildcards', { source: [{ wildcard: 'a*b*c*d*e*f*g' }] }],
  ])('%s', (_, pattern) => {
    expect(() => parsePattern(pattern)).toThrow('is not modelled');
  });
});
