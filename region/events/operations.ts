import type {
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRulesRequest,
  ListRulesResponse,
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutEventsRequest,
  PutEventsResponse,
  Rule as RuleDescription,
  Target as TargetDescription,
  TestEventPatternRequest,
  TestEventPatternResponse,
} from '@aws-sdk/client-eventbridge';
import { pageOf, type Page } from '../page.ts';
import {
  Fault,
  NotModelled,
  operation,
  type Operation,
  type PermissionRequest,
  type RegionContext,
} from '../service.ts';
import type { Bus, Rule, Target } from './model.ts';
import { putEvents } from './put-events.ts';
import { testEventPattern } from './test-event-pattern.ts';
import { disableRule, enableRule, ruleArn, ruleNamed } from './rules.ts';
import { partitionOf } from '../partition.ts';
import { EVENT_AGE_SECONDS_DEFAULT, RETRY_ATTEMPTS_DEFAULT } from './timing.ts';

/** The operations of the EventBridge API that the region answers. */
export function eventsOperations(bus: Bus): Readonly<Record<string, Operation>> {
  const asks = (action: string, name: string | undefined): PermissionRequest[] => [
    { action, resource: ruleArn(bus, name), context: { 'events:creatorAccount': bus.account } },
  ];
  const onRule = (action: string) => (request: { readonly Name: string | undefined }) => asks(action, request.Name);
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
    ListTargetsByRule: operation<ListTargetsByRuleRequest, ListTargetsByRuleResponse>({
      permissions: ({ Rule: name }) => asks('events:ListTargetsByRule', name),
      apply: (request) => {
        const { targets } = ruleOf(bus, { Name: request.Rule, EventBusName: request.EventBusName });
        const page = pageAfter(targets, request);
        return { Targets: page.items.map(describeTarget), ...tokenOf(page) };
      },
    }),
    TestEventPattern: operation<TestEventPatternRequest, TestEventPatternResponse>({
      permissions: () => [{ action: 'events:TestEventPattern', resource: '*' }],
      apply: testEventPattern,
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
  const named = [...state.rules.values()].filter(({ name }) => name.startsWith(request.NamePrefix ?? ''));
  const page = pageAfter(named, request);
  return { Rules: page.items.map(describe), ...tokenOf(page) };
}

/** The most that a page may hold, and what it holds unless told. */
const PAGE_SIZE_MAX = 100;

function pageAfter<Item>(
  all: readonly Item[],
  { Limit = PAGE_SIZE_MAX, NextToken }: { Limit?: number | undefined; NextToken?: string | undefined },
): Page<Item> {
  return pageOf(all, Limit, NextToken, () => new Fault('ValidationException', 'NextToken is not valid.'));
}

function tokenOf({ nextToken }: Page<unknown>): { NextToken?: string } {
  return nextToken === undefined ? {} : { NextToken: nextToken };
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

function describeTarget({ id, arn, roleArn, input, ...target }: Target): TargetDescription {
  const { Input, InputPath, InputTransformer } = input;
  const hasPolicy =
    target.retryAttemptsMax !== RETRY_ATTEMPTS_DEFAULT || target.eventAgeSecondsMax !== EVENT_AGE_SECONDS_DEFAULT;
  const retryPolicy = {
    MaximumRetryAttempts: target.retryAttemptsMax,
    MaximumEventAgeInSeconds: target.eventAgeSecondsMax,
  };
  return {
    Id: id,
    Arn: arn,
    ...(roleArn !== undefined && { RoleArn: roleArn }),
    ...(Input !== undefined && { Input }),
    ...(InputPath !== undefined && { InputPath }),
    ...(InputTransformer !== undefined && { InputTransformer }),
    ...(target.deadLetterArn !== undefined && { DeadLetterConfig: { Arn: target.deadLetterArn } }),
    ...(hasPolicy && { RetryPolicy: retryPolicy }),
  };
}
