import type { DescribeAlarmsOutput, GetDashboardOutput, ListDashboardsOutput } from '@aws-sdk/client-cloudwatch';
import type { ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs';
import jsonata from 'jsonata';
import { beforeAll, describe, expect, it } from 'vitest';
import { statsOf } from '../../cli/verbs/history/stats.ts';
import type { RolloutRecord } from '../../functions/rollout/ledger.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../../functions/rollout/outcomes.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { ELSEWHERE } from '../elsewhere.ts';
import { runQuery, type Answer } from './insights.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, openAudited, openAuditedTogether, setting, shareWorld } from './setting.ts';

interface Widget {
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly query?: string;
    readonly metrics?: readonly Drawn[];
    readonly alarms?: readonly string[];
  };
}

/** One line of a graph: an expression, or namespace, name and dimensions, with its options last. */
type Drawn = readonly (string | Options)[];

interface Options {
  readonly id?: string;
  readonly stat?: string;
  readonly expression?: string;
}

/** A metric that a graph shows or computes with. */
interface Shown {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly options: Options;
}

async function dashboardNames({ region }: World): Promise<string[]> {
  const { DashboardEntries } = await operate<ListDashboardsOutput>(region, 'monitoring', 'ListDashboards', {});
  return DashboardEntries!.map(({ DashboardName }) => DashboardName!);
}

/** The widgets of the only dashboard, as it was deployed. */
async function widgetsIn(world: World): Promise<readonly Widget[]> {
  const [DashboardName] = await dashboardNames(world);
  const input = { DashboardName };
  const { DashboardBody } = await operate<GetDashboardOutput>(world.region, 'monitoring', 'GetDashboard', input);
  return (JSON.parse(DashboardBody!) as { readonly widgets: readonly Widget[] }).widgets;
}

async function widgetIn(world: World, title: string): Promise<Widget['properties']> {
  const found = (await widgetsIn(world)).find(({ properties }) => properties.title?.startsWith(title));
  return found!.properties;
}

async function rowsOf(world: World, title: string): Promise<Answer[]> {
  const { query } = await widgetIn(world, title);
  return runQuery(query!, (group) => world.region.logs.eventsOf(group));
}

const optionsOf = (drawn: Drawn): Options => drawn.at(-1) as Options;

function shownIn(metrics: readonly Drawn[] = []): Shown[] {
  return metrics.flatMap((drawn) => {
    const options = optionsOf(drawn);
    if (options.expression !== undefined) return [];
    const [namespace, name, ...pairs] = drawn.slice(0, -1) as string[];
    const dimensions = Object.fromEntries(
      Array.from({ length: pairs.length / 2 }, (_, index) => [pairs[2 * index]!, pairs[2 * index + 1]!]),
    );
    return [{ namespace: namespace!, name: name!, dimensions, options }];
  });
}

const RUNS = 'What runs';
const ENDED = 'Last outcomes';

/** Ends rollouts in every way that the dashboard counts: as a deployment, as a failure, as a rollback by someone. */
async function everyCountedWay(world: World): Promise<void> {
  const { cluster, serviceName: service } = world.config;
  const update = (change: object) => operate(world.region, 'ecs', 'UpdateService', { cluster, service, ...change });
  await update({ forceNewDeployment: true });
  const digest = await world.push({ behaviour: 'crash', afterSeconds: 5 });
  await world.start({ image: { digest } });
  await world.untilIdle();
  for (let image = 0; image < 2; image++) {
    await world.start({});
    await world.push();
    await world.untilIdle();
  }
  await world.start({ rollback: true, reason: 'customers see old prices' });
  await world.untilIdle();
  // An image that is proven again is one deployment to the history and two to the metric.
  await world.push();
  await world.untilIdle();
  await world.start({});
  await world.untilIdle();
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  await world.untilIdle();
  await world.push();
  await world.advance(25);
  const running = { cluster, service, status: ['IN_PROGRESS'] };
  const { serviceDeployments } = await operate<ListServiceDeploymentsResponse>(
    world.region,
    'ecs',
    'ListServiceDeployments',
    running,
  );
  const { serviceDeploymentArn } = serviceDeployments![0]!;
  await operate(world.region, 'ecs', 'StopServiceDeployment', { serviceDeploymentArn, stopType: 'ROLLBACK' });
  await world.untilIdle();
  // Without its permissions neither the tasks of the new revision can start nor those of the old one.
  world.excuse('permission', /ExecutionRole\S* was refused/, 'nobody gave them to the role again');
  const { ExecutionRole } = world.cell.outputs;
  world.region.iam.replacePolicies(`arn:aws:iam::${world.region.account}:role/${ExecutionRole}`, []);
  await world.push();
  await world.untilIdle();
}

