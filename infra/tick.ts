import { Duration } from 'aws-cdk-lib/core';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Function as Handler } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Cell } from './cell.ts';

interface TickProps {
  readonly cell: Cell;
  readonly tick: Handler;
}

/** Looks at regular intervals for what events lost and what died. A tick that gets lost itself is made up by the next. */
export class Tick extends Construct {
  constructor(scope: Construct, id: string, { cell, tick }: TickProps) {
    super(scope, id);
    const interval = Duration.minutes(cell.service.tickMinutes);
    const rule = new Rule(this, 'Rule', { schedule: Schedule.rate(interval) });
    rule.addTarget(new LambdaFunction(tick, { maxEventAge: Duration.minutes(1), retryAttempts: 2 }));
    tick.configureAsyncInvoke({ maxEventAge: Duration.minutes(1), retryAttempts: 0 });
  }
}
