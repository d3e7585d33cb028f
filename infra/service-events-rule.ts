import { Duration } from 'aws-cdk-lib/core';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Function as Handler } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Cell } from './cell.ts';

interface ServiceEventsRuleProps {
  readonly cell: Cell;
  readonly wakeRollout: Handler;
  readonly deadLetters: IQueue;
}

/** Wakes a waiting rollout on the few events of its service that can change a verdict. */
export class ServiceEventsRule extends Construct {
  constructor(scope: Construct, id: string, { cell, wakeRollout, deadLetters }: ServiceEventsRuleProps) {
    super(scope, id);
    // Older news is worth nothing: the waiting step looks by itself after a minute or few.
    wakeRollout.configureAsyncInvoke({ maxEventAge: NEWS_AGE, retryAttempts: 2 });
    const delivery = { deadLetterQueue: deadLetters, maxEventAge: NEWS_AGE, retryAttempts: 8 };
    const patterns = { Deployments: deploymentPattern(cell), Tasks: taskPattern(cell) };
    for (const [ruleId, eventPattern] of Object.entries(patterns))
      new Rule(this, ruleId, { eventPattern }).addTarget(new LambdaFunction(wakeRollout, delivery));
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
