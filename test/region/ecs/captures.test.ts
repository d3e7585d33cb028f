import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { RegisterTaskDefinitionRequest, Tag } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { EcsRegion, faultOf } from './ecs-fixture.ts';

/** A folder of recorded AWS payloads, which is no part of this repository. Without it these tests are skipped. */
const { CAPTURES = '' } = process.env;
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(CAPTURES, file), 'utf8'));

type Json = Record<string, unknown>;

/** Every path of members within a payload (`deployments[].id`); list items are merged. */
function pathsOf(value: unknown, prefix = ''): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...pathsOf(item, `${prefix}[]`)]));
  if (typeof value !== 'object' || value === null || value instanceof Date) return new Set([prefix]);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return new Set([prefix, ...members.flatMap(([name, member]) => [...pathsOf(member, `${prefix}.${name}`)])]);
}

const missing = (from: Set<string>, expected: Set<string>): string[] =>
  [...expected].filter((member) => !from.has(member)).sort();

/** A roll, and a service that stopped a task, so that all shapes have been seen. */
async function playedRegion(): Promise<EcsRegion> {
  const region = new EcsRegion();
  await region.steadyService({ desiredCount: 1, tags: [{ key: 'a', value: 'b' }] }, { memory: 512 });
  region.roll(region.push('v2', 'b'), { memory: 512 });
  await region.untilSettled();
  return region;
}

