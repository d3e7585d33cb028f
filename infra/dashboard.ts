import { Dashboard as CloudWatchDashboard, GraphWidget, type IMetric, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { SECONDS_METRICS } from '../functions/rollout/metric-names.ts';
import { EVERY_OUTCOME } from '../functions/rollout/outcomes.ts';
import type { Cell } from './cell.ts';
import { HANDLER_NAMES } from './handler-table.ts';
import type { Handlers } from './handlers.ts';
import { outcomeMetric, secondsMetric, waitingMessagesMetric } from './metrics.ts';

interface DashboardProps {
  readonly cell: Cell;
  readonly stateMachine: StateMachine;
  readonly handlers: Handlers;
  readonly deadLetters: IQueue;
}

/** One page for the service: what rings, how rollouts ended, how long they took, whether the machinery runs. */
export class Dashboard extends CloudWatchDashboard {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id, { dashboardName: props.cell.stackName, widgets: rows(props) });
  }
}

function rows({ cell, stateMachine, handlers, deadLetters }: DashboardProps): IWidget[][] {
  const outcomes = EVERY_OUTCOME.map((outcome) => outcomeMetric(cell, outcome).with({ label: outcome }));
  const seconds = SECONDS_METRICS.map((name) => secondsMetric(cell, name).with({ label: name }));
  const executions = [
    stateMachine.metricStarted(),
    stateMachine.metricSucceeded(),
    stateMachine.metricFailed(),
    stateMachine.metricTimedOut(),
    stateMachine.metricAborted(),
  ];
  return [
    [graph('Outcomes', outcomes), graph('Seconds', seconds)],
    [graph('Executions', executions), graph('Errors of the handlers', errorsOf(handlers))],
    [
      graph('Dead letters', [waitingMessagesMetric(deadLetters)]),
      graph('Ticks', [handlers.of('tick').metricInvocations()]),
    ],
  ];
}

function errorsOf(handlers: Handlers): IMetric[] {
  return HANDLER_NAMES.map((name) => handlers.of(name).metricErrors({ label: name }));
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 12, height: 6 });
}