describe('after rollouts of every kind that it counts', () => {
  let world: World;
  shareWorld((opened) => (world = opened));
  beforeAll(() => everyCountedWay(world));

  it('has a value of ours for every metric that a graph shows or computes with', async () => {
    const shown = (await widgetsIn(world)).flatMap(({ properties }) => shownIn(properties.metrics));
    const ours = shown.filter(({ namespace }) => namespace === 'FargateRollouts');
    const unwritten = ours.filter(
      ({ namespace, name, dimensions }) =>
        world.region.cloudwatch.metricValues(namespace, name, dimensions).length === 0,
    );
    expect(unwritten).toEqual([]);
    // What is not ours comes of Container Insights, where the cluster has it; the region does not model that.
    const others = shown.filter((one) => !ours.includes(one)).map(({ options: _, ...metric }) => metric);
    const dimensions = { ClusterName: 'prod', ServiceName: 'api' };
    expect(others).toEqual(
      ['RunningTaskCount', 'DesiredTaskCount'].map((name) => ({
        namespace: 'ECS/ContainerInsights',
        name,
        dimensions,
      })),
    );
  });

  it('counts deployments and failures as rollouts history --stats does', async () => {
    const records = (await world.history()).reverse() as unknown as RolloutRecord[];
    const { deployments, failureRate } = statsOf(records, new Map());
    const failed = records.filter(({ outcome }) => OUTCOMES[outcome].blamesImage).map(({ outcome }) => outcome);
    expect(new Set(failed)).toEqual(new Set(EVERY_OUTCOME.filter((outcome) => OUTCOMES[outcome].blamesImage)));
    expect(await computed(world, 'Deployments a day')).toBeCloseTo(deployments / DAYS);
    expect(await computed(world, 'Failure rate')).toBeCloseTo(100 * failureRate!);
  });

  it('lists how the last rollouts ended, with their causes, the newest first and each once', async () => {
    const rows = await rowsOf(world, ENDED);
    const told = (await world.history())
      .reverse()
      .filter(({ outcome }) => !['NO_CHANGE', 'SUPERSEDED'].includes(outcome));
    expect(rows.map(({ rollout, outcome, cause }) => ({ rollout, outcome, cause }))).toEqual(
      told.map(({ rolloutId, outcome, message }) => ({ rollout: rolloutId, outcome, cause: message })),
    );
    expect(rows[0]).toMatchObject({
      service: 'prod/api',
      outcome: 'FAILED_ROLLBACK',
      startedBy: 'push',
      image: expect.stringMatching(/^live \(sha256:[0-9a-f]{12}\)$/) as string,
      seconds: expect.stringMatching(/^\d+$/) as string,
    });
  });
});

/** So long is the time shown that is computed with. */
const DAYS = 7;

/** What the only expression of a graph comes to, with all values that there ever were of its metrics. */
async function computed(world: World, title: string): Promise<number> {
  const { metrics } = await widgetIn(world, title);
  const { expression } = optionsOf(metrics!.find((drawn) => optionsOf(drawn).expression !== undefined)!);
  const valueOf = new Map(
    shownIn(metrics).map(({ namespace, name, dimensions, options }) => {
      const values = world.region.cloudwatch.metricValues(namespace, name, dimensions).map(({ value }) => value);
      const sum = values.reduce((total, value) => total + value, 0);
      return [options.id!, options.stat === 'SampleCount' ? values.length : sum];
    }),
  );
  const arithmetic = expression!
    .replace(/FILL\((\w+), 0\)/g, (_, id: string) => String(valueOf.get(id)))
    .replace(/PERIOD\(\w+\)/g, String(DAYS * 86_400));
  return (await jsonata(arithmetic).evaluate(undefined)) as number;
}

