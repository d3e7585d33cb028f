import { Aws, Duration } from 'aws-cdk-lib/core';
import {
  Alarm,
  AlarmStatusWidget,
  Color,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  GraphWidgetView,
  type IAlarm,
  type IMetric,
  type IWidget,
  MathExpression,
  PeriodOverride,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { ALARM_IDS, alarmName, functionLogGroup } from '../configuration/names.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../functions/rollout/outcomes.ts';
import type { Cell } from './cell.ts';
import type { Console } from './console.ts';
import { endedWidgets, inPartsOf, standingWidgets } from './dashboard-queries.ts';
import { containerInsightsMetric, outcomeMetric, secondsMetric, taskMetric } from './metrics.ts';

/** Before the time that is shown adapts it. */
const PERIOD = Duration.minutes(5);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_remove_alarm_dashboard.html */
const ALARMS_MAX = 100;

interface DashboardProps {
  /** As many as fit on one: `SERVICES_PER_DASHBOARD`. */
  readonly cells: readonly Cell[];
  /** Without the Region, which is added: dashboards of all Regions share their names. */
  readonly name: string;
  readonly console: Console;
}

/**
 * One page for several services: what runs, how rollouts ended and why, how often and how well, how many tasks run. Graphs take
 * the period that fits the time shown, and bars all of it, so an hour and three months are both of use: CloudWatch keeps minutes for
 * 15 days, five minutes for 63 and hours for 15 months.
 */
export class Dashboard extends CloudWatchDashboard {
  constructor(scope: Construct, id: string, { cells, name, console }: DashboardProps) {
    super(scope, id, {
      dashboardName: `${name}-${Aws.REGION}`,
      defaultInterval: Duration.days(7),
      periodOverride: PeriodOverride.AUTO,
    });
    for (const row of rows(this, cells, console)) this.addWidgets(...row);
  }
}

function rows(scope: Construct, cells: readonly Cell[], console: Console): IWidget[][] {
  return [
    [links(cells, console)],
    ...alarms(scope, cells).map((widget) => [widget]),
    ...standingWidgets(cells).map((widget) => [widget]),
    ...endedWidgets(cells).map((widget) => [widget]),
    [deploymentsADay(cells), failureRate(cells), pushToLive(cells)],
    ...inPartsOf(3, cells).map((part) => part.map(tasks)),
  ];
}

function links(cells: readonly Cell[], console: Console): TextWidget {
  const lines = cells.map((cell) => {
    const log = console.logGroup(functionLogGroup(cell.stackName, 'conclude'));
    return `- **${cell.ledgerKey}**: [service](${console.service(cell)}), [rollouts](${console.rollouts(cell)}), [log](${log})`;
  });
  return new TextWidget({ markdown: lines.join('\n'), width: 24, height: Math.min(1 + cells.length, 6) });
}

/** Found by their names: the stacks share nothing. A widget shows 100 at most, those that ring first. */
function alarms(scope: Construct, cells: readonly Cell[]): AlarmStatusWidget[] {
  return inPartsOf(Math.floor(ALARMS_MAX / ALARM_IDS.length), cells).map((part) => {
    const shown = part.flatMap((cell) => ALARM_IDS.map((id) => alarmOf(scope, alarmName(cell.stackName, id))));
    const height = Math.min(2 + part.length, 6);
    return new AlarmStatusWidget({ title: 'Alarms', alarms: shown, width: 24, height });
  });
}

function alarmOf(scope: Construct, name: string): IAlarm {
  const arn = `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:${name}`;
  return Alarm.fromAlarmArn(scope, name, arn);
}

/** Images that went live: as `rollouts history --stats` counts them, but for one that is proven again. */
function deploymentsADay(cells: readonly Cell[]): GraphWidget {
  const perService = cells.map((cell, index) => {
    const live = `live${index}`;
    const usingMetrics = { [live]: liveMetric(cell) };
    return expression(`FILL(${live}, 0) / (PERIOD(${live}) / 86400)`, cell.ledgerKey, usingMetrics);
  });
  return bars('Deployments a day', perService, { min: 0, showUnits: false });
}

/** What was taken back, by rollouts and by people, in percent of all deployments and failed rollouts. */
function failureRate(cells: readonly Cell[]): GraphWidget {
  const perService = cells.map((cell, index) => {
    const [live, proven] = [`live${index}`, `proven${index}`];
    const failed = failedMetrics(cell, `failed${index}x`);
    const failures = filled(Object.keys(failed));
    const rate = `100 * (${failures} + FILL(${proven}, 0) - FILL(${live}, 0)) / (${failures} + FILL(${live}, 0))`;
    const usingMetrics = { [live]: liveMetric(cell), [proven]: provenMetric(cell), ...failed };
    return expression(rate, cell.ledgerKey, usingMetrics);
  });
  return bars('Failure rate, percent', perService, { min: 0, max: 100, showUnits: false });
}

function pushToLive(cells: readonly Cell[]): GraphWidget {
  const perService = cells.map((cell) =>
    secondsMetric(cell, 'PushToLiveSeconds').with({ statistic: Stats.percentile(50), label: cell.ledgerKey }),
  );
  const leftYAxis = { min: 0, label: 'seconds', showUnits: false };
  return new GraphWidget({ title: 'Push to live, the median', left: perService, leftYAxis, width: 8, height: 6 });
}

/** Rollouts stand up as bars on the right; tasks are lines. */
function tasks(cell: Cell): GraphWidget {
  const failed = failedMetrics(cell, 'failed');
  const marks = [
    expression('FILL(proven, 0)', 'went live', { proven: provenMetric(cell) }, Color.GREEN),
    expression(filled(Object.keys(failed)), 'failed', failed, Color.RED),
  ];
  return new GraphWidget({
    title: `Tasks of ${cell.ledgerKey}`,
    left: [
      taskMetric(cell, 'RunningTasks').with({ label: 'running, during rollouts', color: Color.BLUE }),
      taskMetric(cell, 'DesiredTasks').with({ label: 'desired, during rollouts', color: Color.GREY }),
      containerInsightsMetric(cell, 'RunningTaskCount').with({ label: 'running', color: Color.PURPLE }),
      containerInsightsMetric(cell, 'DesiredTaskCount').with({ label: 'desired', color: Color.BROWN }),
    ],
    right: marks,
    leftYAxis: { min: 0, showUnits: false },
    rightYAxis: { min: 0, label: 'rollouts', showUnits: false },
    width: 8,
    height: 6,
  });
}

/** How many rollouts proved an image, rollbacks that people asked for among them. */
function provenMetric(cell: Cell): IMetric {
  return outcomeMetric(cell, 'SUCCEEDED').with({ period: PERIOD });
}

/** How many images went live: each is measured once, while a rollback, which succeeds too, is not. */
function liveMetric(cell: Cell): IMetric {
  return secondsMetric(cell, 'PushToLiveSeconds').with({ statistic: Stats.SAMPLE_COUNT });
}

/** How many rollouts came to nothing after they had touched the service, by ids of an expression. */
function failedMetrics(cell: Cell, prefix: string): Record<string, IMetric> {
  const failures = EVERY_OUTCOME.filter((outcome) => OUTCOMES[outcome].blamesImage);
  return Object.fromEntries(
    failures.map((outcome, index) => [`${prefix}${index}`, outcomeMetric(cell, outcome).with({ period: PERIOD })]),
  );
}

function filled(ids: readonly string[]): string {
  return ids.map((id) => `FILL(${id}, 0)`).join(' + ');
}

function expression(
  text: string,
  label: string,
  usingMetrics: Record<string, IMetric>,
  color?: string,
): MathExpression {
  return new MathExpression({ expression: text, label, usingMetrics, period: PERIOD, ...(color && { color }) });
}

/** A bar for each service, of all the time that is shown. */
function bars(
  title: string,
  left: IMetric[],
  leftYAxis: { min: number; max?: number; showUnits: boolean },
): GraphWidget {
  const view = GraphWidgetView.BAR;
  return new GraphWidget({ title, left, leftYAxis, view, setPeriodToTimeRange: true, width: 8, height: 6 });
}
