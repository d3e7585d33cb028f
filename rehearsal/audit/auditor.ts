import type { BatchGetImageResponse, DescribeRepositoriesResponse } from '@aws-sdk/client-ecr';
import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { CellConfig } from '../cell/cell-config.ts';
import { deadLetters, refusals } from '../cell/cell-signals.ts';
import { readHistory, readLedgerState, type RecordView } from '../cell/ledger-view.ts';
import { operate } from '../cell/operator.ts';
import { readRollout } from '../cell/rollouts.ts';
import { findService } from '../cell/running-service.ts';
import type { Region } from '../../region/region.ts';
import type { Refusal } from '../../timeline/scenario-report.ts';
import { audit, unexcused, type Excuse } from './audit.ts';
import type { Evidence, ExecutionEvidence, NotificationEvidence, Rule, StateChangeView } from './evidence.ts';
import { entriesOf, followTrail } from './trail.ts';

/** Watches a cell from the moment at which it was asked to, and tells at any time what is wrong with it. */
export interface Auditor {
  /**
   * Lets the world break a rule, for a reason, in those violations whose sentence contains the text or matches; an excuse
   * that nothing needs is a violation itself.
   */
  excuse(rule: Rule, matcher: string | RegExp, reason: string): void;
  /** Takes refusals of that action to be what the scenario wants. */
  expectRefusals(roleArn: string, action: string): void;
  /** How it differs from a sound world after those executions, a sentence each, with the excuses that nothing needs. */
  audit(executionArns: readonly string[]): Promise<string[]>;
}

/** Begins to watch. */
export async function createAuditor(region: Region, cell: DeployedStack, config: CellConfig): Promise<Auditor> {
  const excuses: Excuse[] = [];
  const expected = new Set<string>();
  const trail = followTrail(region, cell, config);
  const standstills = followStandstills(region, cell.outputs['StateMachineArn']!);
  const stateChanges = followStateChanges(region, config);
  const earlier = await readHistory(region, cell.outputs['LedgerTable']!, config);
  const liveImage = region.ssm.valueOf(config.liveImageParameter);
  return {
    excuse: (rule, matcher, reason) => void excuses.push({ rule, matcher, reason }),
    expectRefusals: (roleArn, action) => void expected.add(`${roleArn.slice(roleArn.lastIndexOf('/') + 1)} ${action}`),
    async audit(executionArns) {
      const executions = executionArns.map((arn) => ({
        ...readExecution(region, arn),
        stoodStill: standstills.get(arn) ?? [],
      }));
      const isUnexpected = ({ role, action }: Refusal): boolean => !expected.has(`${role} ${action}`);
      const now = await look(region, cell, config);
      const placed = entriesOf(trail, 'placed-record');
      const known = [...earlier, ...placed.map(({ record }) => record)];
      const before = { liveImage, rolloutIds: known.map(({ rolloutId }) => rolloutId) };
      const evidence = {
        ...now,
        stateChanges,
        executions,
        trail,
        before,
        refusals: refusals(region).filter(isUnexpected),
      };
      return unexcused(audit(evidence), excuses);
    },
  };
}

/** What is there now. */
async function look(
  region: Region,
  cell: DeployedStack,
  config: CellConfig,
): Promise<Omit<Evidence, 'stateChanges' | 'executions' | 'trail' | 'before' | 'refusals'>> {
  const table = cell.outputs['LedgerTable']!;
  const records = await readHistory(region, table, config);
  return {
    ledger: await readLedgerState(region, table, config),
    records,
    notifications: notificationsOf(region, cell, config),
    liveImage: region.ssm.valueOf(config.liveImageParameter),
    repositoryUri: await repositoryUriOf(region, config),
    containers: config.containers,
    children: await childrenOf(region, config, records),
    service: await findService(region, config),
    deadLetters: deadLetters(region, cell),
  };
}

async function repositoryUriOf(region: Region, { repository }: CellConfig): Promise<string> {
  const request = { repositoryNames: [repository] };
  const answer = await operate<DescribeRepositoriesResponse>(region, 'ecr', 'DescribeRepositories', request);
  return answer.repositories?.[0]?.repositoryUri ?? '';
}

