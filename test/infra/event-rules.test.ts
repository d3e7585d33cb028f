import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCandidateTag } from '../../functions/rollout/select-image.ts';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { matchesPattern, parsePattern } from '../../region/events/pattern.ts';
import { cellTemplate, resourcesOf, type Template } from './cell-template.ts';
import { tagPolicyOf } from '../../configuration/tag-policy.ts';
import { arnElsewhere, ELSEWHERE } from '../elsewhere.ts';

type Tag = NonNullable<ServiceConfiguration['tag']>;

describe('the push rule', () => {
  it.each<[string, Tag, unknown]>([
    ['an exact tag', { exact: 'latest' }, 'latest'],
    ['any tag', { glob: '*' }, { 'anything-but': [''] }],
    ['a glob without "*"', { glob: 'stable' }, 'stable'],
    ['a glob with one "*" at its end', { glob: 'v*' }, { prefix: 'v' }],
    ['a glob with one "*" at its beginning', { glob: '*-prod' }, { suffix: '-prod' }],
    ['a glob with "*" inside', { glob: 'v*-prod' }, { wildcard: 'v*-prod' }],
    ['a glob with several "*"', { glob: '*.1.*' }, { wildcard: '*.1.*' }],
    ['a semver range, which patterns cannot express', { semver: '^1.2.0' }, { 'anything-but': [''] }],
  ])('pins %s', (_, tag, expected) => {
    const { EventPattern } = ruleOf(cellTemplate({ tag }), 'PushRule');
    expect(EventPattern).toEqual({
      source: ['aws.ecr'],
      account: [ELSEWHERE.account],
      region: [ELSEWHERE.region],
      'detail-type': ['ECR Image Action', 'ECR Replication Action'],
      detail: {
        'action-type': ['PUSH', 'REPLICATE'],
        result: ['SUCCESS'],
        'repository-name': ['team/api'],
        'image-tag': [expected],
      },
    });
  });

  it('lets no tag start a rollout that rollouts themselves give', () => {
    const { EventPattern } = ruleOf(cellTemplate({ tag: { glob: '*' }, registry: {} }), 'PushRule');
    const slots = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 'baseline'];
    const own = slots.map((slot) => `rollouts-keep-api-${slot}`);
    expect(EventPattern).toMatchObject({ detail: { 'image-tag': [{ 'anything-but': ['', ...own] }] } });
  });

  it.each<[Tag]>([
    [{ exact: 'latest' }],
    [{ glob: '*' }],
    [{ glob: 'v*' }],
    [{ glob: '*-x' }],
    [{ glob: 'v*x*' }],
    [{ semver: '>=1' }],
  ])('lets every tag through that %j selects', (tag) => {
    const pattern = parsePattern(ruleOf(cellTemplate({ tag }), 'PushRule').EventPattern);
    const tags = fc.stringMatching(/^(latest|v?[0-9]\.[0-9]\.[0-9]|[vab_][a-cx.-]{0,6}x?)$/);
    fc.assert(
      fc.property(
        tags,
        (name) => !isCandidateTag(name, tagPolicyOf(tag)) || matchesPattern(pattern, push({ 'image-tag': name })),
      ),
    );
  });

  it.each<[string, Record<string, string>]>([
    ['another action', { 'action-type': 'DELETE' }],
    ['a failure', { result: 'FAILURE' }],
    ['another repository', { 'repository-name': 'team/api2' }],
    ['an untagged push', { 'image-tag': '' }],
  ])('ignores %s', (_, detail) => {
    const pattern = parsePattern(ruleOf(cellTemplate({ tag: { glob: '*' } }), 'PushRule').EventPattern);
    expect(matchesPattern(pattern, push({}))).toBe(true);
    expect(matchesPattern(pattern, push(detail))).toBe(false);
  });

  it.each([
    ['account', { account: '999999999999' }],
    ['Region', { region: 'eu-west-1' }],
  ])('ignores a push of another %s, whoever sends it to the bus', (_, change) => {
    const pattern = parsePattern(ruleOf(cellTemplate({ tag: { glob: '*' } }), 'PushRule').EventPattern);
    expect(matchesPattern(pattern, { ...push({}), ...change })).toBe(false);
  });

  it("lists no more tags than EventBridge has room for, this service's own before its siblings'", () => {
    const names = Array.from({ length: 9 }, (_, index) => `service-with-a-name-${index + 1}`);
    const of = (service: string, more: object = {}) => ({
      repository: 'team/api',
      container: 'app',
      service,
      tag: { glob: '*' },
      ...more,
    });
    const services = names.map((name, index) => of(name, index === 0 ? { registry: {} } : {}));
    const checked = checkConfiguration({ services }).services;
    for (const { serviceName, keepTagPrefixes } of checked) {
      expect(keepTagPrefixes[0]).toBe(`rollouts-keep-${serviceName}-`);
      expect(keepTagPrefixes).toHaveLength(9);
    }
    const pattern = ruleOf(cellTemplate(services[0], services.slice(1)), 'PushRule').EventPattern;
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2048);
    expect(matchesPattern(parsePattern(pattern), push({ 'image-tag': `rollouts-keep-${names[0]}-1` }))).toBe(false);
    expect(matchesPattern(parsePattern(pattern), push({ 'image-tag': `rollouts-keep-${names[1]}-1` }))).toBe(false);
  });

  it('ignores a push whose event has no tag at all', () => {
    const pattern = parsePattern(ruleOf(cellTemplate({ tag: { glob: '*' } }), 'PushRule').EventPattern);
    const { 'image-tag': _, ...detail } = push({}).detail;
    expect(matchesPattern(pattern, { ...push({}), detail })).toBe(false);
  });

  it('hands the whole event to the state machine, retries for an hour and keeps what it could not deliver', () => {
    const [target] = ruleOf(cellTemplate(), 'PushRule').Targets;
    expect(target).toEqual({
      Id: 'Target0',
      Arn: '<RolloutStateMachine>',
      RoleArn: '<PushRole.Arn>',
      DeadLetterConfig: { Arn: '<PushDeadLetters.Arn>' },
      RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 24 },
    });
  });
});

