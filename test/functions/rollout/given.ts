import type { AcceptFacts, Decision } from '../../../functions/rollout/accept.ts';
import type { RolloutConfig, TagPolicy } from '../../../functions/rollout/config.ts';
import type { DeploymentId, ImageDigest, TaskDefinitionArn } from '../../../functions/rollout/identifiers.ts';
import type { Surroundings } from '../../../functions/rollout/judge-steadiness.ts';
import {
  EMPTY_LEDGER,
  LEDGER_SCHEMA,
  type Baseline,
  type EmptyService,
  type LedgerState,
  type Owner,
  type PendingRollout,
  type PersonsChoice,
  type Phase,
  type ProvenRevision,
  type QuarantinedDigest,
  type RollbackTarget,
  type RolloutRecord,
  type SelectedImage,
} from '../../../functions/rollout/ledger.ts';
import type { DeploymentFacts, ServiceFacts, TaskFacts } from '../../../functions/rollout/service-facts.ts';
import type { Verdict } from '../../../functions/rollout/verdict.ts';
import type { Watch } from '../../../functions/rollout/watch.ts';
import { arnElsewhere } from '../../elsewhere.ts';

/** A digest made of one hexadecimal digit. */
export const digest = (digit: string): ImageDigest => `sha256:${digit.repeat(64)}` as ImageDigest;
export const revision = (number: number): TaskDefinitionArn =>
  arnElsewhere('ecs', `task-definition/web:${number}`) as TaskDefinitionArn;
export const deployment = (number: number): DeploymentId => `ecs-svc/${number}` as DeploymentId;
export const execution = (name: string): string => arnElsewhere('states', `execution:rollout-web:${name}`);

export const GLOB: TagPolicy = { kind: 'glob', pattern: '*' };
export const SEMVER: TagPolicy = { kind: 'semver', range: '^1.0.0' };
export const EXACT: TagPolicy = { kind: 'exact', tag: 'latest' };

export const NOW = Date.parse('2026-01-02T03:04:05Z');
export const MINUTE = 60_000;

export const config = (changes: Partial<RolloutConfig> = {}): RolloutConfig => ({
  service: 'default/web',
  cluster: 'default',
  serviceName: 'web',
  family: 'web',
  repository: 'team/web',
  containers: ['app'],
  tagPolicy: GLOB,
  bakeTimeSeconds: 60,
  deadlineSeconds: 1800,
  liveImageParameter: '/rollouts/default/web/image',
  ...changes,
});

export const image = (digit: string, selectedAt = NOW, tag = `build-${digit}`): SelectedImage => ({
  digest: digest(digit),
  tag,
  selectedAt,
});

export const proven = (digit: string, number: number, changes: Partial<ProvenRevision> = {}): ProvenRevision => ({
  taskDefinition: revision(number),
  digest: digest(digit),
  imageDigests: [digest(digit)],
  deploymentId: deployment(number),
  at: NOW - 60 * MINUTE,
  keepSlot: undefined,
  rolledBackBy: undefined,
  ...changes,
});

/** The proven revision as a rollback target. */
export const target = (digit: string, number: number): RollbackTarget => ({
  kind: 'revision',
  ...proven(digit, number),
});

/** What a launch of three tasks goes back to. */
export const emptyService = (number: number): EmptyService => ({
  kind: 'nothing',
  taskDefinition: revision(number),
  launchCount: 3,
});

/** What a person's choice does beside rolling an image. */
export const choice = (pins: boolean, leaves?: ImageDigest): PersonsChoice => ({ pins, leaves });

/** Whoever waits in it has the token `token-1`. */
export const ledger = (changes: Partial<LedgerState> = {}): LedgerState => ({
  ...EMPTY_LEDGER,
  tokens: changes.owner?.phase.name === 'waiting' ? { watch: 'token-1' } : {},
  version: 7,
  updatedAt: NOW - MINUTE,
  generation: 4,
  ...changes,
});

export const quarantined = (digit: string, since = NOW - MINUTE): QuarantinedDigest => ({
  digest: digest(digit),
  since,
  rolloutId: 'failed-before',
  reason: 'EssentialContainerExited',
});

/** The deployment that ran before `r1`. */
export const BASELINE: Baseline = { deploymentId: deployment(1), createdAt: NOW - 60 * MINUTE };

/** The rollout `r1`, which rolls image `b` (revision 2) over the proven image `a` (revision 1). */
export const owner = (changes: Partial<Owner> = {}): Owner => ({
  rolloutId: 'r1',
  executionArn: execution('r1'),
  generation: 4,
  purpose: 'roll',
  phase: { name: 'preparing' },
  leaseUntil: NOW + 5 * MINUTE,
  deadline: NOW + 30 * MINUTE,
  startedAt: NOW - MINUTE,
  targets: [],
  image: image('b'),
  isTick: false,
  choice: undefined,
  request: undefined,
  baseline: BASELINE,
  rollbackTarget: target('a', 1),
  ...changes,
});

