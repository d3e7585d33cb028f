import type {
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRulesRequest,
  ListRulesResponse,
  PutEventsRequest,
  PutEventsResponse,
  Rule as RuleDescription,
} from '@aws-sdk/client-eventbridge';
import { NotModelled, operation, type Operation, type PermissionRequest, type RegionContext } from '../service.ts';
import type { Bus, Rule } from './model.ts';
import { putEvents } from './put-events.ts';
import { disableRule, enableRule, ruleArn, ruleNamed } from './rules.ts';
import { partitionOf } from '../partition.ts';

/** The operations of the EventBridge API that the region answers. */
export function eventsOperations(bus: Bus): Readonly<Record<string, Operation>> {
  const onRule = (action: string) => (request: { readonly Name: string | undefined }) => [
    { action, resource: ruleArn(bus, request.Name) },
  ];
  return {
    PutEvents: operation<PutEventsRequest, PutEventsResponse>({
      permissions: (request) => putEventsPermissions(bus, request),
      apply: (request) => putEvents(bus, request),
    }),
    ListRules: operation<ListRulesRequest, ListRulesResponse>({
      permissions: () => [{ action: 'events:ListRules', resource: '*' }],
      apply: (request) => listRules(bus, request),
    }),
    DescribeRule: operation<DescribeRuleRequest, DescribeRuleResponse>({
      permissions: onRule('events:DescribeRule'),
      apply: (request) => describe(ruleOf(bus, request)),
    }),
    EnableRule: operation<EnableRuleRequest, object>({
      permissions: onRule('events:EnableRule'),
      apply: (request) => (enableRule(bus, ruleOf(bus, request)), {}),
    }),
    DisableRule: operation<DisableRuleRequest, object>({
      permissions: onRule('events:DisableRule'),
      apply: (request) => (disableRule(bus, ruleOf(bus, request)), {}),
    }),
  };
}

function putEventsPermissions({ account, region }: RegionContext, request: PutEventsRequest): PermissionRequest[] {
  return (request.Entries ?? []).map((entry) => ({
    action: 'events:PutEvents',
    resource: `arn:${partitionOf(region)}:events:${region}:${account}:event-bus/default`,
    context: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
  }));
}

function listRules({ state }: Bus, request: ListRulesRequest): ListRulesResponse {
  refuseOtherBus(request.EventBusName);
  if (request.NextToken !== undefined || request.Limit !== undefined) throw new NotModelled('Paging of ListRules');
  const named = [...state.rules.values()].filter(({ name }) => name.startsWith(request.NamePrefix ?? ''));
  return { Rules: named.map(describe) };
}

function ruleOf(bus: Bus, request: { Name: string | undefined; EventBusName?: string | undefined }): Rule {
  refuseOtherBus(request.EventBusName);
  return ruleNamed(bus, request.Name);
}

function refuseOtherBus(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw new NotModelled(`The event bus ${name}`);
}

function describe(rule: Rule): RuleDescription {
  return {
    Name: rule.name,
    Arn: rule.arn,
    ...(rule.eventPattern !== undefined && { EventPattern: rule.eventPattern }),
    ...(rule.scheduleExpression !== undefined && { ScheduleExpression: rule.scheduleExpression }),
    ...(rule.description !== undefined && { Description: rule.description }),
    State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
    EventBusName: 'default',
  };
}
