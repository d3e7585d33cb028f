import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { describe, expect, it } from 'vitest';
import { readPrices } from '../../cli/verbs/size/prices.ts';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { DashboardConfiguration } from '../../configuration/configuration.ts';
import { SERVICES_PER_DASHBOARD } from '../../configuration/dashboard.ts';
import { ALARM_IDS } from '../../configuration/names.ts';
import { cellOf } from '../../infra/cell.ts';
import { DashboardStack } from '../../infra/dashboard-stack.ts';
import { temporaryDirectory } from './temporary.ts';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly query?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
  };
}

interface Drawn {
  readonly widgets: readonly Widget[];
  readonly periodOverride: string;
}

const named = (names: readonly string[]) => names.map((name) => ({ repository: `team/${name}`, container: 'app' }));
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `service-${index}`);
/** As many as an account's rules suffice for, and as many as no account has. */
const quotas = { eventBridgeRules: 100_000, iamRoles: 100_000 };

/** The dashboards of a configuration, with whatever only a deployment knows written as `?`. */
function dashboardsOf(names: readonly string[]): Drawn[] {
  const { services, dashboard } = checkConfiguration({ services: named(names), quotas });
  const app = new App({
    outdir: temporaryDirectory(),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new DashboardStack(app, { cells: services.map(cellOf), name: dashboard!.name });
  const { template } = app.synth().getStackByName(stack.stackName) as { template: Template };
  const bodies = Object.values(template.Resources).map(({ Properties }) => flat(Properties.DashboardBody));
  return bodies.map((body) => JSON.parse(body) as Drawn);
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties: { readonly DashboardBody: unknown } }>>;
}

function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown[]] };
  return join ? join[1].map(flat).join(join[0]) : '?';
}

const isSeen = (name: string, drawn: unknown): boolean => JSON.stringify(drawn).includes(`default/${name}`);

describe.each([1, 3, 26, SERVICES_PER_DASHBOARD])('the dashboard of %i services', (count) => {
  const [drawn, ...others] = dashboardsOf(many(count));
  const { widgets } = drawn!;
  const metricsOf = ({ properties }: Widget): number => properties.metrics?.length ?? 0;

  it('is one, on which each of them has tasks, rates and links', () => {
    expect(others).toEqual([]);
    for (const name of many(count)) {
      const showing = widgets.filter((widget) => isSeen(`${name}"`, widget) || isSeen(`${name}*`, widget));
      expect(showing.map(({ properties }) => properties.title ?? 'links')).toEqual([
        'links',
        'Deployments a day',
        'Failure rate, percent',
        'Push to live, the median',
        `Tasks of default/${name}`,
      ]);
    }
  });

  it('keeps to 24 columns, and covers no widget by another', () => {
    expect(widgets.filter(({ x, width }) => x + width > 24)).toEqual([]);
    const places = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, n) => `${x + (n % width)} ${y + Math.floor(n / width)}`),
    );
    expect(new Set(places).size).toBe(places.length);
  });

  it('keeps to the quotas of CloudWatch and to what a template may hold', () => {
    expect(Math.max(...widgets.map(metricsOf))).toBeLessThanOrEqual(500);
    expect(widgets.reduce((sum, widget) => sum + metricsOf(widget), 0)).toBeLessThanOrEqual(2500);
    expect(widgets.length).toBeLessThanOrEqual(500);
    // A template has 1 MB (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
    expect(JSON.stringify(drawn).length).toBeLessThan(500_000);
  });

  it('asks the logs of every service, at most 50 groups at once', () => {
    const sources = widgets.flatMap(({ properties: { query } }) =>
      query === undefined ? [] : [[...query.matchAll(/SOURCE '([^']+)'/g)].map(([, group]) => group!)],
    );
    expect(Math.max(...sources.map((groups) => groups.length))).toBeLessThanOrEqual(50);
    const conclude = many(count).map((name) => `/aws/lambda/rollouts-${name}/conclude`);
    const tick = many(count).map((name) => `/aws/lambda/rollouts-${name}/tick`);
    expect(sources.flat().sort()).toEqual([...conclude, ...conclude, ...tick].sort());
  });

  it('shows every alarm of every service, at most 100 in a widget', () => {
    const shown = widgets.map(({ properties: { alarms = [] } }) => alarms.map((arn) => arn.split(':').at(-1)!));
    expect(Math.max(...shown.map((alarms) => alarms.length))).toBeLessThanOrEqual(100);
    const stacks = many(count).map((name) => `rollouts-${name}`);
    expect(shown.flat()).toEqual(stacks.flatMap((stack) => ALARM_IDS.map((id) => `${stack}-${id}`)));
  });

  it('adapts its periods to the time that is shown', () => {
    expect(drawn!.periodOverride).toBe('auto');
  });
});

