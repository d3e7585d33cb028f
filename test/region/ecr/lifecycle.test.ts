import type { ListImagesResponse } from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EcrService } from '../../../region/ecr/ecr.ts';
import { imageIndex, imageManifest } from '../../../region/ecr/image-manifests.ts';
import type { Kernel } from '../../../region/kernel/kernel.ts';
import type { BusEvent } from '../../../region/service.ts';
import { ecrAlone } from './ecr-alone.ts';

const DAY_MS = 24 * 3_600_000;

let kernel: Kernel;
let events: BusEvent[];
let ecr: EcrService;

beforeEach(() => {
  ({ kernel, events, ecr } = ecrAlone());
});

type Rule = Readonly<Record<string, unknown>>;

/** A rule that expires; `selection` says the rest. */
const rule = (rulePriority: number, selection: Rule): Rule => ({
  rulePriority,
  selection,
  action: { type: 'expire' },
});

const tagged = (tagPrefixList: readonly string[], countNumber: number): Rule => ({
  tagStatus: 'tagged',
  tagPrefixList,
  countType: 'imageCountMoreThan',
  countNumber,
});

const patterned = (tagPatternList: readonly string[], countNumber: number): Rule => ({
  tagStatus: 'tagged',
  tagPatternList,
  countType: 'imageCountMoreThan',
  countNumber,
});

const any = (countNumber: number): Rule => ({ tagStatus: 'any', countType: 'imageCountMoreThan', countNumber });

const olderThan = (tagStatus: 'untagged' | 'any', days: number): Rule => ({
  tagStatus,
  countType: 'sinceImagePushed',
  countUnit: 'days',
  countNumber: days,
});

function createRepository(rules: readonly Rule[], properties: object = {}): unknown {
  const LifecyclePolicy = { LifecyclePolicyText: JSON.stringify({ rules }) };
  return ecr.resources['AWS::ECR::Repository']!(
    'Images',
    { RepositoryName: 'api', LifecyclePolicy, ...properties },
    'S',
  );
}

/** Pushes an image of its own for each list of tags, one a day, and answers their digests by first tag. */
async function pushDaily(...images: readonly (readonly string[])[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [index, tags] of images.entries()) {
    const image = imageManifest({ seedText: `image ${index} ${tags.join()}` });
    for (const tag of tags.length === 0 ? [undefined] : tags) {
      digests[tags[0] ?? `untagged ${index}`] = ecr.pushImage({ repositoryName: 'api', image, ...(tag && { tag }) });
    }
    await kernel.runFor(DAY_MS);
  }
  return digests;
}

/** Tags that are left, or the digest where there is none. */
function left(): string[] {
  const request = { repositoryName: 'api' } as never;
  const { imageIds } = ecr.operations['ListImages']!.apply(request, { kind: 'operator' }) as ListImagesResponse;
  return imageIds!.map(({ imageTag, imageDigest }) => imageTag ?? imageDigest!);
}

const expiredTags = (): (readonly string[])[] => ecr.applyLifecyclePolicies().map(({ imageTags }) => imageTags);

