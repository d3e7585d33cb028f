import type { Service } from '@aws-sdk/client-ecs';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkIdentityProvider, checkPushRole } from '../../../cli/verbs/doctor/check-access.ts';
import {
  checkDrift,
  checkLedger,
  checkMachine,
  checkName,
  checkNewest,
  checkPushRule,
} from '../../../cli/verbs/doctor/check-cell.ts';
import { doctor } from '../../../cli/verbs/doctor.ts';
import { examine, type Examined } from '../../../cli/verbs/doctor/examine.ts';
import { commandToDeploy } from '../../../cli/verbs/doctor/first-deployment.ts';
import { findingsOf } from '../../../cli/verbs/doctor/findings.ts';
import { checkLifecycle, checkNextRoll, checkProvenImages } from '../../../cli/verbs/doctor/check-images.ts';
import { checkLiveImage } from '../../../cli/verbs/doctor/check-live-image.ts';
import { checkRepository } from '../../../cli/verbs/doctor/check-registry.ts';
import { checkSecrets, type PresentSecrets } from '../../../cli/verbs/doctor/check-secrets.ts';
import { checkSubscriptions } from '../../../cli/verbs/doctor/check-subscriptions.ts';
import { checkService } from '../../../cli/verbs/doctor/check-service.ts';
import { checkTaskDefinition } from '../../../cli/verbs/doctor/check-task-definition.ts';
import { shortDigest } from '../../../cli/terminal/layout.ts';
import type { TaskDefinitionFacts } from '../../../functions/rollout/task-definition-facts.ts';
import { cautionsOf, checkReadiness, type PreflightFacts } from '../../../functions/rollout/preflight.ts';
import type { ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import type { Finding, Looked } from '../../../cli/verbs/doctor/finding.ts';
import { checkTerraform, servicesIn, taskDefinitionsIn } from '../../../cli/verbs/doctor/terraform.ts';
import { checkConfiguration } from '../../../configuration/check-configuration.ts';
import { toRolloutConfig, type ServiceConfiguration } from '../../../configuration/configuration.ts';
import { trustConditions } from '../../../infra/github-access.ts';
import { arnElsewhere } from '../../elsewhere.ts';
import {
  config,
  digest,
  image,
  ledger,
  NOW,
  owner,
  proven as provenBy,
  quarantined,
  revision,
  service as serviceFacts,
} from '../../functions/rollout/given.ts';
import { CAUTIONED, PLAN, READY, REFUSED } from '../../functions/rollout/given-preflight.ts';
import { cannedCell, documentOf, executionOf, ledgerThat, session, type Answers } from './canned-cell.ts';

const serviceOf = (changes: Partial<ServiceConfiguration> = {}) =>
  checkConfiguration({ services: [{ repository: 'team/api', container: 'api', ...changes }] }, 'test').services[0]!;
const SERVICE = serviceOf();
const DIGEST = digest('a');
const proven = () => provenBy('a', 1);
const TASK_DEFINITION = {
  family: 'api',
  executionRoleArn: 'arn:aws-us-gov:iam::210987654321:role/ecsTaskExecutionRole',
  containerDefinitions: [{ name: 'api', image: `repo/api@${DIGEST}`, healthCheck: { command: ['CMD', 'true'] } }],
};
const logging = (group: string) => ({
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': group, 'awslogs-stream-prefix': 'ecs' } },
});
const said = (findings: readonly Finding[]): string[] => findings.map(({ level, subject }) => `${level} ${subject}`);

/** A state machine of some release. */
const DEFINITION = JSON.stringify({ States: { Configure: { Assign: { release: 'r1' } } } });
const NEED = { since: NOW, rolloutId: 'left', outcome: 'FAILED_ROLLBACK' } as const;

describe('a service', () => {
  const ready = {
    status: 'ACTIVE',
    desiredCount: 2,
    runningCount: 2,
    serviceName: 'api',
    deployments: [{ status: 'PRIMARY', taskDefinition: revision(1) }],
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  };

  it('that was provisioned and has no image yet is as it should be', () => {
    const empty = { ...ready, desiredCount: 0, runningCount: 0 };
    expect(checkService({ found: empty }, SERVICE, 'new')[0]).toEqual({
      level: 'ok',
      subject: 'service',
      message: 'The service is ACTIVE and has no image yet: a push starts its tasks.',
    });
  });

  it('that was emptied behind its launch is not as it should be', () => {
    const empty = { ...ready, desiredCount: 0, runningCount: 0 };
    expect(checkService({ found: empty }, SERVICE, 'emptied')[0]).toMatchObject({
      level: 'warning',
      message: 'The service was launched, and a deployment has taken its image and its tasks away again.',
    });
  });

  it('that is ready has nothing to mend', () => {
    expect(said(checkService({ found: ready }, SERVICE, 'launched'))).toEqual([
      'ok service',
      'ok controller',
      'ok circuit breaker',
    ]);
  });

  it.each([
    ['is missing', undefined, 'problem service', 'ECS has no service default/api', 'create it'],
    ['drains', { ...ready, status: 'DRAINING' }, 'problem service', 'DRAINING', 'create it again'],
    [
      'wants no tasks',
      { ...ready, desiredCount: 0, runningCount: 0 },
      'warning service',
      'proves nothing',
      'set the desired count',
    ],
    ['lacks a task', { ...ready, runningCount: 1 }, 'warning service', '1 of 2', 'rollouts status'],
    [
      'is CodeDeploy’s',
      { ...ready, deploymentController: { type: 'CODE_DEPLOY' as const } },
      'problem controller',
      'CODE_DEPLOY',
      'move the service to the ECS deployment controller',
    ],
    [
      'rolls blue and green',
      { ...ready, deploymentConfiguration: { strategy: 'BLUE_GREEN' as const } },
      'problem controller',
      'BLUE_GREEN',
      'set the strategy ROLLING',
    ],
    [
      'has no circuit breaker',
      { ...ready, deploymentConfiguration: {} },
      'warning circuit breaker',
      'Off',
      'deploymentCircuitBreaker={enable=true,rollback=true}',
    ],
    [
      'has one that does not roll back',
      { ...ready, deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } },
      'warning circuit breaker',
      'does not roll back',
      'deploymentCircuitBreaker={enable=true,rollback=true}',
    ],
  ])('that %s is told with its remedy', (_what, found, expected, text, remedy) => {
    const findings = checkService({ found }, SERVICE, 'launched');
    expect(said(findings)).toContain(expected);
    const finding = findings.find(({ level, subject }) => `${level} ${subject}` === expected);
    expect(finding?.message).toContain(text);
    expect(finding?.remedy).toContain(remedy);
  });

  it('that nobody may look at is unknown, with the permission that lacks', () => {
    expect(checkService({ refused: 'someone may not ecs:DescribeServices' }, SERVICE, 'launched')).toEqual([
      { level: 'unknown', subject: 'service', message: 'Could not look: someone may not ecs:DescribeServices.' },
    ]);
  });
});