function readExecution(region: Region, executionArn: string): ExecutionEvidence {
  const { status, outcome, path, stoppedAt } = readRollout(region, executionArn);
  const { name, input } = region.states.view(executionArn);
  return {
    rolloutId: name,
    status,
    outcome,
    hasConcluded: path.at(-1) === 'Done' || path.at(-1) === 'Failed',
    hasBegunToConclude: path.includes('Conclude'),
    isOwn: isOwnInput(JSON.parse(input) as OwnInput),
    stoppedAt,
  };
}

/** When executions had ended, until somebody redrove them, by their ARNs; the lists grow. */
function followStandstills(region: Region, stateMachineArn: string): ReadonlyMap<string, Standstill[]> {
  const endedAt = new Map<string, number>();
  const found = new Map<string, Standstill[]>();
  region.events.onEvent(({ source, detail }) => {
    if (source !== 'aws.states' || detail['stateMachineArn'] !== stateMachineArn) return;
    const executionArn = String(detail['executionArn']);
    const { now } = region.kernel;
    if (detail['status'] !== 'RUNNING') return void endedAt.set(executionArn, now);
    const from = endedAt.get(executionArn);
    if (from !== undefined) found.set(executionArn, [...(found.get(executionArn) ?? []), { from, until: now }]);
  });
  return found;
}

/** What is put on the bus about rollouts of the service; the list grows. */
function followStateChanges(region: Region, { cluster, serviceName }: CellConfig): readonly StateChangeView[] {
  const told: StateChangeView[] = [];
  region.events.onEvent(({ 'detail-type': type, detail }) => {
    const isOurs = detail['cluster'] === cluster && detail['serviceName'] === serviceName;
    if (type === 'Rollout State Change' && isOurs) told.push(detail as unknown as StateChangeView);
  });
  return told;
}

type Standstill = NonNullable<ExecutionEvidence['stoodStill']>[number];

type OwnInput = { readonly tick?: boolean; readonly detail?: { readonly 'image-tag'?: unknown } } | null;

function isOwnInput(input: OwnInput): boolean {
  return input?.tick === true || String(input?.detail?.['image-tag']).startsWith('rollouts-keep-');
}

/** What alarms and anybody else publish to the topic carries no rollout's id; another cell may publish there, too. */
function notificationsOf(region: Region, cell: DeployedStack, { service }: CellConfig): NotificationEvidence[] {
  return region.sns.messagesOf(cell.outputs['TopicArn']!).flatMap(({ attributes, message }) => {
    const rolloutId = attributes?.['rolloutId']?.StringValue;
    if (rolloutId === undefined || attributes?.['service']?.StringValue !== service) return [];
    // That it has started is no outcome.
    if (attributes['kind']?.StringValue === 'started') return [];
    const outcome = attributes?.['outcome']?.StringValue ?? '';
    return [{ rolloutId, outcome, told: JSON.parse(message) as RecordView }];
  });
}

/** Tasks of a pinned index show the child for their platform, which may stand in an index among its children. */
async function childrenOf(
  region: Region,
  { repository }: CellConfig,
  records: readonly RecordView[],
): Promise<Record<string, readonly string[]>> {
  const digests = [...new Set(records.flatMap(({ image }) => image?.digest ?? []))];
  const entries = await listedBy(region, repository, digests.slice(-100));
  const nested = [...entries.values()].flat().filter(({ mediaType = '' }) => mediaType.includes('.index.'));
  const inner = await listedBy(region, repository, nested.map(({ digest }) => digest).slice(-100));
  return Object.fromEntries(
    [...entries].map(([digest, children]) => {
      const all = children.flatMap((child) => [child, ...(inner.get(child.digest) ?? [])]);
      return [digest, all.map((child) => child.digest)];
    }),
  );
}

interface IndexEntry {
  readonly digest: string;
  readonly mediaType?: string;
}

/** What these manifests list, by digest. */
async function listedBy(
  region: Region,
  repositoryName: string,
  digests: readonly string[],
): Promise<Map<string, readonly IndexEntry[]>> {
  if (digests.length === 0) return new Map();
  const imageIds = digests.map((imageDigest) => ({ imageDigest }));
  const { images = [] } = await operate<BatchGetImageResponse>(region, 'ecr', 'BatchGetImage', {
    repositoryName,
    imageIds,
  });
  return new Map(images.map(({ imageId, imageManifest }) => [imageId?.imageDigest ?? '', listedIn(imageManifest)]));
}

function listedIn(manifest = '{}'): readonly IndexEntry[] {
  const { manifests = [] } = JSON.parse(manifest) as { readonly manifests?: readonly IndexEntry[] };
  return manifests;
}