describe('a lifecycle policy', () => {
  it('keeps as many as it says, the youngest, and tells which it removed and why', async () => {
    await createRepository([rule(1, any(2))]);
    const digests = await pushDaily(['1.0.0'], ['1.1.0'], ['1.2.0'], ['1.3.0']);
    const gone = { repositoryName: 'api', rulePriority: 1 };
    expect(ecr.applyLifecyclePolicies()).toEqual([
      { ...gone, imageDigest: digests['1.0.0'], imageTags: ['1.0.0'] },
      { ...gone, imageDigest: digests['1.1.0'], imageTags: ['1.1.0'] },
    ]);
    expect(left()).toEqual(['1.2.0', '1.3.0']);
    expect(ecr.applyLifecyclePolicies()).toEqual([]);
  });

  it('removes what is older than its days, to the millisecond', async () => {
    await createRepository([rule(1, olderThan('any', 3))]);
    await pushDaily(['1.0.0'], ['1.1.0'], ['1.2.0']);
    expect(expiredTags()).toEqual([]);
    await kernel.runFor(1);
    expect(expiredTags()).toEqual([['1.0.0']]);
  });

  it('never removes an image that an earlier rule speaks of and keeps, whatever else is on it', async () => {
    await createRepository([rule(1, tagged(['rollouts-keep-'], 99_999)), rule(2, any(1))]);
    await pushDaily(['1.0.0', 'rollouts-keep-3'], ['1.1.0'], ['1.2.0']);
    expect(expiredTags()).toEqual([['1.1.0']]);
    await kernel.runFor(1000 * DAY_MS);
    expect(ecr.applyLifecyclePolicies()).toEqual([]);
    expect(left()).toEqual(['1.0.0', 'rollouts-keep-3', '1.2.0']);
  });

  it('removes it once the keeping tag has moved on', async () => {
    await createRepository([rule(1, tagged(['rollouts-keep-'], 99_999)), rule(2, any(1))]);
    await pushDaily(['1.0.0', 'rollouts-keep-3'], ['1.1.0']);
    const moved = imageManifest({ seedText: 'moved' });
    ecr.pushImage({ repositoryName: 'api', image: moved, tag: 'rollouts-keep-3' });
    expect(expiredTags()).toEqual([['1.0.0'], ['1.1.0']]);
    expect(left()).toEqual(['rollouts-keep-3']);
  });

  it('counts for a later rule also what an earlier one keeps', async () => {
    await createRepository([rule(1, tagged(['keep-'], 99)), rule(2, any(2))]);
    await pushDaily(['1.0.0'], ['keep-1'], ['keep-2']);
    expect(expiredTags()).toEqual([['1.0.0']]);
  });

  it('removes an image by one rule only, and counts it for a later one as if it were there', async () => {
    await createRepository([rule(1, tagged(['prod'], 1)), rule(2, tagged(['beta'], 1))]);
    await pushDaily(['beta-1', 'prod-1'], ['beta-2', 'prod-2'], ['beta-3']);
    expect(ecr.applyLifecyclePolicies()).toEqual([
      expect.objectContaining({ imageTags: ['beta-1', 'prod-1'], rulePriority: 1 }),
    ]);
    expect(left()).toEqual(['beta-2', 'prod-2', 'beta-3']);
  });

  it('applies rules by priority, not in the order of its text', async () => {
    await createRepository([rule(9, any(1)), rule(3, tagged(['keep-'], 99))]);
    await pushDaily(['keep-1'], ['1.0.0']);
    expect(expiredTags()).toEqual([]);
  });

  it('speaks of an image when it meets all prefixes of a list, by whichever tags', async () => {
    await createRepository([rule(1, tagged(['alpha', 'beta'], 1))]);
    await pushDaily(['alpha-1'], ['beta-1'], ['alpha-2', 'beta-2'], ['alpha-3', 'beta-3']);
    expect(expiredTags()).toEqual([['alpha-2', 'beta-2']]);
  });

  it('takes patterns with wildcards anywhere, and without any for the tag itself', async () => {
    await createRepository([rule(1, patterned(['*-rc*'], 1)), rule(2, patterned(['main'], 1))]);
    await pushDaily(['1.0.0-rc1'], ['1.0.0-rc2'], ['main'], ['main2'], ['1.0.0']);
    expect(expiredTags()).toEqual([['1.0.0-rc1']]);
  });

  it('for untagged images leaves tagged ones alone', async () => {
    await createRepository([rule(1, olderThan('untagged', 1))]);
    const digests = await pushDaily(['1.0.0'], [], []);
    expect(ecr.applyLifecyclePolicies()).toEqual([expect.objectContaining({ imageDigest: digests['untagged 1'] })]);
    expect(left()).toEqual(['1.0.0', digests['untagged 2']]);
  });

  it('leaves the images of an index until the index is gone', async () => {
    await createRepository([rule(1, olderThan('untagged', 1)), rule(2, olderThan('any', 30))]);
    const child = imageManifest({ seedText: 'child' });
    const index = imageIndex([{ manifest: child, platform: 'linux/amd64' }], { attestation: true });
    ecr.pushImage({ repositoryName: 'api', image: index, tag: '1.0.0' });
    await kernel.runFor(29 * DAY_MS);
    expect(ecr.applyLifecyclePolicies()).toEqual([]);
    await kernel.runFor(2 * DAY_MS);
    expect(expiredTags()).toEqual([['1.0.0']]);
    expect(ecr.applyLifecyclePolicies().map(({ imageDigest }) => imageDigest)).toContain(child.digest);
    expect(left()).toEqual([]);
  });

  it('leaves archived images alone and counts the age of a restored one from its return', async () => {
    await createRepository([rule(1, olderThan('any', 10))]);
    await pushDaily(['1.0.0'], ['1.1.0']);
    const move = (imageTag: string, targetStorageClass: string) =>
      ecr.operations['UpdateImageStorageClass']!.apply(
        { repositoryName: 'api', imageId: { imageTag }, targetStorageClass } as never,
        { kind: 'operator' },
      );
    void move('1.0.0', 'ARCHIVE');
    void move('1.1.0', 'ARCHIVE');
    await kernel.runFor(20 * DAY_MS);
    expect(expiredTags()).toEqual([]);
    void move('1.0.0', 'STANDARD');
    await kernel.runFor(10 * DAY_MS);
    expect(expiredTags()).toEqual([]);
    await kernel.runFor(DAY_MS);
    expect(expiredTags()).toEqual([['1.0.0']]);
  });

  it('does nothing by itself, and sends no event', async () => {
    await createRepository([rule(1, any(1))]);
    await pushDaily(['1.0.0'], ['1.1.0']);
    events.length = 0;
    expect(kernel.nextDueAt).toBeUndefined();
    expect(left()).toEqual(['1.0.0', '1.1.0']);
    ecr.applyLifecyclePolicies();
    expect(events).toEqual([]);
  });

  it('is of its own repository', async () => {
    await createRepository([rule(1, any(1))]);
    ecr.createRepository({ repositoryName: 'other' });
    for (const seedText of ['a', 'b'])
      ecr.pushImage({ repositoryName: 'other', image: imageManifest({ seedText }), tag: seedText });
    expect(ecr.applyLifecyclePolicies()).toEqual([]);
  });
});

