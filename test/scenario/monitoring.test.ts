import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ListServiceDeploymentsResponse, ListTasksResponse } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { ALARM_IDS, type AlarmId } from '../../configuration/names.ts';
import { EVERY_OUTCOME, OUTCOMES, type Outcome } from '../../functions/rollout/outcomes.ts';
import { readDefinition } from '../../infra/definition.ts';
import type { CloudWatchState } from '../../region/cloudwatch/model.ts';
import type { LambdaState } from '../../region/lambda/model.ts';
import type { LogsState } from '../../region/logs/model.ts';
import type { SqsState } from '../../region/sqs/model.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { record, type Recorder } from '../../rehearsal/recorder.ts';
import type { World, WorldOptions } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, openAudited, scratchDirectory, setting, synthesizeSetting } from './setting.ts';

/** Something that goes wrong, and the alarms that it must ring: these and no others. */
interface Mishap {
  readonly what: string;
  readonly options?: Omit<WorldOptions, 'assembly'>;
  /** @default the stack of the scenarios' service */
  readonly assembly?: () => Promise<string>;
  readonly happens: (world: World) => Promise<unknown>;
  readonly rings: readonly AlarmId[];
  /** What puts it right: those that are red then come to rest within minutes. */
  readonly ends?: (world: World) => Promise<unknown>;
}