describe.skipIf(!CAPTURES)('against recorded payloads', () => {
  it('DescribeServices answers every member of a recorded steady service, and no others than newer ones', async () => {
    const region = await playedRegion();
    const { services } = region.call('DescribeServices', { cluster: 'prod', services: ['api'], include: ['TAGS'] });
    const [recorded] = (read('ecs-api/describe-services-steady-completed.json') as { services: Json[] }).services;
    const ours = pathsOf(services![0]);
    const theirs = pathsOf(recorded);
    expect(missing(ours, theirs)).toEqual([]);
    // The recording is of 2023: service deployments came in October 2024, rebalancing a month later.
    expect(missing(theirs, ours)).toEqual([
      '.availabilityZoneRebalancing',
      '.currentServiceDeployment',
      '.currentServiceRevisions[]',
      '.currentServiceRevisions[].arn',
      '.currentServiceRevisions[].pendingTaskCount',
      '.currentServiceRevisions[].requestedTaskCount',
      '.currentServiceRevisions[].runningTaskCount',
    ]);
  });

  it('UpdateService answers a new deployment as the recorded one: same members, same zeros, same reasons', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    region.register(region.push('v2', 'b'));
    const { service } = region.call('UpdateService', { cluster: 'prod', service: 'api', taskDefinition: 'api:2' });
    const recorded = (read('ecs-api/update-service-new-deployment-at-zero.json') as { service: Json }).service;
    const deployments = recorded['deployments'] as Json[];
    const told = (deployment: Json) => [
      deployment['status'],
      deployment['desiredCount'],
      deployment['pendingCount'],
      deployment['runningCount'],
      deployment['rolloutState'],
      String(deployment['rolloutStateReason']).replace(String(deployment['id']), 'ID'),
    ];
    expect((service!.deployments as Json[]).map(told)).toEqual(deployments.map(told));
    const launched =
      /capacityProviderStrategy|launchType|loadBalancers|serviceRegistries|healthCheckGracePeriodSeconds/;
    expect(missing(pathsOf(service), pathsOf(recorded)).filter((member) => !launched.test(member))).toEqual([]);
  });

  it.each(['ecs-api/describe-tasks-running-vpc.json'])('DescribeTasks answers every member of %s', async (file) => {
    const region = await playedRegion();
    const [recorded] = (read(file) as { tasks: Json[] }).tasks;
    // Our container sets `memory`, the recorded one `memoryReservation`; tags of tasks are not modelled.
    const expected = missing(pathsOf(region.tasks()[0]), pathsOf(recorded));
    expect(expected.filter((member) => !/memoryReservation|\.tags\[]/.test(member))).toEqual([]);
  });

  it.each([
    ['ecs-events/task-provisioning-eni-precreated.json', 'PROVISIONING', 'RUNNING'],
    ['ecs-events/task-service-running.json', 'RUNNING', 'RUNNING'],
    ['ecs-events/task-stopped-scaling-activity.json', 'STOPPED', 'STOPPED'],
  ])('ECS Task State Change has the members of %s', async (file, lastStatus, desiredStatus) => {
    const region = await playedRegion();
    const recorded = read(file) as Json;
    const ours = region.events.find(
      ({ detail }) => detail['lastStatus'] === lastStatus && detail['desiredStatus'] === desiredStatus,
    )!;
    // ECS Exec, which is not modelled, brings managed agents.
    const expected = missing(pathsOf(ours.detail), pathsOf(recorded['detail'])).filter(
      (member) => !member.includes('managedAgents'),
    );
    expect(expected).toEqual([]);
    expect(ours.detail['version']).toBe((recorded['detail'] as Json)['version']);
    expect(ours.resources[0]).toMatch(/^arn:aws:ecs:us-east-1:123456789012:task\/prod\/[0-9a-f]{32}$/);
  });

  it.each([
    [
      'ecs-events/deployment-in-progress-with-cluster-arn.json',
      'ECS Deployment State Change',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
    ],
    ['ecs-events/deployment-completed-2022.json', 'ECS Deployment State Change', 'SERVICE_DEPLOYMENT_COMPLETED'],
    ['ecs-events/service-action-steady-state.json', 'ECS Service Action', 'SERVICE_STEADY_STATE'],
  ])('the event of %s has its members and words', async (file, detailType, eventName) => {
    const region = await playedRegion();
    const recorded = read(file) as { detail: Json; source: string };
    const ours = region.events.find(
      (event) => event['detail-type'] === detailType && event.detail['eventName'] === eventName,
    )!;
    expect(missing(pathsOf(ours.detail), pathsOf(recorded.detail))).toEqual([]);
    expect([ours.source, ours.detail['eventType']]).toEqual([recorded.source, recorded.detail['eventType']]);
    const withoutId = (text: unknown) => String(text).replace(/ecs-svc\/\d+/, 'ID');
    expect(withoutId(ours.detail['reason'])).toBe(withoutId(recorded.detail['reason']));
  });

  it.each([
    ['DescribeServiceRevisions', 'ecs-api/describe-service-revisions-official.json', 'serviceRevisions'],
    ['ListServiceDeployments', 'ecs-api/list-service-deployments-apiref-official.json', 'serviceDeployments'],
  ] as const)('%s answers every member of %s', async (operation, file, member) => {
    const region = await playedRegion();
    const arn = region.service.currentServiceRevisions![0]!.arn!;
    const answer = region.ecs.operations[operation]!.apply(
      { serviceRevisionArns: [arn], cluster: 'prod', service: 'api' } as never,
      { kind: 'operator' },
    ) as Json;
    const [recorded] = (read(file) as Record<string, Json[]>)[member]!;
    const ours = pathsOf((answer[member] as Json[])[0]);
    // The recorded revision runs on a capacity provider strategy, ours on a launch type.
    expect(missing(ours, pathsOf(recorded)).filter((path) => !path.startsWith('.capacityProviderStrategy'))).toEqual(
      [],
    );
  });

  it('uses only service event messages whose words were recorded', async () => {
    const words = (text: string) =>
      text
        .replace(/^\(service \S+\) /, '')
        .replace(/(\(task [0-9a-f-]+\) ?)+/g, 'TASKS ')
        .replace(/ecs-svc\/\d+/g, 'ID')
        .replace(/\d+/g, 'N')
        .replace('TASKS .', 'TASKS.');
    const recorded = new Set<string>();
    for (const file of readdirSync(path.join(CAPTURES, 'ecs-api'))) {
      for (const [, text] of readFileSync(path.join(CAPTURES, 'ecs-api', file), 'utf8').matchAll(
        /"message": "((?:[^"\\]|\\.)*)"/g,
      ))
        recorded.add(words(text!));
    }
    const region = new EcsRegion();
    const healthCheck = { command: ['CMD', 'true'], interval: 10 };
    const deploymentCircuitBreaker = { enable: true, rollback: true };
    await region.steadyService({ deploymentConfiguration: { deploymentCircuitBreaker } }, { healthCheck });
    region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), { healthCheck });
    await region.untilSteady();
    const ours = new Set(region.service.events!.map(({ message }) => words(message!)));
    expect([...ours].filter((message) => !recorded.has(message))).toEqual([]);
    expect(ours.size).toBeGreaterThanOrEqual(7);
  });

  const definitions = CAPTURES
    ? readdirSync(path.join(CAPTURES, 'task-definitions')).filter(
        // An empty form, all of whose numbers are 0.
        (file) => file.endsWith('.json') && file !== 'all-members-skeleton-official.json',
      )
    : [];

  it.each(definitions)('registers and describes task definition %s without losing or changing a member', (file) => {
    const region = new EcsRegion();
    const { input, tags } = registrable(read(`task-definitions/${file}`) as Json);
    const request = { ...input, ...(tags.length > 0 ? { tags } : {}) } as unknown as RegisterTaskDefinitionRequest;
    const family = region.call('RegisterTaskDefinition', repaired(region, request)).taskDefinition!.family!;
    const described = region.call('DescribeTaskDefinition', { taskDefinition: family, include: ['TAGS'] });
    expect(described.tags).toEqual(tags);
    const { tags: _tags, ...sent } = withoutNulls(repaired(region, request)) as Json;
    expect(described.taskDefinition).toMatchObject(normalised(sent));
    // Registering what was described gives the same definition again.
    const again = registrable(described as unknown as Json).input as unknown as RegisterTaskDefinitionRequest;
    const second = region.call('RegisterTaskDefinition', again).taskDefinition!;
    const { taskDefinitionArn: _arn, revision: _revision, ...rest } = second;
    expect(described.taskDefinition).toMatchObject(rest);
  });
});

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
  'tags',
];