describe('a lifecycle policy is refused', () => {
  const wrong = (change: object): Rule[] => [rule(1, { ...tagged(['a'], 1), ...change })];

  it.each<[string, readonly Rule[], RegExp]>([
    ['without rules', [], /100 to 30720 characters/],
    [
      'with two rules of one priority',
      [rule(1, tagged(['a'], 1)), rule(1, tagged(['b'], 1))],
      /rulePriority must be unique/,
    ],
    ['with priority 0', [rule(0, any(1))], /rulePriority/],
    ['with a count of 0', [rule(1, any(0))], /countNumber/],
    [
      'with any before another rule',
      [rule(1, any(1)), rule(2, tagged(['a'], 1))],
      /must have the highest rulePriority/,
    ],
    ['with two rules for any', [rule(1, any(1)), rule(2, any(2))], /must have the highest rulePriority/],
    [
      'with two rules for untagged',
      [rule(1, olderThan('untagged', 1)), rule(2, olderThan('untagged', 2))],
      /only one rule may select untagged/,
    ],
    [
      'with one list of prefixes twice',
      [rule(1, tagged(['a', 'b'], 1)), rule(2, tagged(['b', 'a'], 2))],
      /unique sets/,
    ],
    ['with tagged and no list', [rule(1, { ...any(1), tagStatus: 'tagged' })], /needs one of tagPrefixList/],
    ['with tagged and both lists', wrong({ tagPatternList: ['a*'] }), /needs one of tagPrefixList/],
    ['with untagged and a list', wrong({ tagStatus: 'untagged' }), /takes neither/],
    ['with days for a count', wrong({ countUnit: 'days' }), /countUnit/],
    ['with an age without days', wrong({ countType: 'sinceImagePushed' }), /countUnit/],
    ['with an unknown member', wrong({ color: 'red' }), /Unrecognized key/],
    ['with five wildcards in a pattern', [rule(1, patterned(['*a*b*c*d*'], 1))], /more than 4 wildcards/],
    ['with 51 rules', Array.from({ length: 51 }, (_, index) => rule(index + 1, tagged([`${index}`], 1))), /rules/],
  ])('%s', (_, rules, message) => {
    const error = expect.objectContaining({
      code: 'InvalidParameterException',
      message: expect.stringMatching(message) as string,
    }) as Error;
    expect(() => createRepository(rules)).toThrow(error);
    expect(() => ecr.pushImage({ repositoryName: 'api', image: imageManifest({ seedText: 'a' }) })).toThrow(
      'does not exist',
    );
  });

  it('when it is no JSON', () => {
    const LifecyclePolicy = { LifecyclePolicyText: 'not JSON'.padEnd(100) };
    expect(() => createRepository([], { LifecyclePolicy })).toThrow(/Lifecycle policy validation failure/);
  });

  it.each<[string, Rule]>([
    ['archives', { ...rule(1, any(1)), action: { type: 'transition', targetStorageClass: 'archive' } }],
    ['speaks of archived images', rule(1, { ...any(1), storageClass: 'archive' })],
    ['counts from the last pull', rule(1, { ...olderThan('any', 1), countType: 'sinceImagePulled' })],
  ])('as not modelled when it %s', (_, wanted) => {
    expect(() => createRepository([wanted])).toThrow(/not modelled/);
  });

  it('for the registry of another account', () => {
    const LifecyclePolicyText = JSON.stringify({ rules: [rule(1, any(1))] });
    const LifecyclePolicy = { LifecyclePolicyText, RegistryId: '210987654321' };
    expect(() => createRepository([], { LifecyclePolicy })).toThrow(/registry 210987654321 of another account/);
  });
});
