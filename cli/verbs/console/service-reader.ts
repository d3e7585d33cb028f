import { newestRecords } from '../../../functions/aws/history.ts';
import { findImages } from '../../../functions/aws/registry.ts';
import { KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import type { ImageDigest } from '../../../functions/rollout/identifiers.ts';
import type { RolloutRecord as LedgerRecord } from '../../../functions/rollout/ledger.ts';
import type { ProvenImage, RolloutDocument, RolloutRecord, ServiceDocument } from '../../../console/documents.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { executionHistory } from '../../account/executions.ts';
import { describeService } from '../../account/running-service.ts';
import { utc } from '../../terminal/moments.ts';
import { entryJson, recordJson } from '../history/records.ts';
import { standingJson } from '../status/standing-json.ts';
import { readStanding, type Standing } from '../status/standing.ts';
import { decisionsIn, recordedDecisions, recordedStates, statesIn } from './execution-told.ts';
import { chronicleOfRollout } from './rollout-chronicle.ts';
import { watchTasks, type WatchedTask } from './watched-tasks.ts';

/** Reads one service from look to look, and remembers what AWS would forget. */
export interface ServiceReader {
  look(): Promise<ServiceDocument>;
  rollout(rolloutId: string): Promise<RolloutDocument | undefined>;
}

/** Ended rollouts that are read at first; later looks add the newest. */
const HISTORY_READ = 200;
/** Pictures of ended rollouts that are kept: of those that were watched more is known than is written down. */
const FINISHED_KEPT = 20;

interface Memory {
  history: RolloutRecord[];
  /** Whatever ended meanwhile is among those that `status` reads, or the history is read anew. */
  isRead: boolean;
  rolling: RolloutDocument | undefined;
  readonly finished: Map<string, RolloutDocument>;
  readonly names: Map<string, string>;
}

/** Begins to read; `timeThere` is AWS's present time, which its newest stamps tell. */
export function readService(cell: DeployedCell, timeThere: (newest: number) => number): ServiceReader {
  const memory: Memory = { history: [], isRead: false, rolling: undefined, finished: new Map(), names: new Map() };
  const tasks = watchTasks(cell);
  const picture = pictureReader(cell, tasks, memory, timeThere);
  return {
    async look() {
      const standing = await readStanding(cell);
      await takeHistory(cell, memory, standing.ended ?? []);
      const now = timeThere(newestIn(standing));
      const told = standingJson(standing, cell, now);
      takeNames(memory, standing);
      const { owner } = standing.ledger;
      const rolling =
        owner && standing.ownerStatus === 'RUNNING'
          ? await picture(owner.executionArn, owner.startedAt, owner)
          : undefined;
      await keepFinished(memory, rolling, picture);
      memory.rolling = rolling;
      const proven = await provenImages(cell, standing);
      return {
        service: cell.config.service,
        readAt: utc(now),
        standing: { ...told, proven },
        history: memory.history,
        ...(rolling && { rolling: { ...rolling, ...(told.rollout && { deadline: told.rollout.deadline }) } }),
      };
    },
    async rollout(rolloutId) {
      if (memory.rolling?.rolloutId === rolloutId) return memory.rolling;
      const known = memory.finished.get(rolloutId);
      if (known) return known;
      // Whoever opens a rollout's own address asks before the first look has learnt what images are called.
      if (!memory.isRead) {
        await takeHistory(cell, memory, []);
        takeTags(memory);
      }
      const record = memory.history.find((one) => one.rolloutId === rolloutId) ?? (await recordOf(cell, rolloutId));
      return record && (await picture(record.executionArn, Date.parse(record.startedAt), undefined, record));
    },
  };
}

async function recordOf(cell: DeployedCell, rolloutId: string): Promise<RolloutRecord | undefined> {
  const { records } = await newestRecords(cell.ledger, { count: 1, idPrefix: rolloutId });
  return records[0] && entryJson(records[0]);
}

async function takeHistory(cell: DeployedCell, memory: Memory, ended: readonly LedgerRecord[]): Promise<void> {
  const isKnown = ({ rolloutId }: { rolloutId: string }): boolean =>
    memory.history.some((one) => one.rolloutId === rolloutId);
  const hasGap = ended.length > 0 && !ended.some(isKnown);
  if (!memory.isRead || hasGap) {
    const { records } = await newestRecords(cell.ledger, { count: HISTORY_READ });
    memory.history = records.map(entryJson);
    memory.isRead = true;
    return;
  }
  const fresh = ended.filter((one) => !isKnown(one)).map(recordJson);
  if (fresh.length > 0) memory.history = [...fresh, ...memory.history];
}

function newestIn({ ledger, running, last }: Standing): number {
  return Math.max(ledger.owner?.startedAt ?? 0, running?.since ?? 0, last?.endedAt ?? 0);
}

/** Tags by which images are known; a rollout that names a digest has none of its own. */
function takeNames(memory: Memory, { ledger, running, quarantineTags = {} }: Standing): void {
  const name = (digest: string | undefined, tag: string | undefined | null): void => {
    if (digest !== undefined && tag) memory.names.set(digest, tag);
  };
  takeTags(memory);
  for (const [digest, tags] of Object.entries(quarantineTags)) name(digest, tags[0]);
  name(
    running?.digest,
    running?.tags.find((tag) => !tag.startsWith(KEEP_TAG_PREFIX)),
  );
  name(ledger.seen?.digest, ledger.seen?.tag);
  name(ledger.owner?.image.digest, ledger.owner?.image.tag);
}

/** The image's tag, with seven digits where several images had that tag; twelve digits without one. */
function nameIn(names: Memory['names'], digest: string, tag = names.get(digest)): string {
  const digits = digest.replace('sha256:', '');
  if (tag === undefined) return digits.slice(0, 12);
  const isShared = [...names].some(([other, one]) => other !== digest && one === tag);
  return isShared ? `${tag} ${digits.slice(0, 7)}` : tag;
}

/** What the history calls images. */
function takeTags({ names, history }: Memory): void {
  for (const { image } of history.toReversed()) if (image?.tag) names.set(image.digest, image.tag);
}

/** The last look at a rollout that is over, with its record, before ECS forgets its tasks. */
async function keepFinished(
  memory: Memory,
  rolling: RolloutDocument | undefined,
  picture: ReturnType<typeof pictureReader>,
): Promise<void> {
  const before = memory.rolling;
  if (!before || before.rolloutId === rolling?.rolloutId) return;
  const record = memory.history.find(({ rolloutId }) => rolloutId === before.rolloutId);
  if (!record) return;
  memory.finished.set(
    before.rolloutId,
    await picture(record.executionArn, Date.parse(record.startedAt), undefined, record),
  );
  for (const id of memory.finished.keys()) if (memory.finished.size > FINISHED_KEPT) memory.finished.delete(id);
}

type Owner = NonNullable<Standing['ledger']['owner']>;

/** Reads all that a picture of one rollout needs. */
function pictureReader(
  cell: DeployedCell,
  tasks: ReturnType<typeof watchTasks>,
  { names }: Memory,
  timeThere: (newest: number) => number,
) {
  return async (
    executionArn: string,
    startedAt: number,
    owner?: Owner,
    record?: RolloutRecord,
  ): Promise<RolloutDocument> => {
    // What the record keeps is not asked for again.
    const isKept = record?.states != null && record.decisions != null;
    const [events, service] = await Promise.all([
      isKept ? [] : historyOrNothing(cell, executionArn),
      describeService(cell),
    ]);
    const deployments = (service?.deployments ?? []).map(({ id = '', taskDefinition = '', createdAt }) => ({
      id,
      taskDefinition,
      createdAt: createdAt?.getTime() ?? 0,
    }));
    const newest = Math.max(events.at(-1)?.timestamp?.getTime() ?? 0, ...deployments.map(({ createdAt }) => createdAt));
    const now = timeThere(newest);
    const seen = await tasks.look(now);
    const states = record?.states ? recordedStates(record.states, startedAt) : statesIn(events, startedAt);
    const decisions = record?.decisions ? recordedDecisions(record.decisions) : decisionsIn(events);
    const image = owner?.image ?? record?.image ?? undefined;
    const nameOf = (digest: string): string => nameIn(names, digest);
    const chronicle = chronicleOfRollout({
      service: cell.config.service,
      rolloutId: executionArn.slice(executionArn.lastIndexOf(':') + 1),
      startedAt,
      now,
      record,
      image: image && nameIn(names, image.digest, image.tag ?? undefined),
      states,
      decisions,
      tasks: seen,
      deployments,
      desiredCount: service?.desiredCount ?? 0,
      nameOf,
      targets: owner?.targets ?? (record?.taskDefinition ? [record.taskDefinition] : []),
    });
    const bakeAt = states.find(({ name }) => name === 'Bake')?.enteredAt;
    const bakeSeconds = cell.config.bakeTimeSeconds;
    return {
      rolloutId: chronicle.rollouts[0]!.id,
      executionArn,
      service: cell.config.service,
      ...(record && { record }),
      chronicle,
      decisions,
      gaps: gapsIn(states.length, chronicle, seen, record),
      ...(bakeSeconds > 0 && {
        bake: { seconds: bakeSeconds, ...(bakeAt !== undefined && { startedAt: utc(startedAt + bakeAt * 1000) }) },
      }),
    };
  };
}

function gapsIn(
  states: number,
  { tasks }: RolloutDocument['chronicle'],
  watched: readonly WatchedTask[],
  record: RolloutRecord | undefined,
): string[] {
  const isGuessed = tasks.some(({ taskId }) =>
    watched.some(({ task, isGuessed }) => isGuessed && task.taskArn?.endsWith(taskId)),
  );
  return [
    ...(isGuessed
      ? [
          'Nobody watched all of it, and ECS does not date health checks: some tasks are drawn as serving from their start.',
        ]
      : []),
    ...(states === 0 ? ['Step Functions has forgotten this execution: its states and decisions are not known.'] : []),
    ...(record && tasks.length === 0
      ? ['ECS forgets a task an hour after it stopped: what its tasks did is not known.']
      : []),
  ];
}

/** An execution is forgotten 90 days after its end. */
async function historyOrNothing(cell: DeployedCell, executionArn: string) {
  try {
    return await executionHistory(cell, executionArn);
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return [];
    throw error;
  }
}

/** What was proven here and does not run, the newest first. */
async function provenImages({ clients, config }: DeployedCell, { ledger, running }: Standing): Promise<ProvenImage[]> {
  const digests = [...new Set(ledger.verified.map(({ digest }) => digest))].filter(
    (digest): digest is ImageDigest => digest !== undefined && digest !== running?.digest,
  );
  const quarantined = new Set(ledger.quarantine.map(({ digest }) => digest));
  const images = await findImages(clients.ecr, config.repository, digests);
  return digests
    .filter((digest) => !quarantined.has(digest))
    .flatMap((digest): ProvenImage[] => {
      const image = images.find((one) => one.digest === digest);
      const at = ledger.verified.find((one) => one.digest === digest)!.at;
      const tag = image?.tags.find((one) => !one.startsWith(KEEP_TAG_PREFIX)) ?? null;
      return image ? [{ digest, tag, provenAt: utc(at) }] : [];
    })
    .sort((one, other) => Date.parse(other.provenAt) - Date.parse(one.provenAt));
}