describe('a rollout that Preflight would refuse', () => {
  const rolled = config();
  const SERVICE_WEB = serviceOf({ repository: 'team/web', container: 'app', cluster: 'default', service: 'web' });
  /** A service as ECS describes it, and a task definition likewise. */
  const rawService = ({
    deploymentController,
    strategy,
    events: _events,
    shortArn: serviceArn,
    hasTargets,
    ...facts
  }: ServiceFacts): Service => ({
    ...facts,
    serviceArn,
    healthCheckGracePeriodSeconds: facts.graceSeconds,
    ...(hasTargets && { loadBalancers: [{ targetGroupArn: 'web' }] }),
    deploymentController: { type: deploymentController as 'ECS' },
    deploymentConfiguration: { ...facts, strategy: strategy as 'ROLLING' },
    deployments: facts.deployments.map(({ createdAt, rolloutState: _state, ...each }) => ({
      ...each,
      createdAt: new Date(createdAt),
    })),
  });
  const rawDefinition = ({ containers, operatingSystemFamily, cpuArchitecture, ...facts }: TaskDefinitionFacts) => ({
    ...facts,
    containerDefinitions: containers.map(
      ({ hasHealthCheck, restarts, hasCredentials, stopSeconds: stopTimeout, ...each }) => ({
        ...each,
        stopTimeout,
        ...(hasHealthCheck && { healthCheck: { command: ['CMD', 'true'] } }),
        ...(restarts && { restartPolicy: { enabled: true } }),
        ...(hasCredentials && { repositoryCredentials: { credentialsParameter: 'x' } }),
      }),
    ),
    runtimePlatform: { operatingSystemFamily, cpuArchitecture },
  });
  const NOTHING = { found: undefined };

  /** What the doctor finds where AWS shows these facts, and nothing else. */
  function findings(facts: PreflightFacts, rolledAs = rolled): Finding[] {
    const { service, base } = facts;
    const seen: Examined = {
      service: { found: service && rawService(service) },
      running: NOTHING,
      taskDefinition: { found: base && { taskDefinition: rawDefinition(base), tags: [] } },
      newest: NOTHING,
      repository: NOTHING,
      nextRoll: { found: { image: image('b'), plan: PLAN, facts } },
      lifecyclePolicy: NOTHING,
      ledger: { found: ledger({ verified: [provenBy('a', 1)] }) },
      isOwnerRunning: NOTHING,
      provenImages: { found: new Map() },
      machine: NOTHING,
      pushRule: NOTHING,
      liveImage: NOTHING,
      secrets: { parameters: NOTHING, stored: NOTHING },
      subscriptions: NOTHING,
      slackWorkspaces: NOTHING,
      pushRole: NOTHING,
      identityProvider: NOTHING,
    };
    const { bakeTimeSeconds, progressSeconds, deadlineSeconds } = rolledAs;
    const configured = { ...SERVICE_WEB, bakeTimeSeconds, progressSeconds, deadlineSeconds };
    return findingsOf(seen, { service: configured, configured, config: rolledAs }, 'r1', NOW);
  }
  const remedied = (all: readonly Finding[]): string[] =>
    all.map(({ level, message, remedy }) => `${level}: ${message.slice(0, -1)}: ${remedy}.`);

  it.each(Object.entries(REFUSED))('is told beforehand, with what to do: %s', (reason, facts) => {
    const clearance = checkReadiness(facts, PLAN, rolled);
    expect(clearance).toMatchObject({ word: 'reject', reason });
    expect(remedied(findings(facts))).toContain(`problem: ${shortDigest(clearance.message)}`);
  });

  it.each(Object.entries(CAUTIONED))('or let go with a caution, is told beforehand: %s', (subject, given) => {
    const rolled = config(given.config);
    const caution = cautionsOf(given.facts, PLAN, rolled).find((each) => each.subject === subject)!;
    expect(checkReadiness(given.facts, PLAN, rolled).message).toContain(`${caution.found}.`);
    const told = findings(given.facts, rolled).find((each) => each.subject === subject);
    expect(told).toEqual({ level: 'warning', subject, message: `${caution.found}.`, remedy: caution.remedy });
  });

  it('is told once, where the image that is gone is the one that was proven last', () => {
    const gone = findings(REFUSED.RollbackTargetImageMissing).filter(({ message }) => message.includes('aaaaaaaaaaaa'));
    expect(said(gone)).toEqual(['problem rollback image']);
    expect(said(findings(READY)).filter((finding) => finding.endsWith('rollback image'))).toHaveLength(1);
  });

  it('is not told of where Preflight would let it go', () => {
    expect(checkReadiness(READY, PLAN, rolled).word).toBe('go');
    const refusals = Object.values(REFUSED).map(
      (facts) => `problem: ${shortDigest(checkReadiness(facts, PLAN, rolled).message)}`,
    );
    expect(remedied(findings(READY)).filter((finding) => refusals.includes(finding))).toEqual([]);
  });

  it('is not said to be rolled where it is quarantined', () => {
    const look = { found: { image: image('b'), plan: PLAN, facts: READY } };
    const next = (digit: string) =>
      checkNextRoll(look, rolled, [quarantined(digit)]).find(({ subject }) => subject === 'next image')!;
    expect(next('c')).toMatchObject({ level: 'ok', message: expect.stringContaining('can be rolled') as string });
    expect(next('b')).toMatchObject({ level: 'warning', message: expect.stringContaining('failed here') as string });
    expect(next('b').remedy).toContain(`rollouts start --digest ${digest('b')}`);
  });

  it('cannot be told where nobody may look', () => {
    expect(checkNextRoll({ refused: 'someone may not ecr:BatchGetImage' }, rolled)).toEqual([
      { level: 'unknown', subject: 'next image', message: 'Could not look: someone may not ecr:BatchGetImage.' },
    ]);
  });
});