/** How a rollout comes to each outcome of which people are told, but for success. */
const WAYS_TO: Partial<Record<Outcome, Mishap['happens']>> = {
  STAGED: async (world) => {
    await update(world, { desiredCount: 0 });
    await world.untilIdle();
    await world.push();
  },
  HELD: async (world) => {
    await proveAnImage(world);
    await world.push();
    await world.untilIdle();
    await world.start({ rollback: true });
    await world.untilIdle();
    await world.push();
  },
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

/** Rolls out an image that is good. */
const rollOut = async (world: World): Promise<void> => {
  await world.push();
  await world.untilIdle();
};

const OUTCOME_MISHAPS = EVERY_OUTCOME.filter((outcome) => OUTCOMES[outcome].isAnnounced && outcome !== 'SUCCEEDED').map(
  (outcome): Mishap => ({
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
    rings: OUTCOMES[outcome].needs === null ? [] : ['NeedsSomeone'],
    ...(outcome === 'FAILED_NO_ROLLBACK_TARGET' ? { ends: rollOut } : {}),
  }),
);

const MISHAPS: readonly Mishap[] = [
  ...OUTCOME_MISHAPS,
  {
    what: 'someone stops the very first launch, which is taken back',
    assembly: () => assemblyOf({ provision: { port: 8000, cpu: 256, memoryMiB: 512, desiredCount: 2 } }),
    happens: async (world) => {
      await world.push({ behaviour: 'slow-start', afterSeconds: 200 });
      await world.advance(30);
      await operate(world.region, 'states', 'StopExecution', { executionArn: world.rollouts().at(-1)!.executionArn });
      await world.advance(900);
      expect((await world.history()).at(-1)).toMatchObject({ outcome: 'FAILED_NO_ROLLBACK_TARGET' });
    },
    rings: [],
  },
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
    rings: ['ExecutionsUnrecorded'],
  },
  {
    what: 'an execution cannot read the ledger for minutes',
    happens: async (world) => {
      world.region.faults.start({
        at: 'call',
        match: {
          service: 'dynamodb',
          operation: 'GetItem',
          roleArn: String(functionOf(world, 'AcceptIntent').properties['Role']),
        },
        does: { kind: 'error', error: 'server-error', isApplied: false },
        when: { lastsSeconds: 280 },
      });
      await world.start({});
      await world.untilIdle();
      expect(world.rollouts().at(-1)).toMatchObject({ status: 'FAILED' });
    },
    rings: ['ExecutionsUnrecorded'],
    ends: (world) => world.untilIdle(),
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
      // Half a day: the messages stay.
      await world.advance(12 * 3600);
    },
    rings: ['EventsUndelivered', 'TickSilent'],
  },
  {
    what: 'a push cannot be delivered, and SQS deletes what is left of it after two weeks',
    happens: async (world) => {
      world.removePermission({ role: 'Push', action: 'states:StartExecution' });
      await world.push();
      // Nobody touches the queue but the tick.
      await world.advance(3600);
      expect(world.alarms()).toEqual([`${world.cell.stackName}-EventsUndelivered`]);
    },
    rings: ['EventsUndelivered'],
    ends: (world) => {
      const { queues } = world.region.sqs.state as SqsState;
      for (const queue of queues.values())
        queue.messages = queue.messages.map((one) => ({ ...one, sentAtMs: one.sentAtMs - 14 * 86_400_000 }));
      return world.advance(3600);
    },
  },
  {
    what: 'the tick fails again and again',
    happens: async (world) => {
      world.removePermission({ role: 'Tick', action: 'dynamodb:GetItem' });
      await world.advance(21 * 60);
    },
    rings: ['FunctionsFailing'],
  },
  {
    what: 'a function is throttled for long',
    happens: async (world) => {
      world.region.faults.start({
        at: 'invocation',
        match: { functionName: functionOf(world, 'AcceptIntent').ref },
        does: { kind: 'error', error: 'TooManyRequestsException', runs: 'never' },
        when: { lastsSeconds: 1200 },
      });
      await world.push();
      await world.advance(1260);
    },
    rings: ['FunctionsStopped'],
    ends: (world) => world.untilIdle(),
  },
  {
    what: 'a function that waits for an event times out again and again',
    happens: async (world) => {
      const group = [...(world.region.logs.state as LogsState).groups.keys()].find((name) => name.endsWith('/tick'))!;
      for (let time = 0; time < 4; time++) {
        // The region writes no line of Lambda itself.
        const line = `${new Date(world.region.kernel.now).toISOString()} 1-2-3 Task timed out after 30.00 seconds`;
        world.region.logs.writeLog(group, 'stream', line);
        await world.advance(300);
      }
    },
    rings: ['FunctionsStopped'],
    ends: (world) => world.advance(20 * 60),
  },
  {
    what: 'the tick cannot start',
    happens: async (world) => {
      const tick = handlerOf(world, 'HandlersTick');
      const { handler } = tick;
      tick.handler = 'index.nothing';
      await world.advance(21 * 60);
      tick.handler = handler;
    },
    rings: ['FunctionsStopped'],
    ends: (world) => world.advance(20 * 60),
  },
  {
    what: 'a function fails now and then',
    happens: async (world) => {
      for (let time = 0; time < 4; time++) {
        world.region.faults.start({
          at: 'call',
          match: { service: 'dynamodb', operation: 'GetItem' },
          does: { kind: 'error', error: 'server-error', isApplied: false },
          when: { lastsSeconds: 250 },
        });
        await world.advance(900);
      }
    },
    rings: [],
  },
  {
    what: 'an outcome cannot be told for hours',
    assembly: () => assemblyOf({ tickMinutes: 60 }),
    happens: async (world) => {
      world.region.faults.start({
        at: 'call',
        match: { service: 'sns', operation: 'Publish' },
        does: { kind: 'error', error: 'server-error', isApplied: false },
        when: { lastsSeconds: 7.5 * 3600 },
      });
      await world.push();
      await world.advance(7.5 * 3600);
      world.excuse('notification', /was announced 0 times, not 1/, 'nobody can be told');
    },
    rings: ['ExecutionsUnrecorded', 'FunctionsFailing', 'NeedsSomeone'],
  },
  {
    what: 'the tick is silent',
    options: { hasTicks: false },
    happens: (world) => world.advance(20 * 60),
    rings: ['TickSilent'],
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
    expect(rung(world)).toEqual(mishap.rings);
    if (!mishap.ends) return;
    await mishap.ends(world);
    await world.advance(20 * 60);
    expect(world.alarms()).toEqual([]);
    expect(rung(world)).toEqual(mishap.rings);
  },
);

