import { Aws, Duration } from 'aws-cdk-lib/core';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal, type Role } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { TagPolicy } from '../functions/rollout/config.ts';
import type { Cell } from './cell.ts';
import { DeadLetters } from './dead-letters.ts';
import { GrantedRole } from './granted-role.ts';
import { allow } from './grants.ts';
import { keepTags } from '../configuration/tag-policy.ts';

interface PushRuleProps {
  readonly cell: Cell;
  readonly stateMachine: StateMachine;
}

/** Starts the state machine with every push event that the tag policy may select. */
export class PushRule extends Construct {
  readonly rule: Rule;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { cell, stateMachine }: PushRuleProps) {
    super(scope, id);
    this.deadLetters = new DeadLetters(this, 'DeadLetters');
    this.rule = new Rule(this, 'Rule', {
      ruleName: cell.pushRuleName,
      description: 'Starts a rollout for every push that the tag policy may select',
      eventPattern: {
        source: ['aws.ecr'],
        detailType: ['ECR Image Action'],
        detail: pushDetailPattern(cell),
      },
    });
    const role = startRole(this, cell);
    this.rule.addTarget(
      new SfnStateMachine(stateMachine, {
        role: role.withoutPolicyUpdates(),
        deadLetterQueue: this.deadLetters,
        // An hour: the tick finds a push that got lost long before, and a dead letter is an alarm.
        maxEventAge: Duration.hours(1),
        retryAttempts: 24,
      }),
    );
  }
}

/** A pattern for an event's `detail`: other results, actions, repositories and (as far as can be said) tags do not match. */
function pushDetailPattern({ service, rolloutConfig }: Cell): Record<string, unknown[]> {
  const { keepTagPrefix } = rolloutConfig;
  const ownTags = keepTagPrefix === undefined ? [] : keepTags(keepTagPrefix);
  return {
    'action-type': ['PUSH'],
    result: ['SUCCESS'],
    'repository-name': [service.repository],
    'image-tag': [tagPattern(service.tagPolicy, ownTags)],
  };
}

/**
 * What EventBridge can say of the tag. An untagged push carries `"image-tag": ""`, so `exists` would not exclude it.
 * The tags that this service's rollouts give are listed, so that no success starts another execution. Patterns cannot say
 * "and" of one field: another service's, one that a glob with more letters shares, or a tag that is no version still
 * starts an execution, which ends as NO_CHANGE.
 */
function tagPattern(policy: TagPolicy, ownTags: readonly string[]): unknown {
  const anyTag = { 'anything-but': ['', ...ownTags] };
  if (policy.kind === 'exact') return policy.tag;
  if (policy.kind === 'semver') return anyTag;
  const [head, tail, ...others] = policy.pattern.split('*');
  if (tail === undefined) return policy.pattern;
  if (others.length > 0 || (head !== '' && tail !== '')) return { wildcard: policy.pattern };
  if (head !== '') return { prefix: head };
  return tail === '' ? anyTag : { suffix: tail };
}

function startRole(scope: Construct, { arns }: Cell): Role {
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html: against the confused deputy.
  const assumedBy = new ServicePrincipal('events.amazonaws.com', {
    conditions: {
      ArnEquals: { 'aws:SourceArn': arns.pushRule },
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    },
  });
  const grants = [allow(['states:StartExecution'], arns.stateMachine)];
  return new GrantedRole(scope, 'Role', { assumedBy, grants });
}