/** What a client would register of a described or exported definition; exports carry their tags inside. */
function registrable(raw: Json): { input: Json; tags: Tag[] } {
  const given = (raw['taskDefinition'] ?? raw) as Json;
  const tags = (raw['tags'] ?? given['tags'] ?? []) as Tag[];
  return { input: Object.fromEntries(Object.entries(given).filter(([name]) => !OUTPUT_ONLY.includes(name))), tags };
}

/** Fills what AWS itself refuses in three of the collected files: empty names and images, missing memory, no storage. */
function repaired(region: EcsRegion, input: RegisterTaskDefinitionRequest): RegisterTaskDefinitionRequest {
  const isRefused =
    !input.family ||
    input.containerDefinitions!.some(
      ({ image, memory, memoryReservation }) => !isImage(image) || !(input.memory || memory || memoryReservation),
    );
  if (!isRefused) return input;
  expect(faultOf(() => region.call('RegisterTaskDefinition', input))).toContain('ClientException');
  const containerDefinitions = input.containerDefinitions!.map((container, index) => ({
    ...container,
    name: container.name || `c${index}`,
    image: isImage(container.image) ? container.image : 'busybox',
    memory: container.memory || 128,
  }));
  const ephemeralStorage = input.ephemeralStorage && { sizeInGiB: 21 };
  return {
    ...input,
    family: input.family || 'family',
    containerDefinitions,
    ...(ephemeralStorage && { ephemeralStorage }),
  };
}

/** Templates have placeholders where definitions have images. */
function isImage(image: string | undefined): boolean {
  return Boolean(image) && !image!.includes('{{');
}

/** Sizes come back as plain numbers of CPU units and MiB. */
function normalised(sent: Json): Json {
  const sizes: Record<string, string> = { '.25 vcpu': '256', '.5 gb': '512' };
  const size = (name: string) =>
    typeof sent[name] === 'string' ? { [name]: sizes[sent[name].toLowerCase()] ?? sent[name] } : {};
  return { ...sent, ...size('cpu'), ...size('memory') };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}
