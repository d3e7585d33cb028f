import fc from 'fast-check';
import { compare } from 'semver';
import { describe, expect, it } from 'vitest';
import type { TagPolicy } from '../../../functions/rollout/config.ts';
import {
  isCandidateTag,
  isOlder,
  selectImage,
  versionOf,
  type RegistryImage,
} from '../../../functions/rollout/select-image.ts';
import { digest, EXACT, GLOB, image, SEMVER } from './given.ts';

const registryImage = (digit: string, pushedAt: number, ...tags: string[]): RegistryImage => ({
  digest: digest(digit),
  tags,
  pushedAt,
});
const glob = (pattern: string): TagPolicy => ({ kind: 'glob', pattern });

describe('a candidate tag', () => {
  it.each<[string, TagPolicy, boolean]>([
    ['latest', EXACT, true],
    ['latest-2', EXACT, false],
    ['LATEST', EXACT, false],
    ['anything', GLOB, true],
    ['main-1', glob('main-*'), true],
    ['main-', glob('main-*'), true],
    ['xmain-1', glob('main-*'), false],
    ['a-b-c', glob('a*c'), true],
    ['a-b-d', glob('a*c'), false],
    ['v1x2', glob('v1.2'), false],
    ['v1.2', glob('v1.2'), true],
    ['aab', glob('a+b'), false],
    ['ab', glob('a?b'), false],
    ['v1', glob('v[0-9]'), false],
    ['v1', glob('(v1|v2)'), false],
    ['v1', glob('\\w*'), false],
    ['v1', glob('^v1$'), false],
    ['1.2.3', SEMVER, true],
    ['v1.2.3', SEMVER, true],
    ['2.0.0', SEMVER, false],
    ['1.2', SEMVER, false],
    ['1.2.3-rc.1', SEMVER, false],
    ['build-7', SEMVER, false],
    ['1.2.3', { kind: 'semver', range: 'no range' }, false],
  ])('%s is judged by %o: %s', (tag, policy, isCandidate) => {
    expect(isCandidateTag(tag, policy)).toBe(isCandidate);
  });

  it.each([
    'rollouts-keep-3',
    `sha256-${'a'.repeat(64)}`,
    `sha256-${'a'.repeat(64)}.sig`,
    `sha256-${'a'.repeat(64)}.att`,
    '',
    'x'.repeat(129),
    '.hidden',
    'a b',
  ])('is never %j, which keeps, signs or names nothing to run', (tag) => {
    expect(isCandidateTag(tag, GLOB)).toBe(false);
    expect(isCandidateTag(tag, { kind: 'exact', tag })).toBe(false);
  });

  it('matches a pattern without stars only by the same text, whatever characters it has', () => {
    const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,9}$/);
    const text = fc.oneof(
      tag,
      fc.string({ maxLength: 6 }).filter((pattern) => !pattern.includes('*')),
    );
    fc.assert(fc.property(tag, text, (name, pattern) => isCandidateTag(name, glob(pattern)) === (name === pattern)));
  });

  it('matches a star by any run of characters', () => {
    const part = fc.stringMatching(/^[a-z0-9._-]{0,5}$/);
    fc.assert(
      fc.property(part, part, part, (head, middle, tail) =>
        isCandidateTag(`t${head}${middle}${tail}`, glob(`t${head}*${tail}`)),
      ),
    );
  });
});

