import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import type { Bundles } from './bundles.ts';
import type { Cell } from './cell.ts';
import { claimStack } from './claimed-stack.ts';
import { Console } from './console.ts';
import { CountedLines } from './counted-lines.ts';
import { Handlers } from './handlers.ts';
import { Ledger } from './ledger.ts';
import { ledgerTableName } from '../configuration/names.ts';
import { tellsSlack, ToldTopic, topicOf } from './notifications.ts';
import { PushRule } from './push-rule.ts';
import { RegisteredCell } from './registered-cell.ts';
import { releaseOf } from './release.ts';
import { RolloutMachine } from './rollout-machine.ts';
import { ServiceEventsRule } from './service-events-rule.ts';
import { tell, type Outputs } from './tell.ts';
import { Tick } from './tick.ts';

interface CellStackProps {
  readonly cell: Cell;
  readonly bundles: Bundles;
  /** `rollout.asl.yaml`. */
  readonly definitionFile: string;
}

/**
 * Everything that rolls one service, and nothing that it shares with another. The SSM parameter that names the live image
 * is deliberately absent: Conclude creates and writes it, and CloudFormation, if it owned it, would reset it.
 */
export class CellStack extends Stack {
  constructor(scope: Construct, { cell, bundles, definitionFile }: CellStackProps) {
    super(scope, cell.stackName, {
      description: `Rolls pushed images onto the ECS service ${cell.service.serviceName}`,
    });
    claimStack(this, cell);
    const ledger = new Ledger(this, 'Ledger', ledgerTableName(cell.service.name));
    const topic = topicOf(this, cell);
    const push = new PushRule(this, 'Push', { cell });
    const { deadLetters } = push;
    const handlers = new Handlers(this, 'Handlers', { cell, bundles, ledger, topic, deadLetters });
    const release = releaseOf(bundles, definitionFile);
    const machine = new RolloutMachine(this, 'Rollout', { cell, handlers, definitionFile, release });
    const { stateMachine, logGroup: stateMachineLogs } = machine;
    push.starts(stateMachine);
    const wakeRollout = handlers.of('wake-rollout');
    new ServiceEventsRule(this, 'ServiceEvents', { cell, wakeRollout, deadLetters });
    new Tick(this, 'Tick', { cell, tick: handlers.of('tick') });
    const counted = new CountedLines(this, 'Counted', { cell, handlers, stateMachineLogs });
    new Alarms(this, 'Alarms', { cell, topic, handlers, counted, deadLetters });
    const { stateMachineArn } = stateMachine;
    const created = { release, stateMachineArn, ledgerTableArn: ledger.tableArn, topicArn: topic.topicArn };
    if (tellsSlack(cell)) new ToldTopic(this, 'ToldTopic', { cell, topic });
    new RegisteredCell(this, 'Registration', { cell, created });
    tell(this, {
      ...outputsOf(cell, new Console(this, 'Console')),
      StateMachineArn: [stateMachineArn, 'The state machine of the rollouts: start it to roll something by hand'],
      LedgerTable: [
        ledger.tableName,
        'The DynamoDB table with the state of the service and the history of its rollouts',
      ],
      TopicArn: [topic.topicArn, 'The SNS topic of outcomes and alarms: subscribe to it to be told'],
    });
  }
}

/** Outputs are how people, and the rehearsal, learn what the stack is about. */
function outputsOf(cell: Cell, console: Console): Outputs {
  const { service, rolloutConfig } = cell;
  return {
    Repository: [service.repository, 'The ECR repository whose pushes are rolled'],
    Cluster: [service.cluster, 'The ECS cluster of the service'],
    Service: [service.serviceName, 'The ECS service onto which images are rolled'],
    Family: [service.family, 'The family of its task definitions'],
    Containers: [service.containers.join(','), 'The containers that take the pushed image'],
    ExecutionRole: [service.executionRole, 'The IAM role that starts its tasks'],
    ...(service.taskRole !== undefined && { TaskRole: [service.taskRole, 'The IAM role of its containers'] }),
    LiveImageParameter: [
      rolloutConfig.liveImageParameter,
      'The SSM parameter that names the image that was proven last',
    ],
    ServiceConsole: [console.service(cell), 'The service in the console'],
    RolloutsConsole: [console.rollouts(cell), 'Its rollouts in the console'],
    ImagesConsole: [console.repository(cell), 'Its images in the console'],
  };
}
