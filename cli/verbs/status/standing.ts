import { newestRecords } from '../../../functions/aws/history.ts';
import { readState } from '../../../functions/aws/ledger-table.ts';
import { findImage, findImages } from '../../../functions/aws/registry.ts';
import { listNewestRevisions } from '../../../functions/aws/task-definitions.ts';
import { KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import { unprovenNewest } from '../../../functions/rollout/failed-revisions.ts';
import { digestIn } from '../../../functions/rollout/identifiers.ts';
import type { LedgerState, RolloutRecord, SelectedImage } from '../../../functions/rollout/ledger.ts';
import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';
import { primaryOf } from '../../../functions/rollout/service-facts.ts';
import { containersIn } from '../../../functions/rollout/task-definition-facts.ts';
import { describeExecution, rolloutIdOf, runningExecutions } from '../../account/executions.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { describeService, describeTaskDefinition } from '../../account/running-service.ts';
import { lastTold } from '../history/records.ts';

/** What the service runs now; times are milliseconds since the epoch. */
export interface Running {
  readonly taskDefinition: string;
  /** Of the first configured container; absent when its image is not pinned. */
  readonly digest: string | undefined;
  readonly tags: readonly string[];
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** When ECS began to deploy it. */
  readonly since: number;
  /** ECS's word for that deployment: `COMPLETED`, `IN_PROGRESS`, `FAILED`. */
  readonly rolloutState: string;
  /** Whether a rollout of ours proved this revision. */
  readonly isProven: boolean;
}

/** An image that may be gone back to. */
export interface ProvenImage {
  readonly digest: string;
  /** One that it has now, but none by which it is only kept. */
  readonly tag: string | undefined;
  /** Milliseconds since the epoch. */
  readonly provenAt: number;
}

/** Everything that one wants to know of a service at once. */
export interface Standing {
  readonly ledger: LedgerState;
  /** Absent when ECS has no such service. */
  readonly running?: Running | undefined;
  /** Step Functions' word for the execution that owns the service; `GONE` when it is forgotten. */
  readonly ownerStatus?: string | undefined;
  /** A tag that the owner's image has now, where it was named by digest or gone back to. */
  readonly ownerTag?: string | undefined;
  /** Executions that run and neither own the service nor wait for their turn, the newest first. */
  readonly undecided: readonly string[];
  /** The newest revision of the family, where no rollout has proven it and it does not run. */
  readonly unprovenNewest?: string | undefined;
  /** Tags that quarantined images have now, by digest; none by which they are only kept. */
  readonly quarantineTags?: Readonly<Record<string, readonly string[]>> | undefined;
  /** What was proven here, is in the repository still and neither runs nor is quarantined: the newest first. */
  readonly proven?: readonly ProvenImage[] | undefined;
  /** The rollout that ended last, one that people are told of before the others. */
  readonly last?: RolloutRecord | undefined;
  /** The newest rollouts that ended, whatever came of them. */
  readonly ended?: readonly RolloutRecord[] | undefined;
}

/**
 * Rollouts among which those of the selected image, and one that people were told of, are looked for: a recovery ends after the
 * rollout that it recovers, and an acknowledgement after what it is about.
 */
const ENDED_READ = 5;

/** Reads the ledger, the service and what they point to. */
export async function readStanding(cell: DeployedCell): Promise<Standing> {
  const ledger = await readState(cell.ledger);
  const { owner } = ledger;
  const [running, execution, ownerTag, undecided, { records }, [newest], tags] = await Promise.all([
    readRunning(cell, ledger),
    owner && describeExecution(cell, owner.executionArn),
    owner && owner.image.tag === undefined ? tagOf(cell, owner.image.digest) : undefined,
    undecidedRollouts(cell, ledger),
    newestRecords(cell.ledger, { count: ENDED_READ }),
    listNewestRevisions(cell.clients.ecs, cell.config.family),
    tagsOfRemembered(cell, ledger),
  ]);
  return {
    ledger,
    undecided,
    running,
    ownerStatus: owner && (execution?.status ?? 'GONE'),
    ownerTag,
    unprovenNewest: unprovenNewest(newest, ledger, running?.taskDefinition),
    quarantineTags: Object.fromEntries(
      Object.entries(tags).filter(([digest]) => ledger.quarantine.some((one) => one.digest === digest)),
    ),
    proven: provenImages(ledger, running?.digest, tags),
    ended: records,
    last: lastTold(records),
  };
}

/** Ids of the rollouts that only began, or let somebody else's deployment finish: the ledger knows nothing of them. */
export async function undecidedRollouts(cell: DeployedCell, { owner, pending }: LedgerState): Promise<string[]> {
  const known = [owner?.rolloutId, pending?.rolloutId];
  return (await runningExecutions(cell)).map(rolloutIdOf).filter((rolloutId) => !known.includes(rolloutId));
}

/** The image that a release would roll: selected, but a person pinned the service to another one. */
export function imageBehindPin({ ledger: { pin, seen, quarantine }, running }: Standing): SelectedImage | undefined {
  const isQuarantined = quarantine.some(({ digest }) => digest === seen?.digest);
  return pin && seen && !isQuarantined && seen.digest !== running?.digest ? seen : undefined;
}

/** A tag of the image, but none by which it is only kept; undefined when it has no other. */
async function tagOf({ clients, config }: DeployedCell, imageDigest: string): Promise<string | undefined> {
  const image = await findImage(clients.ecr, config.repository, { imageDigest });
  return image?.tags.find((tag) => !tag.startsWith(KEEP_TAG_PREFIX));
}

/** Tags of what was quarantined or proven, by digest, in one call; what the repository has no more is not among them. */
async function tagsOfRemembered(
  { clients, config }: DeployedCell,
  { quarantine, verified }: LedgerState,
): Promise<Record<string, readonly string[]>> {
  const digests = [...new Set([...quarantine, ...verified].flatMap(({ digest }) => digest ?? []))];
  const images = await findImages(clients.ecr, config.repository, digests);
  return Object.fromEntries(
    images.map(({ digest, tags }) => [digest, tags.filter((tag) => !tag.startsWith(KEEP_TAG_PREFIX))]),
  );
}

function provenImages(
  { verified, quarantine }: LedgerState,
  runs: string | undefined,
  tags: Readonly<Record<string, readonly string[]>>,
): ProvenImage[] {
  const isOut = (digest: string): boolean => digest === runs || quarantine.some((one) => one.digest === digest);
  const proven = verified.flatMap(({ digest, at }, index) => {
    const isNewest = digest !== undefined && verified.findIndex((one) => one.digest === digest) === index;
    const own = digest === undefined ? undefined : tags[digest];
    return isNewest && own && !isOut(digest) ? [{ digest, tag: own[0], provenAt: at }] : [];
  });
  return proven.toSorted((one, other) => other.provenAt - one.provenAt);
}

/** What runs now; undefined when ECS has no such service. */
export async function readRunning(cell: DeployedCell, { verified }: LedgerState): Promise<Running | undefined> {
  const { clients, config } = cell;
  const service = await describeService(cell);
  const primary = primaryOf(service);
  if (!service || !primary) return undefined;
  const taskDefinition = primary.taskDefinition ?? '';
  const described = await describeTaskDefinition(cell, taskDefinition);
  const digest = described && pinnedDigest(described.taskDefinition, config.containers);
  const image =
    digest === undefined ? undefined : await findImage(clients.ecr, config.repository, { imageDigest: digest });
  return {
    taskDefinition,
    digest,
    tags: image?.tags ?? [],
    desiredCount: service.desiredCount ?? 0,
    runningCount: primary.runningCount ?? 0,
    pendingCount: primary.pendingCount ?? 0,
    since: primary.createdAt?.getTime() ?? 0,
    rolloutState: primary.rolloutState ?? 'UNKNOWN',
    isProven: verified.some((revision) => revision.taskDefinition === taskDefinition),
  };
}

/** The digest by which the first configured container names its image. */
function pinnedDigest(taskDefinition: RawTaskDefinition, containers: readonly string[]): string | undefined {
  return digestIn(containersIn(taskDefinition).find(({ name }) => name === containers[0])?.image);
}