it('shows the alarms that its services have', async () => {
  const world = await setting()();
  const { alarms } = await widgetIn(world, 'Alarms');
  const { MetricAlarms } = await operate<DescribeAlarmsOutput>(world.region, 'monitoring', 'DescribeAlarms', {});
  expect([...alarms!].sort()).toEqual(MetricAlarms!.map(({ AlarmArn }) => AlarmArn!).sort());
});

describe('tells of a service', () => {
  const open = () => setting()({ hasTicks: true });

  it('that nothing is proven before its first rollout, once the tick has looked', async () => {
    const world = await open();
    await world.advance(6 * 60);
    const nothing = { image: '-', revision: '-', since: '-', rollout: 'none', pinned: 'none' };
    expect(await rowsOf(world, RUNS)).toEqual([{ service: 'prod/api', ...nothing, waiting: '0', quarantined: '0' }]);
  });

  it('which rollout has it, and what it was proven to run before', async () => {
    const world = await setting({ bakeTimeSeconds: 600 })({ hasTicks: true });
    await proveAnImage(world);
    await world.push();
    await world.advance(400);
    const [row] = await rowsOf(world, RUNS);
    const { rolloutId } = (await world.ledgerState())!.owner as { readonly rolloutId: string };
    expect(row!['rollout']).toMatch(new RegExp(`^${rolloutId} rolls live \\(sha256:[0-9a-f]{12}\\), begun 2026-`));
    expect(row!['image']).toMatch(/^sha256:[0-9a-f]{12}$/);
    await world.untilIdle();
  });

  it('who holds it, at once after a rollback', async () => {
    const world = await open();
    await proveAnImage(world);
    await world.push();
    await world.untilIdle();
    const before = (await rowsOf(world, RUNS))[0]!;
    expect(before).toMatchObject({
      pinned: 'none',
      rollout: 'none',
      revision: expect.stringMatching(/^api:\d+$/) as string,
    });
    await world.start({ rollback: true });
    const { rolloutId } = await world.untilRolloutEnds().then(async () => (await world.history()).at(-1)!);
    const after = (await rowsOf(world, RUNS))[0]!;
    expect(after['pinned']).toMatch(new RegExp(`^since 2026-\\S+Z, by rollout ${rolloutId}$`));
    expect(after['image']).not.toBe(before['image']);
  });

  it('how many images failed', async () => {
    const world = await open();
    await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 5 });
    await world.untilIdle();
    expect((await rowsOf(world, RUNS))[0]).toMatchObject({ quarantined: '1' });
  });
});

it('shows all services of a configuration on one page', async () => {
  const web = { repository: 'team/web', container: 'web', cluster: 'prod', tag: { exact: 'live' } };
  const worlds = await openAuditedTogether({ assembly: await assemblyOf({}, [web]), hasTicks: true });
  const [world] = worlds;
  await world!.advance(6 * 60);
  expect(await dashboardNames(world!)).toEqual(['rollouts-api-us-east-1']);
  expect((await rowsOf(world!, RUNS)).map(({ service }) => service)).toEqual(['prod/api', 'prod/web']);
});

it('links to the console of its partition and Region, whose name it bears', async () => {
  const place = { account: ELSEWHERE.account, region: ELSEWHERE.region };
  const world = await openAudited({ assembly: await assemblyOf({}), place });
  expect(await dashboardNames(world)).toEqual([`rollouts-api-${place.region}`]);
  const { markdown } = (await widgetsIn(world))[0]!.properties;
  const home = `https://${place.region}.console.amazonaws-us-gov.com`;
  const region = `?region=${place.region}`;
  const machine = `arn:aws-us-gov:states:${place.region}:${place.account}:stateMachine:rollouts-api`;
  expect([...markdown!.matchAll(/\((https:[^)]+)\)/g)].map(([, link]) => link)).toEqual([
    `${home}/ecs/v2/clusters/prod/services/api/health${region}`,
    `${home}/states/home${region}#/statemachines/view/${machine}`,
    `${home}/cloudwatch/home${region}#logsV2:log-groups/log-group/$252Faws$252Flambda$252Frollouts-api$252Fconclude`,
  ]);
});