describe('the ECS event rules', () => {
  const template = cellTemplate();
  const patterns = ['ServiceEventsDeployments', 'ServiceEventsTasks'].map((id) =>
    parsePattern(ruleOf(template, id).EventPattern),
  );
  const isHeard = (event: Record<string, unknown>): boolean =>
    patterns.some((pattern) => matchesPattern(pattern, event));

  it.each([
    ['a completed deployment', deployment('SERVICE_DEPLOYMENT_COMPLETED', 'ECS deployment ecs-svc/1 completed.')],
    [
      'a failed deployment',
      deployment('SERVICE_DEPLOYMENT_FAILED', 'ECS deployment circuit breaker: task failed to start.'),
    ],
    [
      'the start of a rollback by ECS',
      deployment(
        'SERVICE_DEPLOYMENT_IN_PROGRESS',
        'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.',
      ),
    ],
    [
      "a deployment that begins, for it may be somebody else's",
      deployment('SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment ecs-svc/1 in progress.'),
    ],
    [
      'an exited container',
      task({ stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' }),
    ],
    ['a failed pull', task({ stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: …' })],
    [
      'a failed health check',
      task({
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'Task failed ELB health checks in (target-group x)',
      }),
    ],
  ])('hear %s', (_, event) => expect(isHeard(event)).toBe(true));

  it.each([
    [
      'a deployment of another service',
      {
        ...deployment('SERVICE_DEPLOYMENT_COMPLETED', 'x'),
        resources: [arnElsewhere('ecs', 'service/prod/other')],
      },
    ],
    [
      'a task that was replaced',
      task({
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      }),
    ],
    ['a task that is about to stop', task({ lastStatus: 'DEPROVISIONING', stopCode: 'EssentialContainerExited' })],
    ['a task of another service', task({ group: 'service:other', stopCode: 'EssentialContainerExited' })],
    [
      'a task of another cluster',
      task({ clusterArn: arnElsewhere('ecs', 'cluster/test'), stopCode: 'EssentialContainerExited' }),
    ],
  ])('do not hear %s', (_, event) => expect(isHeard(event)).toBe(false));

  it('wake the rollout, for five minutes at most, and keep what they could not deliver', () => {
    for (const id of ['ServiceEventsDeployments', 'ServiceEventsTasks']) {
      expect(ruleOf(template, id).Targets).toEqual([
        {
          Id: 'Target0',
          Arn: '<HandlersWakeRolloutFunction.Arn>',
          DeadLetterConfig: { Arn: '<PushDeadLetters.Arn>' },
          RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 8 },
        },
      ]);
    }
    const config = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig');
    expect(config.get('HandlersWakeRolloutFunctionEventInvokeConfig')?.Properties).toMatchObject({
      MaximumEventAgeInSeconds: 300,
      MaximumRetryAttempts: 2,
    });
  });
});

it.each([
  [undefined, 'rate(5 minutes)'],
  [1, 'rate(1 minute)'],
])('ticks at the configured interval (%s)', (tickMinutes, expression) => {
  const template = cellTemplate(tickMinutes === undefined ? {} : { tickMinutes });
  expect(ruleOf(template, 'TickRule').ScheduleExpression).toBe(expression);
  expect(ruleOf(template, 'TickRule').Targets[0]?.Arn).toBe('<HandlersTickFunction.Arn>');
});

it('keeps every pattern within 2,048 characters for the longest names', () => {
  const template = cellTemplate({
    repository: 'r'.repeat(256),
    service: 's'.repeat(127),
    cluster: 'c'.repeat(127),
    tag: { glob: `${'b'.repeat(64)}*${'c'.repeat(64)}` },
  });
  const patterns = [...resourcesOf(template, 'AWS::Events::Rule').values()].map(
    ({ Properties }) => Properties.EventPattern,
  );
  expect(Math.max(...patterns.map((pattern) => JSON.stringify(pattern ?? '').length))).toBeLessThanOrEqual(2048);
});

function ruleOf(template: Template, id: string) {
  return resourcesOf(template, 'AWS::Events::Rule').get(id)!.Properties;
}

function push(detail: Record<string, string>): { readonly detail: Record<string, string> } & Record<string, unknown> {
  const base = { result: 'SUCCESS', 'repository-name': 'team/api', 'action-type': 'PUSH', 'image-tag': 'abc' };
  const event = { ...ELSEWHERE, source: 'aws.ecr', 'detail-type': 'ECR Image Action', resources: [] };
  return { ...event, detail: { ...base, ...detail } };
}

function deployment(eventName: string, reason: string): Record<string, unknown> {
  return {
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: [arnElsewhere('ecs', 'service/prod/api')],
    detail: { eventType: 'INFO', eventName, deploymentId: 'ecs-svc/2', reason },
  };
}

function task(detail: Record<string, string>): Record<string, unknown> {
  const base = {
    clusterArn: arnElsewhere('ecs', 'cluster/prod'),
    group: 'service:api',
    lastStatus: 'STOPPED',
  };
  return { source: 'aws.ecs', 'detail-type': 'ECS Task State Change', resources: [], detail: { ...base, ...detail } };
}