describe('before the first deployment', () => {
  it.each([
    ['deploys', undefined, /^Not deployed yet\./, 'npx cdk deploy --all'],
    [
      'takes over the ledger of an earlier one, which fails otherwise',
      ledger(),
      /^Not deployed, but the ledger of an earlier deployment is there\./,
      'npx cdk deploy --all --import-existing-resources',
    ],
  ])('the command %s', async (_what, found, message, remedy) => {
    const { cell } = cannedCell();
    const seen: Examined = { ...(await examine(cell, NOW)), machine: { found: undefined }, ledger: { found } };
    const findings = findingsOf(seen, cell, 'r1', NOW);
    expect(findings.filter(({ subject }) => subject === 'cell')).toEqual([
      { level: 'problem', subject: 'cell', message: expect.stringMatching(message) as string, remedy },
    ]);
    expect(commandToDeploy(findings)).toBe(remedy);
  });
});

describe('where nobody may look', () => {
  const MACHINE = JSON.stringify({ States: { Configure: { Assign: { config: config(), release: 'r1' } } } });
  const denied = () => undefined;

  /** What the doctor finds in an account that answers so. */
  async function findings(answers: Answers): Promise<Finding[]> {
    const { cell } = cannedCell({ 'states:DescribeStateMachine': () => ({ definition: MACHINE }), ...answers });
    return findingsOf(await examine(cell, NOW), cell, 'r1', NOW);
  }
  const unknown = (all: readonly Finding[], lacking: string): string[] =>
    said(all.filter(({ level, message }) => level === 'unknown' && message.includes(lacking)));
  const about = (all: readonly Finding[], ...subjects: string[]): string[] =>
    said(all.filter(({ subject }) => subjects.includes(subject)));

  it('at the tasks of a revision that no rollout proved, that is told, and no image is judged that depends on them', async () => {
    const verified = ledgerThat([{ verified: [provenBy('b', 9), provenBy('a', 8)] }]);
    const all = await findings({ ...verified, 'ecs:ListTasks': denied });
    expect(unknown(all, 'ecs:ListTasks')).toEqual(['unknown running tasks', 'unknown next image']);
    expect(about(all, 'next image', 'rollback image')).toEqual(['unknown next image']);
    expect(unknown(await findings(verified), 'ecs:ListTasks')).toEqual([]);
    expect(about(await findings(verified), 'next image', 'rollback image')).not.toEqual(['unknown next image']);
  });

  it('at the ledger, that is told, though nobody may look at the cell either', async () => {
    const all = await findings({ 'states:DescribeStateMachine': denied, 'dynamodb:GetItem': denied });
    expect(unknown(all, 'dynamodb:GetItem')).toEqual(['unknown ledger']);
  });

  it('at the execution that holds the service, that is told, and the rest goes on', async () => {
    const held = ledgerThat([{ owner: owner({ executionArn: executionOf('r1') }) }]);
    const all = await findings({ ...held, 'states:DescribeExecution': denied });
    expect(unknown(all, 'states:DescribeExecution')).toEqual(['unknown rollout']);
    expect(about(all, 'rollout')).toEqual(['unknown rollout']);
    expect(about(await findings(held), 'rollout')).toEqual(['ok rollout']);
  });
});

describe('who is told of outcomes', () => {
  const confirmed = { Protocol: 'sqs', Endpoint: 'arn:aws:sqs:eu-west-1:1:inbox', SubscriptionArn: 'arn:aws:sns:x' };
  const pending = { Protocol: 'email', Endpoint: 'ops@example.com', SubscriptionArn: 'PendingConfirmation' };

  it.each([
    ['nobody', [], 'warning: Nobody is told of outcomes and alarms: no one has subscribed to the topic.'],
    ['somebody who has confirmed that', [confirmed], 'ok: 1 subscription hears of outcomes and alarms.'],
    [
      'nobody who has confirmed that',
      [pending],
      'warning: Nobody is told of outcomes and alarms yet: ops@example.com (email) has not confirmed the subscription.',
    ],
    [
      'one of two',
      [confirmed, pending],
      'warning: ops@example.com (email) has not confirmed the subscription, and is told nothing.',
    ],
  ])('is %s', (_, found, expected) => {
    const [finding, ...others] = checkSubscriptions({ found });
    expect(`${finding!.level}: ${finding!.message}`).toBe(expected);
    expect(others).toEqual([]);
  });

  it('is nobody where the topic is gone', () => {
    expect(said(checkSubscriptions({ found: 'no topic' }))).toEqual(['problem notifications']);
  });

  it('is not known of a cell that has not registered, and told where nobody may look', () => {
    expect(checkSubscriptions({ found: undefined })).toEqual([]);
    expect(checkSubscriptions({ refused: 'no' })).toMatchObject([{ level: 'unknown', subject: 'notifications' }]);
  });

  it('names every address on a line without anything that steers a terminal', () => {
    const odd = { ...pending, Endpoint: 'a\u001b[2Jb@example.com' };
    expect(checkSubscriptions({ found: [odd] })[0]!.message).not.toContain('\u001b');
  });
});