it('together they ring every alarm that is deployed', async () => {
  const world = await setting()();
  const { stackName } = world.cell;
  const deployed = resourcesOf(world.cell, 'AWS::CloudWatch::Alarm').map(({ ref }) => ref);
  expect(deployed).toEqual(ALARM_IDS.map((id) => `${stackName}-${id}`));
  const silent = ALARM_IDS.filter((id) => !MISHAPS.some(({ rings }) => rings.includes(id)));
  expect(silent).toEqual([]);
});

it('says that someone is needed from minutes after a rollout until something proven runs, however long that takes', async () => {
  const world = await setting()({ hasTicks: true });
  await WAYS_TO.FAILED_NO_ROLLBACK_TARGET!(world);
  await world.untilIdle();
  await world.advance(120);
  expect(world.alarms()).toEqual([`${world.cell.stackName}-NeedsSomeone`]);
  const ringing = world.notifications().length;
  await world.advance(8 * 3600);
  // Red all the time, and nobody is told twice.
  expect(world.alarms()).toEqual([`${world.cell.stackName}-NeedsSomeone`]);
  expect(world.notifications()).toHaveLength(ringing);
  await rollOut(world);
  await world.advance(120);
  expect(world.alarms()).toEqual([]);
});

it('says so no more once someone acknowledges it, until another rollout leaves nothing proven in place', async () => {
  const world = await setting()({ hasTicks: true });
  const fail = WAYS_TO.FAILED_NO_ROLLBACK_TARGET!;
  await fail(world);
  await world.untilIdle();
  await world.advance(120);
  const red = [`${world.cell.stackName}-NeedsSomeone`];
  expect(world.alarms()).toEqual(red);
  const execution = await world.start({ acknowledge: { by: 'alice' }, reason: 'I am on it' });
  expect(await world.untilRolloutEnds(execution)).toMatchObject({
    outcome: 'NO_CHANGE',
    path: ['Configure', 'AcceptIntent', 'Accepted?', 'Conclude', 'Ended well?', 'Done'],
  });
  await world.advance(6 * 60);
  expect(world.alarms()).toEqual([]);
  await world.advance(3600);
  expect(world.alarms()).toEqual([]);
  expect((await world.history()).at(-1)).toMatchObject({ request: { acknowledge: { by: 'alice' } } });
  await fail(world);
  await world.untilIdle();
  await world.advance(120);
  expect(world.alarms()).toEqual(red);
});

it('has one metric of its own at rest, which every tick says, and which alone is paid for', async () => {
  const world = await setting()({ hasTicks: true });
  await world.advance(3600);
  const { metrics } = world.region.cloudwatch.state as CloudWatchState;
  const from = world.region.kernel.now;
  await world.advance(3600);
  const said = [...metrics].flatMap(([key, values]) => {
    const since = values.filter(({ at }) => at >= from).map(({ value }) => value);
    return key.includes('FargateRollouts') && since.length > 0 ? [[key, since] as const] : [];
  });
  const key = JSON.stringify(['FargateRollouts', 'NeedsSomeone', [['Service', world.config.service]]]);
  expect(said).toEqual([[key, Array(12).fill(0)]]);
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

/** The alarms that published to the topic that they ring. */
function rung(world: World): string[] {
  const messages = world.notifications().filter(({ subject }) => subject?.startsWith('ALARM: '));
  const names = messages.map(({ message }) => (JSON.parse(message) as { readonly AlarmName: string }).AlarmName);
  const ids = names.map((name) => name.slice(world.cell.stackName.length + 1));
  return [...new Set(ids)].sort();
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

function functionOf({ cell }: World, handler: string) {
  return resourcesOf(cell, 'AWS::Lambda::Function').find(({ ref }) => ref.includes(handler))!;
}

/** What a deployment could change; only what starts from now on has it. */
function handlerOf(world: World, handler: string): { handler: string } {
  const { ref } = functionOf(world, handler);
  return [...(world.region.lambda.state as LambdaState).functions.values()].find(({ name }) => name === ref)!;
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