describe('the selection', () => {
  it('is nothing where no tag is a candidate', () => {
    expect(selectImage([], GLOB)).toBeUndefined();
    expect(selectImage([registryImage('a', 1), registryImage('b', 2, 'rollouts-keep-1')], GLOB)).toBeUndefined();
  });

  it('is the newest push among the candidates of a glob', () => {
    const images = [
      registryImage('a', 10, 'main-1'),
      registryImage('c', 30, 'dev-1'),
      registryImage('b', 20, 'main-2'),
    ];
    expect(selectImage(images, glob('main-*'))).toEqual({ digest: digest('b'), tag: 'main-2', selectedAt: 20 });
  });

  it('is never an artifact, which has tags like an image', () => {
    const chart = { ...registryImage('c', 30, '1.9.0'), artifactMediaType: 'application/vnd.cncf.helm.config.v1+json' };
    const image = { ...registryImage('a', 10, '1.2.0'), artifactMediaType: 'application/vnd.oci.image.config.v1+json' };
    for (const policy of [GLOB, SEMVER]) expect(selectImage([chart, image], policy)?.digest).toBe(digest('a'));
    expect(selectImage([chart], { kind: 'exact', tag: '1.9.0' })).toBeUndefined();
  });

  it('is the highest version of a range, however old its push', () => {
    const images = [
      registryImage('a', 10, 'v1.10.0'),
      registryImage('b', 20, '1.9.0'),
      registryImage('c', 30, '2.0.0', 'latest'),
    ];
    expect(selectImage(images, SEMVER)).toEqual({ digest: digest('a'), tag: 'v1.10.0', selectedAt: 10 });
  });

  it('is not the signature that was pushed after its image', () => {
    const signature = registryImage('f', 99, `sha256-${'a'.repeat(64)}.sig`);
    expect(selectImage([registryImage('a', 10, 'main-1'), signature], GLOB)?.digest).toBe(digest('a'));
  });

  it('follows a retag that an event reported, although ECR keeps the old push time', () => {
    const images = [registryImage('a', 10, 'main-1', 'main-3'), registryImage('b', 20, 'main-2')];
    expect(selectImage(images, GLOB)?.digest).toBe(digest('b'));
    const hint = { tag: 'main-3', digest: digest('a'), at: 30 };
    expect(selectImage(images, GLOB, { hint })).toEqual({ digest: digest('a'), tag: 'main-3', selectedAt: 30 });
  });

  it.each([
    ['the tag points elsewhere by now', { tag: 'main-2', digest: digest('a'), at: 30 }],
    ['the tag is gone', { tag: 'main-9', digest: digest('a'), at: 30 }],
    ['the event is older than the newest push', { tag: 'main-1', digest: digest('a'), at: 15 }],
  ])('does not follow a hint when %s', (_case, hint) => {
    const images = [registryImage('a', 10, 'main-1'), registryImage('b', 20, 'main-2')];
    expect(selectImage(images, GLOB, { hint })).toMatchObject({ digest: digest('b'), selectedAt: 20 });
  });

  it('never dates an image before its push, although event times have whole seconds only', () => {
    const hint = { tag: 'main-1', digest: digest('a'), at: 1_000 };
    expect(selectImage([registryImage('a', 1_900, 'main-1')], GLOB, { hint })?.selectedAt).toBe(1_900);
  });

  it('does not depend on the order in which ECR lists the images', () => {
    const tag = fc.constantFrom('1.0.0', '1.0.1', '1.1.0', 'v1.1.0', 'main', 'latest');
    const images = fc.uniqueArray(
      fc.record({ digit: fc.constantFrom(...'0123456789abcdef'), pushedAt: fc.nat(5), tag }),
      { maxLength: 8, selector: ({ tag }) => tag },
    );
    fc.assert(
      fc.property(images, fc.constantFrom(GLOB, SEMVER, EXACT), (given, policy) => {
        const listed = given.map(({ digit, pushedAt, tag }) => registryImage(digit, pushedAt, tag));
        expect(selectImage([...listed].reverse(), policy)).toEqual(selectImage(listed, policy));
      }),
    );
  });

  it('is never an image that the policy calls older than another candidate', () => {
    const version = fc.tuple(fc.nat(3), fc.nat(3)).map(([minor, patch]) => `1.${minor}.${patch}`);
    const images = fc.uniqueArray(version, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(images, (versions) => {
        const listed = versions.map((tag, index) => registryImage(index.toString(16), index, tag));
        const selected = selectImage(listed, SEMVER)!;
        expect(versions.every((tag) => compare(selected.tag!, tag) >= 0)).toBe(true);
      }),
    );
  });
});

describe('a step back', () => {
  it.each<[string, Parameters<typeof isOlder>, boolean]>([
    ['an older push', [image('a', 10), image('b', 20), GLOB, true], true],
    ['an older push that the tick found', [image('a', 10), image('b', 20), GLOB, false], true],
    ['a newer push', [image('a', 30), image('b', 20), GLOB, true], false],
    ['a push of the same millisecond', [image('a', 20), image('b', 20), GLOB, true], false],
    ['the same digest', [image('b', 10), image('b', 20), GLOB, true], false],
    ['a lower version', [image('a', 30, '1.1.0'), image('b', 20, '1.2.0'), SEMVER, true], true],
    ['a higher version pushed earlier', [image('a', 10, '1.10.0'), image('b', 20, '1.9.0'), SEMVER, true], false],
    ['the same version with another digest', [image('a', 10, 'v1.2.0'), image('b', 20, '1.2.0'), SEMVER, true], false],
    ['an exact tag moved back, as an event reports', [image('a', 10), image('b', 20), EXACT, true], false],
    ['an exact tag moved back, as the tick finds', [image('a', 10), image('b', 20), EXACT, false], true],
  ])('%s', (_case, [candidate, seen, policy, isReported], expected) => {
    expect(isOlder(candidate, seen, policy, isReported)).toBe(expected);
  });
});

it.each([
  ['1.2.3', '1.2.3'],
  ['v1.2.3', '1.2.3'],
  ['1.2.3-rc.1', '1.2.3-rc.1'],
  ['1.2', undefined],
  ['latest', undefined],
  [undefined, undefined],
])('the version in %s is %s', (tag, version) => {
  expect(versionOf(tag)).toBe(version);
});

it('passes over what is known to be no image, unless its very tag is followed', () => {
  const images = [registryImage('a', 1, '1.0.0'), registryImage('b', 2, '2.0.0')];
  const artifacts = [digest('b')];
  for (const policy of [GLOB, SEMVER]) expect(selectImage(images, policy, { artifacts })?.digest).toBe(digest('a'));
  expect(selectImage(images, { kind: 'exact', tag: '2.0.0' }, { artifacts })?.digest).toBe(digest('b'));
});