describe('the live-image parameter', () => {
  const PARAMETER = '/rollouts/api/image';
  const provisioned = serviceOf({ provision: { port: 8000 } });
  const check = (found: object | undefined, liveImage: Looked<string>, service = provisioned) =>
    checkLiveImage({ found } as never, liveImage, service.provision !== undefined, PARAMETER);
  const LEFT = { found: `repo/api@${DIGEST}` };

  it('of an earlier life is seen before the service is provisioned again, with the command that sets it back', () => {
    const findings = check(undefined, LEFT);
    expect(said(findings)).toEqual(['warning live image']);
    // Values are never printed: this one could have been written by anybody.
    expect(JSON.stringify(findings)).not.toMatch(/repo\/api|sha256/);
    expect(findings[0]!.remedy).toBe(
      `aws ssm put-parameter --overwrite --name ${PARAMETER} --value awaiting-first-push.invalid/none`,
    );
  });

  it.each<[string, Finding[]]>([
    ['while the service is there', check({ status: 'ACTIVE' }, LEFT)],
    ['while it names no image', check(undefined, { found: 'awaiting-first-push.invalid/none' })],
    ['when there is none', check(undefined, { found: undefined })],
    ['when nobody may look', check(undefined, { refused: 'no' })],
    ['of a service that is not provisioned here', check(undefined, LEFT, SERVICE)],
  ])('is not worth a word %s', (_when, findings) => {
    expect(findings).toEqual([]);
  });

  it('is not judged when nobody may look at the service', () => {
    expect(checkLiveImage({ refused: 'no' }, LEFT, true, PARAMETER)).toEqual([]);
  });
});

describe('a task definition', () => {
  const check = (changes: object, hasTargets = false, facts: Partial<ServiceFacts> = {}) =>
    checkTaskDefinition(
      { found: { ...TASK_DEFINITION, ...changes } },
      { ...SERVICE, config: toRolloutConfig(SERVICE) },
      serviceFacts({ hasTargets, ...facts }),
    );
  const [container] = TASK_DEFINITION.containerDefinitions;
  const withContainer = (changes: object) => ({ containerDefinitions: [{ ...container, ...changes }] });

  it('whose tasks may take longer than they get is told of, with what to give', () => {
    const slow = { hasTargets: true, graceSeconds: 1500, desiredCount: 20, maximumPercent: 105 };
    expect(check({}, true, slow).filter(({ subject }) => subject === 'progress' || subject === 'deadline')).toEqual([
      {
        level: 'warning',
        subject: 'progress',
        message:
          'Replacing 1 of 20 tasks may take 1920 s (start 90 s, grace 1500 s, draining 330 s), and progressSeconds is 1800.',
        remedy: 'set progressSeconds to 2100 or more, and deploy the cell',
      },
      {
        level: 'warning',
        subject: 'deadline',
        message:
          'Replacing 20 tasks, 1 at a time, may take 38400 s (each time start 90 s, grace 1500 s, draining 330 s), and deadlineSeconds is 21600.',
        remedy: 'set deadlineSeconds to 38400 or more, and deploy the cell',
      },
    ]);
  });

  it('that fits the configuration has nothing to mend', () => {
    expect(said(check({}))).toEqual(['ok family', 'ok containers', 'ok roles', 'ok image', 'ok health check']);
  });

  it.each([
    ['of another family', { family: 'web' }, 'problem family', "family: 'web'"],
    ['without the container', withContainer({ name: 'web' }), 'problem containers', 'correct `container`'],
    [
      'with another execution role',
      { executionRoleArn: 'arn:aws-us-gov:iam::210987654321:role/team/other' },
      'problem roles',
      "executionRole: 'team/other'",
    ],
    [
      'with a task role',
      { taskRoleArn: 'arn:aws-us-gov:iam::210987654321:role/task' },
      'problem roles',
      "taskRole: 'task'",
    ],
    ['with an image by tag', withContainer({ image: 'repo/api:latest' }), 'warning image', 'pins it'],
    ['without a health check', withContainer({ healthCheck: undefined }), 'warning health check', 'add a healthCheck'],
  ])('%s is told with its remedy', (_what, changes, expected, remedy) => {
    const findings = check(changes);
    expect(said(findings)).toContain(expected);
    expect(findings.find(({ level, subject }) => `${level} ${subject}` === expected)?.remedy).toContain(remedy);
  });

  it.each<[string, Partial<ServiceConfiguration>, object, string[]]>([
    ['where rollouts may read', { logGroup: '/ecs/api' }, logging('/ecs/api'), []],
    [
      'to a group that was created for it',
      { provision: { port: 80 } },
      logging('rollouts-api-service-TasksLogsA-b'),
      [],
    ],
    ['and nothing is to be read', {}, logging('/ecs/web'), []],
    ['elsewhere than to CloudWatch', { logGroup: '/ecs/api' }, { logConfiguration: { logDriver: 'splunk' } }, []],
    ['nowhere', { logGroup: '/ecs/api' }, {}, []],
    [
      'where rollouts may not read',
      { logGroup: '/ecs/api' },
      logging('/ecs/web'),
      ["set logGroup: '/ecs/web' and deploy the cell"],
    ],
  ])('whose container logs %s', (_, changes, log, remedies) => {
    const found = { ...TASK_DEFINITION, ...withContainer(log) };
    const service = serviceOf(changes);
    const judged = { ...service, config: toRolloutConfig(service) };
    const findings = checkTaskDefinition({ found }, judged, serviceFacts());
    expect(findings.filter(({ subject }) => subject === 'log').map(({ remedy }) => remedy)).toEqual(remedies);
  });

  it('needs no health check of its own behind a load balancer', () => {
    expect(said(check(withContainer({ healthCheck: undefined }), true))).toContain('ok health check');
  });
});

