import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DescribeTaskDefinitionResponse, RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { setting } from './setting.ts';

const openWorld = setting({ taskRole: 'api-task' });

type Json = Readonly<Record<string, unknown>>;

const OUTPUT_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
];
const DIGEST = `sha256:${'d'.repeat(64)}`;

/** Lets the deployed RegisterRevision handler make the next revision of `definition`, and describes both. */
async function nextOf(
  world: World,
  definition: Json,
  tags: readonly Json[],
): Promise<{ before: DescribeTaskDefinitionResponse; after: DescribeTaskDefinitionResponse; container: string }> {
  const { region } = world;
  world.excuse('revision', 'a-rollout', 'the handler is invoked by itself, for no rollout that runs');
  const registered = await operate<RegisterTaskDefinitionResponse>(region, 'ecs', 'RegisterTaskDefinition', {
    ...definition,
    ...(tags.length > 0 && { tags }),
  });
  const base = registered.taskDefinition!.taskDefinitionArn!;
  const container = registered.taskDefinition!.containerDefinitions![0]!.name!;
  const payload = {
    config: { ...world.config, containers: [container] },
    rolloutId: 'a-rollout',
    decision: { image: { digest: DIGEST } },
    base,
  };
  const { taskDefinition } = (await invoke(world, 'RegisterRevision', payload)) as { taskDefinition: string };
  const describeRevision = (arn: string): Promise<DescribeTaskDefinitionResponse> =>
    operate(region, 'ecs', 'DescribeTaskDefinition', { taskDefinition: arn, include: ['TAGS'] });
  return { before: await describeRevision(base), after: await describeRevision(taskDefinition), container };
}

async function invoke({ region, cell }: World, name: string, payload: object): Promise<unknown> {
  const [, { attributes }] = [...cell.resources].find(
    ([logicalId, { type }]) => type === 'AWS::Lambda::Function' && logicalId.startsWith(`Handlers${name}Function`),
  )!;
  const [, machineRole] = [...cell.resources].find(
    ([logicalId, { type }]) => type === 'AWS::IAM::Role' && logicalId.startsWith('RolloutRole'),
  )!;
  const caller = { kind: 'role', roleArn: machineRole.attributes['Arn']!, sessionName: 'test' } as const;
  const ended: unknown[] = [];
  region.lambda.invoke({ functionArn: attributes['Arn']!, payload, caller, onEnd: (result) => ended.push(result) });
  await region.kernel.runUntil(() => ended.length > 0, `the end of ${name}`, 60_000);
  expect(ended).toEqual([expect.objectContaining({ kind: 'answered' })]);
  return (ended[0] as { payload: unknown }).payload;
}

/** What the next revision must be: the current one with another image in one container. */
function expectOnlyTheImageChanged({ before, after, container }: Awaited<ReturnType<typeof nextOf>>): void {
  const strip = ({ taskDefinition }: DescribeTaskDefinitionResponse): Json =>
    Object.fromEntries(Object.entries(taskDefinition!).filter(([member]) => !OUTPUT_ONLY.includes(member)));
  const expected = structuredClone(strip(before)) as { containerDefinitions: { name: string; image: string }[] };
  const changed = expected.containerDefinitions.find(({ name }) => name === container)!;
  changed.image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api@${DIGEST}`;
  expect(strip(after)).toEqual(expected);
  const kept = (before.tags ?? []).filter(({ key }) => !key!.startsWith('aws:'));
  expect(after.tags).toEqual([...kept, { key: 'rollouts:rollout-id', value: 'a-rollout' }]);
}

/** Family and roles are the ones that the stack may touch; everything else is as given. */
function ours(raw: Json): { definition: Json; tags: Json[] } {
  const given = (raw['taskDefinition'] ?? raw) as Json;
  const tags = ((raw['tags'] ?? given['tags'] ?? []) as Json[]).filter(({ key }) => !String(key).startsWith('aws:'));
  const members = Object.entries(given).filter(
    ([member, value]) => value !== null && member !== 'tags' && !OUTPUT_ONLY.includes(member),
  );
  const role = (name: string, arn: string): Json => (given[name] ? { [name]: arn } : {});
  const definition = {
    ...Object.fromEntries(members),
    family: 'api',
    ...role('executionRoleArn', 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole'),
    ...role('taskRoleArn', 'arn:aws:iam::123456789012:role/api-task'),
  };
  return { definition: withoutNulls(definition) as Json, tags };
}

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) => member ?? undefined);
}

describe('the next revision, made by the deployed handler with the deployed permissions', () => {
  it('keeps members that no SDK knows yet, at every level', async () => {
    const world = await openWorld({ futureFields: ['hoverboard', 'fluxCapacitor', 'gigawatts'] });
    const definition = {
      family: 'api',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
      cpu: '256',
      memory: '512',
      hoverboard: { gigawatts: 1.21 },
      containerDefinitions: [{ name: 'api', image: 'nginx', essential: true, fluxCapacitor: [{ gigawatts: 3 }] }],
    };
    const revisions = await nextOf(world, definition, []);
    expectOnlyTheImageChanged(revisions);
    expect(revisions.after.taskDefinition).toMatchObject({
      hoverboard: { gigawatts: 1.21 },
      containerDefinitions: [{ fluxCapacitor: [{ gigawatts: 3 }] }],
    });
  });

  const folder = process.env['CAPTURES'] && join(process.env['CAPTURES'], 'task-definitions');
  const files = folder
    ? readdirSync(folder).filter((file) => file.endsWith('.json'))
    : ['(skipped: CAPTURES names no folder of captured definitions)'];

  it.skipIf(!folder).each(files)('keeps everything of %s', async (file) => {
    const world = await openWorld({ service: 'absent' });
    const { definition, tags } = ours(JSON.parse(readFileSync(join(folder!, file), 'utf8')) as Json);
    const refused = await refusalOf(world, definition);
    // A skeleton or template that ECS itself refuses cannot be what a service runs.
    if (refused) return expect(refused).toMatch(/^(ClientException|InvalidParameterException)/);
    expectOnlyTheImageChanged(await nextOf(world, definition, tags));
  });
});

async function refusalOf({ region }: World, definition: Json): Promise<string | undefined> {
  try {
    await operate(region, 'ecs', 'RegisterTaskDefinition', definition);
    return undefined;
  } catch (error) {
    return `${(error as { code?: string }).code ?? ''} ${(error as Error).message}`;
  }
}
