import { Duration } from 'aws-cdk-lib/core';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Function as Handler } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Cell } from './cell.ts';
import { DeadLetters } from './dead-letters.ts';

interface ServiceEventsRuleProps {
  readonly cell: Cell;
  readonly wakeRollout: Handler;
}

/** Wakes a waiting rollout on the few events of its service that can change a verdict. */
export class ServiceEventsRule extends Construct {
  readonly deployments: Rule;
  readonly tasks: Rule;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { cell, wakeRollout }: ServiceEventsRuleProps) {
    super(scope, id);
    this.deadLetters = new DeadLetters(this, 'DeadLetters');
    // Older news is worth nothing: the waiting step looks by itself after a minute or few.
    wakeRollout.configureAsyncInvoke({ maxEventAge: NEWS_AGE, retryAttempts: 2 });
    this.deployments = this.ruleTo(wakeRollout, 'Deployments', deploymentPattern(cell));
    this.tasks = this.ruleTo(wakeRollout, 'Tasks', taskPattern(cell));
  }

  private ruleTo(wakeRollout: Handler, id: string, eventPattern: EventPattern): Rule {
    const rule = new Rule(this, id, { eventPattern });
    const delivery = { deadLetterQueue: this.deadLetters, maxEventAge: NEWS_AGE, retryAttempts: 8 };
    rule.addTarget(new LambdaFunction(wakeRollout, delivery));
    return rule;
  }
}

const NEWS_AGE = Duration.minutes(5);

/**
 * The end of a deployment and its beginning, which may be somebody else's. IN_PROGRESS is also the moment at which ECS's circuit
 * breaker starts to roll back (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html).
 */
function deploymentPattern({ arns }: Cell): EventPattern {
  return {
    source: ['aws.ecs'],
    detailType: ['ECS Deployment State Change'],
    resources: [arns.service],
    detail: {
      eventName: ['SERVICE_DEPLOYMENT_COMPLETED', 'SERVICE_DEPLOYMENT_FAILED', 'SERVICE_DEPLOYMENT_IN_PROGRESS'],
    },
  };
}

/**
 * Tasks that stopped, except those that the scheduler stopped for no fault of theirs: replaced ones, or scaled in. It also
 * stops tasks that failed a health check, which only the reason tells ("Task failed ELB health checks in …").
 */
function taskPattern({ arns, service }: Cell): EventPattern {
  return {
    source: ['aws.ecs'],
    detailType: ['ECS Task State Change'],
    detail: {
      clusterArn: [arns.cluster],
      group: [`service:${service.serviceName}`],
      lastStatus: ['STOPPED'],
      $or: [
        { stopCode: [{ 'anything-but': ['ServiceSchedulerInitiated'] }] },
        { stoppedReason: [{ prefix: 'Task failed' }] },
      ],
    },
  };
}
