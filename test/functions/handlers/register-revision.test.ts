import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../functions/aws/log.ts';
import { handler } from '../../../functions/register-revision.ts';
import { BASELINE_SLOT, KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import type { RollbackTarget } from '../../../functions/rollout/ledger.ts';
import { ROLLOUT_TAG } from '../../../functions/rollout/next-revision.ts';
import { useEnvironment } from '../aws/environment.ts';
import { useWire } from '../aws/wire.ts';
import { config, digest, emptyService, image, ledger, owner, proven, revision } from '../rollout/given.ts';

useEnvironment();
const wire = useWire();
beforeAll(() => void vi.spyOn(logger, 'info').mockReturnValue());
afterAll(() => void vi.restoreAllMocks());

const answer = (body: object) => [{ text: JSON.stringify(body) }];
const keeping = config({ keepTagPrefix: KEEP_TAG_PREFIX });

const revisionWith = (digit: string) => ({
  taskDefinitionArn: revision(2),
  status: 'ACTIVE',
  family: 'web',
  containerDefinitions: [{ name: 'app', image: `${process.env['REPOSITORY_URI']}@${digest(digit)}` }],
});

/** The tags that an attempt gives, by digest: it finds the revision that an earlier one registered. */
async function tagged(rollbackTarget: RollbackTarget | undefined, rolled = keeping) {
  const mine = { key: ROLLOUT_TAG, value: 'r1' };
  wire.answers = {
    GetItem: answer({}),
    ListTaskDefinitions: answer({ taskDefinitionArns: [revision(2), revision(1)] }),
    DescribeTaskDefinition: answer({ taskDefinition: revisionWith('b'), tags: [mine] }),
    BatchGetImage: answer({ images: [{ imageManifest: '{}', imageManifestMediaType: 'application/json' }] }),
    PutImage: answer({}),
  };
  const decision = { image: image('b'), rollbackTarget };
  const registered = await handler({ config: rolled, rolloutId: 'r1', decision, base: revision(1) });
  expect(registered).toEqual({ taskDefinition: revision(2) });
  const put = wire.requests.filter(({ operation }) => operation === 'PutImage');
  return put.map(({ text }) => {
    const { imageDigest, imageTag } = JSON.parse(text) as Record<string, string>;
    return [imageDigest, imageTag];
  });
}

it('RegisterRevision tags a baseline that somebody else brought, so that no lifecycle rule deletes it meanwhile', async () => {
  const target = { kind: 'revision', ...proven('a', 1) } as const;
  expect(await tagged(target)).toEqual([[digest('a'), `${KEEP_TAG_PREFIX}${BASELINE_SLOT}`]]);
});

it.each<[string, RollbackTarget | undefined, typeof keeping?]>([
  ['that has a tag of its own', { kind: 'revision', ...proven('a', 1, { keepSlot: 2 }) }],
  ['whose image is not known', { kind: 'revision', ...proven('a', 1, { digest: undefined }) }],
  ['that is the empty service', emptyService(1)],
  ['that there is not', undefined],
  ['where no image is kept', { kind: 'revision', ...proven('a', 1) }, config()],
])('RegisterRevision leaves the baseline’s tag where it is for a way back %s', async (_case, target, rolled) => {
  expect(await tagged(target, rolled)).toEqual([]);
});

it('RegisterRevision does not take for its own what a tool made of it, tags and all, with another image', async () => {
  const mine = { key: ROLLOUT_TAG, value: 'r1' };
  const [base, rendered, own] = [revision(1), revision(2), revision(3)];
  const described = { ...revisionWith('f'), taskDefinitionArn: rendered };
  wire.answers = {
    GetItem: answer({}),
    ListTaskDefinitions: answer({ taskDefinitionArns: [base, rendered] }),
    DescribeTaskDefinition: answer({ taskDefinition: described, tags: [mine] }),
    RegisterTaskDefinition: answer({ taskDefinition: { ...revisionWith('b'), taskDefinitionArn: own } }),
  };
  const decision = { image: image('b'), rollbackTarget: undefined };
  expect(await handler({ config: config(), rolloutId: 'r1', decision, base })).toEqual({ taskDefinition: own });
});

it('RegisterRevision has the record say that credentials of another registry fell', async () => {
  const [app] = revisionWith('a').containerDefinitions;
  const containerDefinitions = [{ ...app, image: 'ghcr.io/a/b', repositoryCredentials: { credentialsParameter: 'x' } }];
  const state = { service: 'default/web', entry: 'state', ...ledger({ owner: owner() }) };
  wire.answers = {
    ListTaskDefinitions: answer({ taskDefinitionArns: [revision(1)] }),
    DescribeTaskDefinition: answer({ taskDefinition: { ...revisionWith('a'), containerDefinitions } }),
    RegisterTaskDefinition: answer({ taskDefinition: revisionWith('b') }),
    GetItem: answer({ Item: marshall(state, { removeUndefinedValues: true }) }),
    PutItem: answer({}),
  };
  const decision = { image: image('b'), rollbackTarget: undefined };
  await handler({ config: config(), rolloutId: 'r1', decision, base: revision(1) });
  const written = wire.requests.find(({ operation }) => operation === 'PutItem')!;
  const { Item } = JSON.parse(written.text) as { Item: Parameters<typeof unmarshall>[0] };
  expect(unmarshall(Item)['owner']).toMatchObject({
    remarks: ['The new revision has no repositoryCredentials for app, as its image is in ECR.'],
  });
  const registered = wire.requests.find(({ operation }) => operation === 'RegisterTaskDefinition')!;
  expect(registered.text).not.toContain('repositoryCredentials');
});

describe('RegisterRevision that AWS turns away', () => {
  const throttled = { status: 400, text: '{"__type":"ThrottlingException","message":"Rate exceeded"}' };
  const registered = (): { text: string } => ({ text: JSON.stringify({ taskDefinition: revisionWith('b') }) });
  const input = { config: config(), decision: { image: image('b'), rollbackTarget: undefined }, base: revision(1) };

  /** The ledger as a table would keep it: what is put there is what is read next. */
  function keepLedger(rolloutId: string, deadline = Date.now() + 60_000): void {
    const state = { service: 'default/web', entry: 'state', ...ledger({ owner: owner({ rolloutId, deadline }) }) };
    wire.answers = {
      GetItem: answer({ Item: marshall(state, { removeUndefinedValues: true }) }),
      PutItem: answer({}),
      ListTaskDefinitions: answer({ taskDefinitionArns: [revision(1)] }),
      DescribeTaskDefinition: answer({ taskDefinition: revisionWith('a') }),
      RegisterTaskDefinition: [throttled, registered()],
    };
  }

  function followLedger(): void {
    const put = wire.requests.findLast(({ operation }) => operation === 'PutItem')!;
    wire.answers['GetItem'] = [{ text: put.text }];
  }

  /** What the next attempt sends. */
  async function sentBy(attempt: () => Promise<unknown>): Promise<string[]> {
    wire.requests.length = 0;
    await attempt();
    return wire.requests.map(({ operation }) => operation);
  }

  it('waits for its turn, keeps its lease, and then only sends what it was about to send', async () => {
    keepLedger('r-turn');
    const attempt = (): Promise<object> => handler({ ...input, rolloutId: 'r-turn' });
    await expect(attempt()).rejects.toMatchObject({
      name: 'AwsThrottled',
      message: 'ThrottlingException: Rate exceeded',
    });
    followLedger();
    wire.answers['RegisterTaskDefinition'] = [throttled, registered()];
    const again = async (): Promise<void> => expect(attempt()).rejects.toMatchObject({ name: 'AwsThrottled' });
    expect(await sentBy(again)).toEqual(['GetItem', 'RegisterTaskDefinition']);
    expect(await sentBy(attempt)).toEqual(['GetItem', 'RegisterTaskDefinition']);
  });

  it('looks anew, and lets everybody else do so, when another attempt may have come between', async () => {
    keepLedger('r-moved');
    const attempt = (): Promise<object> => handler({ ...input, rolloutId: 'r-moved' });
    await expect(attempt()).rejects.toMatchObject({ name: 'AwsThrottled' });
    followLedger();
    const { Item } = JSON.parse(wire.answers['GetItem']![0]!['text' as never]) as { Item: Record<string, object> };
    wire.answers['GetItem'] = answer({ Item: { ...Item, version: { N: '99' } } });
    expect(await sentBy(attempt)).toEqual([
      'GetItem',
      'PutItem',
      'ListTaskDefinitions',
      'DescribeTaskDefinition',
      'RegisterTaskDefinition',
    ]);
  });

  it('looks anew after an attempt of which nobody knows the end', async () => {
    keepLedger('r-lost');
    wire.answers['RegisterTaskDefinition'] = [throttled, 'hang-up', registered()];
    const attempt = (): Promise<object> => handler({ ...input, rolloutId: 'r-lost' });
    await expect(attempt()).rejects.toMatchObject({ name: 'AwsThrottled' });
    followLedger();
    await expect(attempt()).rejects.toMatchObject({ name: 'AwsUnavailable' });
    expect(await sentBy(attempt)).toContain('ListTaskDefinitions');
  });

  it('remembers nothing of another rollout', async () => {
    keepLedger('r-one');
    await expect(handler({ ...input, rolloutId: 'r-one' })).rejects.toMatchObject({ name: 'AwsThrottled' });
    keepLedger('r-two');
    wire.answers['RegisterTaskDefinition'] = [registered()];
    expect(await sentBy(() => handler({ ...input, rolloutId: 'r-two' }))).toContain('ListTaskDefinitions');
  });

  it('ends as unavailable when its deadline has passed', async () => {
    keepLedger('r-late', Date.now() - 1);
    await expect(handler({ ...input, rolloutId: 'r-late' })).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });
});