describe('a repository', () => {
  const exact = serviceOf({ tag: { exact: 'live' } });
  const excluding = [{ filterType: 'WILDCARD' as const, filter: 'liv*' }];

  it.each([
    ['mutable', { imageTagMutability: 'MUTABLE' as const }, 'ok repository'],
    ['immutable', { imageTagMutability: 'IMMUTABLE' as const }, 'problem repository'],
    [
      'immutable but for the tag',
      { imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' as const, imageTagMutabilityExclusionFilters: excluding },
      'ok repository',
    ],
    [
      'mutable but for the tag',
      { imageTagMutability: 'MUTABLE_WITH_EXCLUSION' as const, imageTagMutabilityExclusionFilters: excluding },
      'problem repository',
    ],
  ])('that is %s, under one moving tag: %s', (_what, found, expected) => {
    expect(said(checkRepository({ found }, exact))).toEqual([expected]);
  });

  it('may be immutable when every push has a tag of its own', () => {
    const many = serviceOf({ tag: { glob: '*' } });
    expect(said(checkRepository({ found: { imageTagMutability: 'IMMUTABLE' } }, many))).toEqual(['ok repository']);
    expect(said(checkRepository({ found: undefined }, many))).toEqual(['problem repository']);
  });

  const rule = (rulePriority: number, selection: object) => ({ rulePriority, selection, action: { type: 'expire' } });
  const some = { countType: 'imageCountMoreThan', countNumber: 5 };
  const any = rule(2, { tagStatus: 'any', ...some });
  const untagged = rule(1, { tagStatus: 'untagged', ...some });
  const kept = { tagStatus: 'tagged', countType: 'imageCountMoreThan', countNumber: 1000 };
  const tagged = (list: object) => rule(1, { tagStatus: 'tagged', ...list, ...some });

  it.each([
    ['nothing', undefined, ['live'], 'ok'],
    ['untagged images, of which it is none', [untagged], ['live'], 'ok'],
    ['untagged images, of which it is one', [untagged], [], 'warning'],
    ['all beyond some', [any], ['live'], 'warning'],
    ['other prefixes', [tagged({ tagPrefixList: ['pr-'] })], ['live'], 'ok'],
    ['its prefix', [tagged({ tagPrefixList: ['li'] })], ['live'], 'warning'],
    ['other patterns', [tagged({ tagPatternList: ['pr-*'] })], ['live'], 'ok'],
    ['its pattern', [tagged({ tagPatternList: ['l*e'] })], ['live'], 'warning'],
    [
      'all, sparing its prefix first',
      [any, rule(1, { ...kept, tagPrefixList: ['rollouts-keep-'] })],
      ['rollouts-keep-api-1'],
      'ok',
    ],
    [
      'all, sparing its pattern first',
      [any, rule(1, { ...kept, tagPatternList: ['rollouts-keep-*'] })],
      ['rollouts-keep-api-1'],
      'ok',
    ],
    [
      'all, sparing its prefix too late',
      [any, rule(3, { ...kept, tagPrefixList: ['rollouts-keep-'] })],
      ['rollouts-keep-api-1'],
      'warning',
    ],
  ])('whose lifecycle policy deletes %s', (_what, rules, tags, level) => {
    const policy = { found: rules && JSON.stringify({ rules }) };
    const findings = checkLifecycle(policy, { found: new Map([[DIGEST, tags]]) });
    expect(said(findings)).toEqual([`${level} lifecycle`]);
    if (level === 'warning') expect(findings[0]!.message).toContain('beyond the newest 5');
  });

  const images = (...digits: string[]) => ({ found: new Map(digits.map((digit) => [digest(digit), ['t']] as const)) });
  const twoProven = ledger({ verified: [provenBy('b', 2), provenBy('a', 1)] });

  it.each<[string, Looked<Map<string, readonly string[]>>, string, string[], number?]>([
    ['both are there', images('a', 'b'), 'b', ['ok rollback image']],
    ['the one further back is gone', images('b'), 'b', ['warning rollback image']],
    ['the last one is gone, which runs', images('a'), 'b', ['ok rollback image']],
    ['the last one is gone, and the one before runs', images('a'), 'a', ['warning rollback image']],
    // Whoever deployed it: the newest proven image runs already, and is none to go back to.
    ['the last one runs under a revision of somebody else', images('b'), 'b', ['warning rollback image'], 9],
  ])('that holds the image to which a person goes back: %s', (_what, present, runs, expected, number = 2) => {
    const running = { taskDefinition: revision(number), proven: provenBy(runs, number) };
    expect(said(checkProvenImages(twoProven, present, { found: running }, 'launched', undefined))).toEqual(expected);
  });

  it('that holds the image to which a person goes back is judged by the revision alone where what runs is not proven', () => {
    const running = { taskDefinition: revision(2) };
    const findings = checkProvenImages(twoProven, images('b'), { found: running }, 'launched', undefined);
    expect(said(findings)).toEqual(['warning rollback image']);
  });

  it('for which nothing is proven yet has nothing to lose', () => {
    expect(
      said(checkProvenImages(ledger(), { found: new Map() }, { found: undefined }, 'launched', undefined)),
    ).toEqual(['warning rollback image']);
    expect(said(checkProvenImages(ledger(), { found: new Map() }, { found: undefined }, 'new', undefined))).toEqual([
      'ok rollback image',
    ]);
  });
});

describe('the push role', () => {
  const ACCESS = { owner: 'o', name: 'r', origin: 'environment:production', roleName: 'push' };
  const GITHUB = 'arn:aws-us-gov:iam::210987654321:oidc-provider/token.actions.githubusercontent.com';
  const statement = (Condition: object, changes: object = {}) => ({
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: GITHUB },
    Condition: Condition as never,
    ...changes,
  });
  const trust = (...Statement: ReturnType<typeof statement>[]) => ({ found: { Statement } });
  const key = (name: string): string => `token.actions.githubusercontent.com:${name}`;
  const CLASSIC = 'repo:o/r:environment:production';
  const AUD = { [key('aud')]: 'sts.amazonaws.com' };

  it.each([
    ['without ids', ACCESS, 'repo:o@OWNER_ID/r@REPOSITORY_ID:environment:production'],
    ['with ids', { ...ACCESS, ownerId: '11', repositoryId: '22' }, 'repo:o@11/r@22:environment:production'],
    [
      'for branches of a pattern',
      { ...ACCESS, origin: 'ref:refs/heads/*' },
      'repo:o@OWNER_ID/r@REPOSITORY_ID:ref:refs/heads/*',
    ],
  ])('as we write it, %s, lets both forms of subject in, names them, and nobody else', (_what, access, withIds) => {
    const findings = checkPushRole(trust(statement(trustConditions(access))), access);
    expect(said(findings)).toEqual(['ok push role']);
    expect(findings[0]?.details).toEqual([`repo:o/r:${access.origin}`, withIds]);
  });

  it.each([
    ['another environment', statement({ StringEquals: { [key('sub')]: 'repo:o/r:environment:staging' } }), 'problem'],
    ['another audience', statement({ StringEquals: { [key('aud')]: 'other', [key('sub')]: CLASSIC } }), 'problem'],
    ['only the name', statement({ StringEquals: { ...AUD, [key('sub')]: CLASSIC } }), 'warning'],
    ['a claim that is not there', statement({ StringEquals: { [key('actor')]: 'me' } }), 'problem'],
    ['an operator of another kind', statement({ NumericEquals: { [key('sub')]: CLASSIC } }), 'problem'],
    ["another issuer's key", statement({ StringEquals: { 'gitlab.com:sub': CLASSIC } }), 'problem'],
    ['another provider', statement({}, { Principal: { Federated: GITHUB.replace('token.', 'other.') } }), 'problem'],
    ['services alone', statement({}, { Action: 'sts:AssumeRole' }), 'problem'],
  ])('that trusts %s does not match, and the expected subjects are told', (_what, only, level) => {
    const [finding] = checkPushRole(trust(only), ACCESS);
    expect(finding?.level).toBe(level);
    expect(finding?.details).toContain(CLASSIC);
  });

  it.each([
    [
      'without a subject',
      statement({ StringEquals: AUD }),
      'another owner, another repository of the same owner, pull requests, other branches',
    ],
    [
      'of every repository whose name begins so',
      statement({ StringEquals: AUD, StringLike: { [key('sub')]: 'repo:o*' } }),
      'another owner',
    ],
    [
      'of the whole repository',
      statement({ StringEquals: AUD, StringLike: { [key('sub')]: 'repo:o*/r*:*' } }),
      'pull requests, other branches',
    ],
    ['through a wildcard action', statement({}, { Action: 'sts:*' }), 'pull requests'],
  ])('that lets in jobs %s is told as too open', (_what, open, guests) => {
    const findings = checkPushRole(trust(open), ACCESS);
    expect(said(findings)).toEqual(['ok push role', 'warning push role']);
    expect(findings[1]!.message).toContain(guests);
  });

  it('that denies everybody lets nobody in, whatever it allows', () => {
    const denies = statement({}, { Effect: 'Deny', Principal: '*' });
    expect(said(checkPushRole(trust(statement(trustConditions(ACCESS)), denies), ACCESS))).toEqual([
      'problem push role',
    ]);
    const elsewhere = statement({ StringEquals: { [key('sub')]: 'repo:x/y:ref:refs/heads/main' } }, { Effect: 'Deny' });
    expect(said(checkPushRole(trust(statement(trustConditions(ACCESS)), elsewhere), ACCESS))).toEqual(['ok push role']);
  });

  it('that is missing lets nobody in', () => {
    expect(said(checkPushRole({ found: undefined }, ACCESS))).toEqual(['problem push role']);
  });

  it('needs an identity provider with the audience', () => {
    expect(said(checkIdentityProvider({ found: undefined }))).toEqual(['problem identity']);
    expect(said(checkIdentityProvider({ found: ['other'] }))).toEqual(['problem identity']);
    expect(said(checkIdentityProvider({ found: ['sts.amazonaws.com'] }))).toEqual(['ok identity']);
  });
});

