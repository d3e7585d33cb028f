import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ListServiceDeploymentsResponse, ListTasksResponse } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { EVERY_OUTCOME, OUTCOMES, type Outcome } from '../../functions/rollout/outcomes.ts';
import { readDefinition } from '../../infra/definition.ts';
import type { LambdaState } from '../../region/lambda/model.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { record, type Recorder } from '../../rehearsal/recorder.ts';
import type { World, WorldOptions } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, openAudited, scratchDirectory, setting, synthesizeSetting } from './setting.ts';

/** An alarm as it was deployed. */
interface DeployedAlarm {
  readonly name: string;
  /** Namespace and name. */
  readonly metric: string;
  /** The values of its dimensions, whatever their names. */
  readonly of: readonly string[];
}

/** Something that goes wrong, and the alarms that it must ring: these and no others. */
interface Mishap {
  readonly what: string;
  readonly options?: Omit<WorldOptions, 'assembly'>;
  /** @default the stack of the scenarios' service */
  readonly assembly?: () => Promise<string>;
  readonly happens: (world: World) => Promise<unknown>;
  readonly rings: (alarm: DeployedAlarm) => boolean;
}

const isOutcome =
  (outcome: string) =>
  ({ metric, of }: DeployedAlarm): boolean =>
    metric === 'FargateRollouts Rollouts' && of.includes(outcome);
const isExecutions =
  (ended: 'Failed' | 'TimedOut' | 'Aborted') =>
  ({ metric }: DeployedAlarm): boolean =>
    metric === `AWS/States Executions${ended}`;
const anyOf =
  (...rings: Mishap['rings'][]) =>
  (alarm: DeployedAlarm): boolean =>
    rings.some((ring) => ring(alarm));

/** How a rollout comes to each outcome that has an alarm. */
const WAYS_TO: Partial<Record<Outcome, Mishap['happens']>> = {
  REJECTED: (world) => world.start({ image: { tag: 'nowhere' } }),
  ROLLED_BACK: async (world) => {
    await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 5 });
  },
  ROLLED_BACK_BY_ECS: async (world) => {
    await proveAnImage(world);
    await world.push();
    await world.advance(25);
    await rollBackAsEcs(world);
  },
  ABORTED: async (world) => {
    await proveAnImage(world);
    await world.push();
    await world.advance(1);
    const { executionArn } = world.rollouts().at(-1)!;
    await operate(world.region, 'states', 'StopExecution', { executionArn });
    await world.advance(600);
  },
  ABORTED_EXTERNAL: async (world) => {
    await proveAnImage(world);
    await world.push({ behaviour: 'slow-start', afterSeconds: 200 });
    await world.advance(30);
    await update(world, { taskDefinition: `${world.config.family}:1` });
  },
  FAILED_NO_ROLLBACK_TARGET: async (world) => {
    // Nothing that runs is proven while somebody deploys, and a person who names an image does not wait for the end.
    await update(world, { forceNewDeployment: true });
    const digest = await world.push({ behaviour: 'crash', afterSeconds: 5 });
    await world.start({ image: { digest } });
  },
  FAILED_ROLLBACK: async (world) => {
    await proveAnImage(world);
    // Without its permissions neither the tasks of the new revision can start nor those of the old one.
    world.excuse('permission', /ExecutionRole\S* was refused/, 'nobody gave them to the role again');
    const { ExecutionRole } = world.cell.outputs;
    world.region.iam.replacePolicies(`arn:aws:iam::${world.region.account}:role/${ExecutionRole}`, []);
    await world.push();
  },
};

const OUTCOME_MISHAPS = EVERY_OUTCOME.filter((outcome) => OUTCOMES[outcome].alarm !== null).map((outcome): Mishap => ({
  what: `a rollout ends ${outcome}`,
  happens: async (world) => {
    const way = WAYS_TO[outcome];
    if (!way) throw new Error(`no way to end a rollout with ${outcome} is known here: add one`);
    await way(world);
    await world.untilIdle();
    const isTold = ({ subject }: { readonly subject?: string | undefined }): boolean =>
      subject === `${outcome}: ${world.config.service}`;
    expect(world.notifications().filter(isTold)).toHaveLength(1);
  },
  rings: anyOf(isOutcome(outcome), isExecutions(outcome === 'ABORTED' ? 'Aborted' : 'Failed')),
}));