/** What AcceptIntent answered `r1`. */
export const decision = (changes: Partial<Decision> = {}): Decision => ({
  word: 'roll',
  reason: 'Selected',
  message: 'It is selected.',
  image: image('b'),
  rollbackTarget: undefined,
  choice: undefined,
  request: undefined,
  isRepair: false,
  ...changes,
});

/** What the rollout `r2` sees when it looks at a service that is free and runs image `a`. */
export const facts = (changes: Partial<AcceptFacts> = {}): AcceptFacts => ({
  rolloutId: 'r2',
  executionArn: execution('r2'),
  service: 'default/web',
  startedAt: NOW,
  intent: { kind: 'push', tag: 'build-b', digest: digest('b'), at: NOW },
  selected: image('b'),
  running: {
    deploymentId: deployment(1),
    createdAt: NOW - 60 * MINUTE,
    taskDefinition: revision(1),
    desiredCount: 2,
    proven: proven('a', 1),
  },
  ...changes,
});

export const deploymentFacts = (number: number, changes: Partial<DeploymentFacts> = {}): DeploymentFacts => ({
  id: deployment(number),
  status: 'PRIMARY',
  taskDefinition: revision(number),
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
  failedTasks: 0,
  createdAt: NOW - MINUTE,
  rolloutState: 'COMPLETED',
  rolloutStateReason: `ECS deployment ecs-svc/${number} completed.`,
  ...changes,
});

export const service = (changes: Partial<ServiceFacts> = {}): ServiceFacts => ({
  status: 'ACTIVE',
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
  deployments: [deploymentFacts(2)],
  deploymentController: 'ECS',
  strategy: 'ROLLING',
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  breakerRollsBack: false,
  hasTargets: true,
  events: [],
  ...changes,
});

/** A healthy task of deployment and revision 2 that runs image `b`. */
export const task = (name: string, changes: Partial<TaskFacts> = {}): TaskFacts => ({
  taskArn: arnElsewhere('ecs', `task/default/${name}`),
  startedBy: deployment(2),
  taskDefinition: revision(2),
  lastStatus: 'RUNNING',
  desiredStatus: 'RUNNING',
  healthStatus: 'HEALTHY',
  containers: [{ name: 'app', lastStatus: 'RUNNING', imageDigest: digest('b') }],
  ...changes,
});

/** A task of deployment 2 whose essential container exited with code 1. */
export const crashed = (name: string, changes: Partial<TaskFacts> = {}): TaskFacts =>
  task(name, {
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    stoppedAt: NOW,
    containers: [{ name: 'app', lastStatus: 'STOPPED', exitCode: 1 }],
    ...changes,
  });

/** The watch of `r1` on deployment and revision 2. */
export const watch = (changes: Partial<Watch> = {}): Watch => ({
  kind: 'steady',
  cluster: 'default',
  serviceName: 'web',
  containers: ['app'],
  taskDefinition: revision(2),
  deploymentId: deployment(2),
  imageDigests: [digest('b')],
  since: NOW - MINUTE,
  deadline: NOW + 30 * MINUTE,
  until: undefined,
  port: undefined,
  ...changes,
});

/** A rollout that waits for its turn; `isPersons` for a person's choice. */
export const pending = (rolloutId: string, changes: Partial<PendingRollout> = {}): PendingRollout => ({
  rolloutId,
  executionArn: execution(rolloutId),
  startedAt: NOW,
  isPersons: false,
  ...changes,
});

/** The record of `r1`, which rolled image `b` and succeeded. */
export const record = (changes: Partial<RolloutRecord> = {}): RolloutRecord => ({
  schema: LEDGER_SCHEMA,
  rolloutId: 'r1',
  executionArn: execution('r1'),
  service: 'default/web',
  outcome: 'SUCCEEDED',
  reason: 'EvidenceComplete',
  message: 'Fine.',
  image: image('b'),
  request: undefined,
  isTick: false,
  taskDefinition: undefined,
  deploymentId: undefined,
  startedAt: NOW - MINUTE,
  endedAt: NOW,
  detectionLagSeconds: undefined,
  ...changes,
});

/** The phase of `r1` while it waits, judged or not. */
export const waiting = (changes: Partial<Watch> = {}, verdict?: Verdict): Phase => ({
  name: 'waiting',
  watch: watch(changes),
  verdict,
});

/** The phase of a rollout that may be changing the service. */
export const mutating = (since = NOW): Phase => ({ name: 'mutating', since });

export const CONCLUDING: Phase = { name: 'concluding' };

/** What `r1` remembers of the deployment that ran before it. */
export const AROUND: Surroundings = {
  baseline: BASELINE,
  targets: [revision(2)],
  deadline: NOW + 30 * MINUTE,
};