describe('a cell', () => {
  const config = toRolloutConfig(SERVICE);

  it.each([
    ['as this checkout would deploy it', { config, release: 'r1' }, ['ok configuration', 'ok release']],
    [
      'with another bake time',
      { config: { ...config, bakeTimeSeconds: 5 }, release: 'r1' },
      ['warning configuration', 'ok release'],
    ],
    ['of other code', { config, release: 'r0' }, ['ok configuration', 'warning release']],
    ['of before releases were noted', { config }, ['ok configuration', 'warning release']],
    ['that is not deployed', undefined, ['problem cell']],
    ['of another service', { config: { ...config, service: 'staging/api' }, release: 'r1' }, ['problem name']],
  ])('%s', (_what, found, expected) => {
    const findings = checkMachine({ found }, { config, release: 'r1' });
    expect(said(findings)).toEqual(expected);
    if (expected[0] === 'warning configuration') expect(findings[0]!.message).toContain('bakeTimeSeconds');
  });

  it('that has another name than the configuration gives it is looked at itself, and no other is to be deployed', async () => {
    const asked: string[] = [];
    const { cell } = cannedCell({
      'states:DescribeStateMachine': (request: { readonly stateMachineArn: string }) => {
        asked.push(request.stateMachineArn);
        return { definition: DEFINITION };
      },
    });
    const configured = { ...cell.configured!, name: 'another' };
    const answer = await doctor.runIn({ ...cell, configured }, { terraform: undefined }, session());
    expect(asked).toEqual([cell.stateMachineArn]);
    const { findings } = documentOf(answer) as { findings: Finding[] };
    expect(said(findings).filter((each) => each.endsWith('name'))).toEqual(['problem name']);
    expect(commandToDeploy(findings)).toBeUndefined();
  });

  const DEPLOYED: Answers = { 'states:DescribeStateMachine': () => ({ definition: DEFINITION }) };

  it('says in the end that the service needs someone, however ready it is', async () => {
    const lastLine = async (state: Parameters<typeof ledger>[0]): Promise<string> => {
      const answer = await doctor.runIn(
        cannedCell({ ...ledgerThat([state!]), ...DEPLOYED }).cell,
        { terraform: undefined },
        session(),
      );
      return 'lines' in answer && Array.isArray(answer.lines) ? (answer.lines as string[]).at(-1)! : '';
    };
    expect(await lastLine({ needsSomeone: NEED })).toBe('The service needs someone: rollouts status');
    expect(await lastLine({})).not.toContain('needs someone');
  });

  it('that has another name than the configuration gives it is told of', () => {
    const named = { ...SERVICE, name: 'production-api' };
    expect(checkName({ config, service: SERVICE, configured: SERVICE })).toEqual([]);
    expect(checkName({ config, service: SERVICE })).toEqual([]);
    expect(checkName({ config, service: SERVICE, configured: named })).toEqual([
      {
        level: 'problem',
        subject: 'name',
        message: 'default/api has a cell already, named api, and a second one cannot be created for it.',
        remedy: "name: 'api', or delete the stacks of that cell first",
      },
    ]);
  });

  it.each([
    ['ENABLED', 'ok'],
    ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', 'ok'],
    ['DISABLED', 'problem'],
    [undefined, 'problem'],
  ])('whose push rule is %s', (found, level) => {
    expect(said(checkPushRule({ found }))).toEqual([`${level} push rule`]);
  });

  it.each([
    ['rests', {}, undefined, ['ok ledger']],
    ['is rolled', { owner: owner() }, true, ['ok rollout']],
    [
      'is rolled while another push waits',
      { owner: owner(), pending: { rolloutId: 'r3', executionArn: 'x', startedAt: 1, token: 't' } },
      true,
      ['ok rollout', 'ok rollout'],
    ],
    ['is owned by the dead', { owner: owner() }, false, ['warning rollout']],
    ['is pinned by a person', { pin: { since: 1, rolloutId: 'r' } }, undefined, ['warning pin']],
    ['knows of a bad image', { quarantine: [quarantined('b')] }, undefined, ['ok quarantine']],
    ['needs someone', { needsSomeone: NEED }, undefined, ['warning needs someone']],
    [
      'is looked at by someone',
      { needsSomeone: { ...NEED, acknowledged: { by: 'ann', at: NOW, reason: 'mine' } } },
      undefined,
      ['ok in hand'],
    ],
    ['owes an announcement', { outbox: [{}] }, undefined, ['warning ledger']],
  ])('whose service %s', (_what, changes, isOwnerRunning, expected) => {
    expect(said(checkLedger({ found: ledger(changes as object) }, { found: isOwnerRunning }))).toEqual(expected);
  });

  const drift = (changes: object) => {
    const known = ledger({ verified: [proven()] });
    return checkDrift({
      ledger: known,
      running: revision(1),
      images: [`repo/api@${DIGEST}`],
      isTerraforms: false,
      ...changes,
    });
  };
  const other = revision(9);

  it.each([
    ['what it proved', {}, ['ok drift'], 'puts'],
    ['the same image under another revision', { running: other }, ['ok drift'], ''],
    ['another image', { running: other, images: ['repo/api:1'] }, ['warning drift'], 'Somebody else deployed web:9'],
    [
      'Terraform’s image',
      { running: other, images: ['repo/api:1'], isTerraforms: true },
      ['warning drift'],
      'Terraform',
    ],
    [
      'an image that the parameter does not name',
      { liveImage: 'repo/api@sha256:0' },
      ['warning drift'],
      'would roll it',
    ],
    ['a rollout', { ledger: ledger({ verified: [proven()], owner: owner() }) }, [], ''],
    ['nothing proven yet', { ledger: ledger() }, [], ''],
  ])('whose service runs %s', (_what, changes, expected, text) => {
    const findings = drift(changes);
    expect(said(findings)).toEqual(expected);
    if (expected[0]?.startsWith('warning')) expect(findings[0]!.message).toContain(text);
  });
});