it('is continued on a second one when there are more services than a graph can show', () => {
  const [first, second, ...others] = dashboardsOf(many(SERVICES_PER_DASHBOARD + 1));
  expect(others).toEqual([]);
  expect([isSeen('service-69"', first), isSeen('service-70"', first)]).toEqual([true, false]);
  expect([isSeen('service-69"', second), isSeen('service-70"', second)]).toEqual([false, true]);
});

it('loses a service that leaves the configuration', () => {
  expect(isSeen('web', dashboardsOf(['api', 'web']))).toBe(true);
  expect(isSeen('web', dashboardsOf(['api']))).toBe(false);
});

it('costs what the guide to monitoring says', () => {
  const guide = readFileSync('docs/monitoring.md', 'utf8');
  const { alarmMonth, dashboardMonth } = readPrices().prices;
  const alarms = (ALARM_IDS.length * alarmMonth.usd).toFixed(2);
  expect(guide).toMatch(new RegExp(`^\\| alarms +\\| \\$${alarms} a service +\\| six alarms`, 'm'));
  expect(guide).toMatch(new RegExp(`^\\| dashboard +\\| \\$${dashboardMonth.usd.toFixed(2)} for all`, 'm'));
  expect(guide).toContain(`further page of ${SERVICES_PER_DASHBOARD} services`);
  const shown = dashboardsOf(many(5))[0]!.widgets.flatMap(({ properties: { metrics = [] } }) => metrics);
  const metrics = shown.map((one) => one.filter((part) => typeof part === 'string').join(' ')).filter(Boolean);
  // An account's first three dashboards are free, of up to fifty metrics.
  expect(new Set(metrics).size).toBe(50);
});

describe('a configuration', () => {
  const check = (dashboard?: DashboardConfiguration, names = ['api', 'web']) =>
    checkConfiguration({ services: named(names), dashboard, quotas });

  it('has a dashboard that is named after its first service, or as it says, or none', () => {
    expect(check().dashboard).toEqual({ name: 'api' });
    expect(check({}).dashboard).toEqual({ name: 'api' });
    expect(check({ name: 'team' }).dashboard).toEqual({ name: 'team' });
    expect(check(false).dashboard).toBe(undefined);
  });

  it('lets its services share what the dashboard costs, and the second one of very many', () => {
    expect(check().services.map(({ dashboard }) => dashboard?.share)).toEqual([0.5, 0.5]);
    expect(check(false).services.map(({ dashboard }) => dashboard)).toEqual([undefined, undefined]);
    expect(check({}, many(100)).services[0]!.dashboard?.share).toBe(0.02);
  });

  it.each<[string, unknown, string]>([
    [
      'a name that no dashboard may have',
      { name: 'my team' },
      'dashboard.name: "my team": is not a name for a dashboard',
    ],
    ['another word', true, 'dashboard: true: is not a dashboard, or false'],
    ['a member that there is not', { title: 'x' }, 'dashboard.title: '],
  ])('is refused with %s', (_, dashboard, problem) => {
    expect(() => check(dashboard as DashboardConfiguration)).toThrow(problem);
  });

  it('is refused when the dashboard would get the stack of a service', () => {
    expect(() => check({}, ['api', 'api-dashboard'])).toThrow(
      'dashboard.name: "api": gives the dashboard the stack rollouts-api-dashboard, which services[1] has',
    );
  });
});