const MISHAPS: readonly Mishap[] = [
  ...OUTCOME_MISHAPS,
  {
    what: 'an execution exceeds its time',
    assembly: hasty,
    options: { hasTicks: false },
    happens: async (world) => {
      world.excuse(
        'record',
        /owned the service and ended TIMED_OUT, without a record/,
        'the execution is over before it can conclude',
      );
      world.excuse('owner', 'still owns the service', 'and nobody comes to close it');
      await world.push();
      await world.untilIdle();
    },
    rings: isExecutions('TimedOut'),
  },
  {
    what: 'no event can be delivered',
    happens: async (world) => {
      world.excuse(
        'dead-letter',
        /is not authorized to perform: (states:StartExecution|lambda:InvokeFunction) on/,
        'no target lets EventBridge in',
      );
      world.removePermission({ role: 'Push', action: 'states:StartExecution' });
      (world.region.lambda.state as LambdaState).permissions.clear();
      await world.push();
      await update(world, { forceNewDeployment: true });
      await world.advance(200);
      await stopTask(world);
      await world.advance(20 * 60);
    },
    rings: ({ metric }) =>
      ['AWS/Events FailedInvocations', 'AWS/SQS ApproximateNumberOfMessagesVisible'].includes(metric) ||
      metric === 'AWS/Lambda Invocations',
  },
  {
    what: 'every handler fails again and again',
    happens: async (world) => {
      world.excuse('permission', /Handlers\S+ was refused/, 'the functions lost all of theirs');
      for (const { attributes, properties } of resourcesOf(world.cell, 'AWS::Lambda::Function')) {
        world.region.iam.replacePolicies(String(properties['Role']), []);
        for (let time = 0; time < 3; time++) invoke(world, attributes['Arn']!);
      }
      await world.advance(11 * 60);
    },
    rings: ({ metric }) => metric === 'AWS/Lambda Errors',
  },
  {
    what: 'an outcome cannot be told for hours',
    assembly: () => assemblyOf({ tickMinutes: 60 }),
    happens: async (world) => {
      world.region.faults.start({
        at: 'call',
        match: { service: 'sns', operation: 'Publish' },
        does: { kind: 'error', error: 'server-error', isApplied: false },
      });
      await world.push();
      await world.advance(7.5 * 3600);
      world.excuse('notification', /was announced 0 times, not 1/, 'nobody can be told');
    },
    rings: anyOf(
      ({ metric }) => metric === 'FargateRollouts UntoldOutcomes',
      ({ metric, of }) => metric === 'AWS/Lambda Errors' && of.some((name) => name.includes('Conclude')),
      isExecutions('Failed'),
    ),
  },
  {
    what: 'the tick is silent',
    options: { hasTicks: false },
    happens: (world) => world.advance(20 * 60),
    rings: ({ metric }) => metric === 'AWS/Lambda Invocations',
  },
];

it.each(MISHAPS.map((mishap) => [mishap.what, mishap] as const))(
  '%s, and the topic is told by the alarms for that and by no other',
  async (_what, mishap) => {
    const world = await openAudited({
      assembly: await (mishap.assembly ?? (() => assemblyOf({})))(),
      hasTicks: true,
      ...mishap.options,
    });
    await mishap.happens(world);
    await world.advance(120);
    const due = alarmsOf(world).filter(mishap.rings);
    expect(rung(world)).toEqual(due.map(({ name }) => name).sort());
    expect(due.length).toBeGreaterThan(0);
  },
);

it('together they ring every alarm that is deployed', async () => {
  const world = await setting()();
  const silent = alarmsOf(world).filter((alarm) => !MISHAPS.some(({ rings }) => rings(alarm)));
  expect(silent).toEqual([]);
});