describe('what the containers read when they start', () => {
  const ARN = arnElsewhere('secretsmanager', 'secret:team/key-AbCdEf');
  const provisioned = (secrets: object) =>
    serviceOf({ registry: {}, provision: { port: 80, secrets } } as Partial<ServiceConfiguration>).provision;
  const ALL = provisioned({
    A: { parameter: '/a' },
    B: { parameter: '/b' },
    USER: { secret: 'team/db', key: 'user' },
    PASSWORD: { secret: 'team/db', key: 'password' },
    KEY: { secret: ARN },
  });
  const present = (parameters: string[], stored: [string, 'stored' | 'deleted'][]): PresentSecrets => ({
    parameters: { found: new Set(parameters) },
    stored: { found: new Map(stored) },
  });

  it('is well when all of it exists', () => {
    const seen = present(
      ['/a', '/b'],
      [
        ['team/db', 'stored'],
        [ARN, 'stored'],
      ],
    );
    expect(checkSecrets(seen, ALL).map(({ level, message }) => [level, message])).toEqual([
      ['ok', 'All 2 SSM parameters that the containers read exist; no value was read.'],
      ['ok', 'All 2 secrets that the containers read exist; no value was read.'],
    ]);
  });

  it('is a problem for each thing that is missing, with the command that creates it', () => {
    const problems = checkSecrets(present(['/b'], []), ALL);
    expect(problems.map(({ level, subject }) => `${level} ${subject}`)).toEqual(Array(3).fill('problem secrets'));
    expect(problems.map(({ message, remedy }) => `${message} ${remedy}`)).toEqual([
      'There is no SSM parameter /a, from which the containers read A: no task starts. ' +
        'aws ssm put-parameter --type SecureString --name /a --value …',
      'There is no secret team/db, from which the containers read USER, PASSWORD: no task starts. ' +
        'aws secretsmanager create-secret --name team/db --secret-string …',
      `There is no secret ${ARN}, from which the containers read KEY: no task starts. ` +
        'a new secret gets an ARN of its own: correct the one under provision.secrets',
    ]);
  });

  it('is a problem when a secret is about to be deleted, and is restored', () => {
    const [finding, ...others] = checkSecrets(
      present([], [['team/db', 'deleted']]),
      provisioned({ USER: { secret: 'team/db' } }),
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ level: 'problem', message: expect.stringContaining('scheduled for deletion') });
    expect(finding?.remedy).toBe('aws secretsmanager restore-secret --secret-id team/db');
  });

  it('is unknown as far as nobody may look, and is not asked about where nothing is read', () => {
    const refused = { refused: 'the caller may not ssm:DescribeParameters' };
    const seen = { parameters: refused, stored: refused };
    expect(said(checkSecrets(seen, ALL))).toEqual(['unknown secrets', 'unknown secrets']);
    expect(said(checkSecrets(seen, provisioned({ A: { parameter: '/a' } })))).toEqual(['unknown secrets']);
    expect(checkSecrets(seen, provisioned({}))).toEqual([]);
    expect(checkSecrets(seen, undefined)).toEqual([]);
  });
});

