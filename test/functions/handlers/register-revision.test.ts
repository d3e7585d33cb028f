import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, afterAll, expect, it, vi } from 'vitest';
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
