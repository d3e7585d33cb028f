import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import type { Bundles } from './bundles.ts';
import type { Cell } from './cell.ts';
import { CountedLines } from './counted-lines.ts';
import { Handlers } from './handlers.ts';
import { Ledger } from './ledger.ts';
import { ledgerTableName } from '../configuration/names.ts';
import { Notifications } from './notifications.ts';
import { PushRule } from './push-rule.ts';
import { RegisteredCell } from './registered-cell.ts';
import { releaseOf } from './release.ts';
import { RolloutMachine } from './rollout-machine.ts';
import { ServiceEventsRule } from './service-events-rule.ts';
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
    const ledger = new Ledger(this, 'Ledger', ledgerTableName(cell.service.serviceName));
    const topic = new Notifications(this, 'Notifications', { emails: cell.service.notifyEmails });
    const handlers = new Handlers(this, 'Handlers', { cell, bundles, ledger, topic });
    const release = releaseOf(bundles, definitionFile);
    const machine = new RolloutMachine(this, 'Rollout', { cell, handlers, definitionFile, release });
    const { stateMachine, logGroup: stateMachineLogs } = machine;
    const { deadLetters } = new PushRule(this, 'Push', { cell, stateMachine });
    const wakeRollout = handlers.of('wake-rollout');
    new ServiceEventsRule(this, 'ServiceEvents', { cell, wakeRollout, deadLetters });
    new Tick(this, 'Tick', { cell, tick: handlers.of('tick') });
    const counted = new CountedLines(this, 'Counted', { cell, handlers, stateMachineLogs });
    new Alarms(this, 'Alarms', { cell, topic, handlers, counted, deadLetters });
    const { stateMachineArn } = stateMachine;
    const created = { release, stateMachineArn, ledgerTableArn: ledger.tableArn, topicArn: topic.topicArn };
    new RegisteredCell(this, 'Registration', { cell, created });
    this.tell(cell, {
      StateMachineArn: stateMachineArn,
      LedgerTable: ledger.tableName,
      TopicArn: topic.topicArn,
    });
  }

  /** Outputs are how people, and the rehearsal, learn what the stack is about. */
  private tell({ service, rolloutConfig }: Cell, created: Readonly<Record<string, string>>): void {
    const outputs = {
      Repository: service.repository,
      Cluster: service.cluster,
      Service: service.serviceName,
      Family: service.family,
      Containers: service.containers.join(','),
      ExecutionRole: service.executionRole,
      ...(service.taskRole === undefined ? {} : { TaskRole: service.taskRole }),
      LiveImageParameter: rolloutConfig.liveImageParameter,
      ...created,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