it('rings nothing when a push goes live, and the ledger and CloudWatch know how late the deciding event was seen', async () => {
  const world = await setting({ bakeTimeSeconds: 0 })({ hasTicks: true, service: { hasHealthCheck: true } });
  await proveAnImage(world);
  const recorder = record(world);
  await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  recorder.stop();
  await world.advance(30 * 60);

  expect(rung(world)).toEqual([]);
  expect(world.notifications().map(({ subject }) => subject)).toEqual(['SUCCEEDED: prod/api']);
  await expectLag(world, recorder);
});

it('knows how late it saw the event by which an image failed', async () => {
  const world = await setting()();
  await proveAnImage(world);
  const recorder = record(world);
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
  recorder.stop();
  await world.untilIdle();
  await expectLag(world, recorder);
});

/** The lag of the newest record is what an onlooker saw, as far as ECS's clock tells, and is the metric. */
async function expectLag(world: World, { detectionLagSeconds: seen }: Recorder): Promise<void> {
  const { detectionLagSeconds } = (await world.history()).at(-1)!;
  expect(detectionLagSeconds).toBeCloseTo(seen!, 0);
  expect(detectionLagSeconds).toBeGreaterThan(0);
  const { cloudwatch } = world.region;
  const dimensions = { Service: world.config.service };
  const values = cloudwatch.metricValues('FargateRollouts', 'DetectionLagSeconds', dimensions);
  expect(values.map(({ value }) => value)).toEqual([detectionLagSeconds]);
}

/** Names of the alarms that published to the topic that they ring. */
function rung(world: World): string[] {
  const messages = world.notifications().filter(({ subject }) => subject?.startsWith('ALARM: '));
  const names = messages.map(({ message }) => (JSON.parse(message) as { readonly AlarmName: string }).AlarmName);
  return [...new Set(names)].sort();
}

function alarmsOf({ cell }: World): DeployedAlarm[] {
  return resourcesOf(cell, 'AWS::CloudWatch::Alarm').map(({ ref, properties }) => {
    const { Namespace, MetricName, Dimensions } = properties as unknown as AlarmProperties;
    return { name: ref, metric: `${Namespace} ${MetricName}`, of: Dimensions.map(({ Value }) => Value) };
  });
}

interface AlarmProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Value: string }[];
}

function resourcesOf({ resources }: World['cell'], wanted: string) {
  return [...resources.values()].filter(({ type }) => type === wanted);
}

/** The stack with executions that may last half a minute. */
function hasty(): Promise<string> {
  const definitionFile = join(scratchDirectory(), 'hasty.asl.yaml');
  writeFileSync(definitionFile, JSON.stringify({ ...readDefinition(), TimeoutSeconds: 30 }));
  return synthesizeSetting(scratchDirectory(), {}, [], { definitionFile });
}

/** Invokes a function as nobody does who means it well. */
/** With an event that wakes a watch: who is woken by nothing of the kind reads nothing, and cannot fail. */
function invoke({ region }: World, functionArn: string): void {
  const detail = { deploymentId: 'ecs-svc/1', updatedAt: new Date(region.kernel.now).toISOString() };
  const payload = { 'detail-type': 'ECS Deployment State Change', detail };
  region.lambda.invoke({ functionArn, payload, caller: { kind: 'operator' }, onEnd: () => undefined });
}

async function update({ region, config }: World, change: object): Promise<void> {
  const { cluster, serviceName: service } = config;
  await operate(region, 'ecs', 'UpdateService', { cluster, service, ...change });
}

async function rollBackAsEcs({ region, config }: World): Promise<void> {
  const { cluster, serviceName: service } = config;
  const running = { cluster, service, status: ['IN_PROGRESS'] };
  const { serviceDeployments } = await operate<ListServiceDeploymentsResponse>(
    region,
    'ecs',
    'ListServiceDeployments',
    running,
  );
  const { serviceDeploymentArn } = serviceDeployments![0]!;
  await operate(region, 'ecs', 'StopServiceDeployment', { serviceDeploymentArn, stopType: 'ROLLBACK' });
}

async function stopTask({ region, config }: World): Promise<void> {
  const { cluster, serviceName } = config;
  const { taskArns } = await operate<ListTasksResponse>(region, 'ecs', 'ListTasks', { cluster, serviceName });
  await operate(region, 'ecs', 'StopTask', { cluster, task: taskArns![0] });
}