describe('Terraform’s files', () => {
  const service = (body: string): string => `resource "aws_ecs_service" "api" {\n  name = "api"\n${body}\n}\n`;

  it.each([
    ['nothing', service(''), false],
    ['the task definition', service('  lifecycle {\n    ignore_changes = [desired_count, task_definition]\n  }'), true],
    ['everything', service('  lifecycle { ignore_changes = all }'), true],
    ['something else', service('  lifecycle { ignore_changes = [desired_count] }'), false],
    ['it in a comment', service('  # ignore_changes = [task_definition]'), false],
    [
      'it in the next resource',
      `${service('')}resource "x" "y" { lifecycle { ignore_changes = [task_definition] } }`,
      false,
    ],
  ])('that ignore %s', (_what, source, ignoresRevision) => {
    expect(servicesIn(source)).toEqual([{ name: 'api', ignoresRevision }]);
  });

  it.each([
    ['a definition', 'task_definition = aws_ecs_task_definition.web.arn', 'web'],
    ['its family alone', 'task_definition = "${aws_ecs_task_definition.web.family}:${var.revision}"', 'web'],
    ['a definition elsewhere', 'task_definition = var.task_definition', undefined],
    ['another on which it depends', 'depends_on = [aws_ecs_task_definition.web]', undefined],
  ])('that refer to %s', (_what, body, definition) => {
    expect(servicesIn(service(`  ${body}`))[0]?.definition).toBe(definition);
  });

  const definition = (body: string, name = 'web'): string =>
    `resource "aws_ecs_task_definition" "${name}" {\n  container_definitions = jsonencode([{ name = "web" }])\n${body}\n}\n`;

  it.each([
    ['say nothing', '', { keepsRevisions: false }],
    ['keep what they replace', '  skip_destroy = true', { keepsRevisions: true }],
    ['do not', '  skip_destroy = false', { keepsRevisions: false }],
    ['say so in a comment', '  # skip_destroy = true', { keepsRevisions: false }],
    ['write their family out', '  family = "api"', { keepsRevisions: false, family: 'api' }],
    ['compose their family', '  family = "${var.name}-api"', { keepsRevisions: false }],
  ])('whose task definitions %s', (_what, body, expected) => {
    const next = 'resource "aws_ecs_task_set" "x" { skip_destroy = true }';
    expect(taskDefinitionsIn(definition(body) + next)).toEqual([{ name: 'web', ...expected }]);
  });

  it('are read in a folder, and a folder without a service is told', () => {
    const directory = mkdtempSync(join(tmpdir(), 'terraform-'));
    expect(said(checkTerraform(directory, 'api'))).toEqual(['warning terraform']);
    writeFileSync(join(directory, 'main.tf'), service(''));
    const [finding] = checkTerraform(directory, 'api');
    expect(finding?.message).toContain('main.tf does not ignore changes of the task definition of api');
  });

  it('are told to keep revisions of the family, and of what a service refers to, and of nothing else', () => {
    const directory = mkdtempSync(join(tmpdir(), 'terraform-'));
    writeFileSync(join(directory, 'main.tf'), service('  task_definition = aws_ecs_task_definition.web.arn'));
    writeFileSync(
      join(directory, 'tasks.tf'),
      definition('') + definition('  family = "api"\n  skip_destroy = true', 'mine') + definition('', 'other'),
    );
    const findings = checkTerraform(directory, 'api').slice(1);
    expect(findings.map(({ level, message, remedy }) => [level, message, remedy])).toEqual([
      [
        'warning',
        expect.stringContaining('former revisions of the task definition web'),
        expect.stringContaining('add skip_destroy = true to it'),
      ],
      ['ok', 'tasks.tf keeps the former revisions of the task definition mine.', undefined],
    ]);
  });
});

it('the newest revision of the family is told of where no rollout has proven it', () => {
  const state = ledger({ verified: [provenBy('a', 1)] });
  const found = checkNewest({ found: revision(2) }, state, config(), revision(1));
  expect(said(found)).toEqual(['warning newest revision']);
  expect(found[0]!.message).toBe(
    'web:2 is the newest of web, and no rollout has proven it: RunTask and schedules take it.',
  );
  expect(checkNewest({ found: revision(1) }, state, config(), revision(1))).toEqual([]);
});
