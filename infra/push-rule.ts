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
}

/** Sees every push event that the tag policy may select. */
export class PushRule extends Construct {
  /** Of all rules of the cell: an alarm costs for each queue that it looks at. */
  readonly deadLetters: DeadLetters;
  private readonly cell: Cell;

  constructor(scope: Construct, id: string, { cell }: PushRuleProps) {
    super(scope, id);
    this.cell = cell;
    this.deadLetters = new DeadLetters(this, 'DeadLetters');
  }

  /** Starts the state machine with each; apart, because the functions of that machine know the dead letters. */
  starts(stateMachine: StateMachine): void {
    const { cell } = this;
    const rule = new Rule(this, 'Rule', {
      ruleName: cell.pushRuleName,
      description: 'Starts a rollout for every push that the tag policy may select',
      eventPattern: {
        source: ['aws.ecr'],
        // The default bus may also get what other accounts and Regions send to it.
        account: [Aws.ACCOUNT_ID],
        region: [Aws.REGION],
        // An image that is replicated to this registry is pushed to another one.
        detailType: ['ECR Image Action', 'ECR Replication Action'],
        detail: pushDetailPattern(cell),
      },
    });
    const role = startRole(this, cell);
    rule.addTarget(
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
function pushDetailPattern({ service }: Cell): Record<string, unknown[]> {
  const pattern = (keptTags: readonly string[]): Record<string, unknown[]> => ({
    'action-type': ['PUSH', 'REPLICATE'],
    result: ['SUCCESS'],
    'repository-name': [service.repository],
    'image-tag': [tagPattern(service.tagPolicy, keptTags)],
  });
  let fitting = pattern([]);
  const keptTags: string[] = [];
  for (const prefix of service.keepTagPrefixes) {
    keptTags.push(...keepTags(prefix));
    const longer = pattern([...keptTags]);
    if (JSON.stringify(longer).length > DETAIL_LENGTH_MAX) break;
    fitting = longer;
  }
  return fitting;
}

/** EventBridge allows 2,048 characters for a whole pattern (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html). */
const DETAIL_LENGTH_MAX = 1800;

/**
 * What EventBridge can say of the tag. An untagged push carries `"image-tag": ""`, so `exists` would not exclude it.
 * The tags that rollouts give to images of this repository are listed, this service's and its siblings' as far as there is room,
 * so that no success starts another execution. Patterns cannot say "and" of one field: those of other configurations, one that a
 * glob with more letters shares, or a tag that is no version still start an execution, which ends as NO_CHANGE.
 */
function tagPattern(policy: TagPolicy, keptTags: readonly string[]): unknown {
  const anyTag = { 'anything-but': ['', ...keptTags] };
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
