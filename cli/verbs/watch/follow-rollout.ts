import type { Service } from '@aws-sdk/client-ecs';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { readState } from '../../../functions/aws/ledger-table.ts';
import type { Owner } from '../../../functions/rollout/ledger.ts';
import type { TimelineEntry } from '../../../timeline/scenario-report.ts';
import { readable } from '../../../timeline/timeline.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { describeExecution, executionHistory } from '../../account/executions.ts';
import { interruptible, unlessAborted } from '../../account/interruptible.ts';
import { patience } from '../../account/patience.ts';
import { describeService } from '../../account/running-service.ts';
import type { Clock } from '../../terminal/clock.ts';
import type { Live } from '../../terminal/events.ts';
import { readEnd, type EndedRollout } from './ended-rollout.ts';
import { backSince, currentState, endOf, executionLines, type Happening } from './execution-lines.ts';
import { liveAt } from './live.ts';
import { newestMoment, serviceLines } from './service-lines.ts';

/** Milliseconds between looks: soon after something happened, longer while nothing does. */
const WAIT_MS = { first: 2000, longest: 10_000, growth: 1.5 };
/** Looks at one rollout: more than its longest deadlines, a week each, take. */
const LOOKS_MAX = 1_000_000;

/** How a rollout is followed. */
export interface Following {
  readonly clock: Clock;
  /** Ends the following; the rollout goes on. */
  readonly signal: AbortSignal;
  readonly onEntry: (entry: TimelineEntry) => void;
  /** Hears every second how the rollout stands. @default nobody looks */
  readonly onLive?: (live: Live) => void;
}

/** Tells what happens until the rollout has ended, and answers how; undefined when `signal` aborted before. */
export async function followRollout(
  cell: DeployedCell,
  executionArn: string,
  following: Following,
): Promise<EndedRollout | undefined> {
  const { signal } = following;
  return await unlessAborted(signal, lookUntilEnd(interruptible(cell, signal), executionArn, following));
}

async function lookUntilEnd(
  cell: DeployedCell,
  executionArn: string,
  { clock, signal, onEntry, onLive }: Following,
): Promise<EndedRollout | undefined> {
  const startedAt = (await describeExecution(cell, executionArn))?.startDate?.getTime() ?? 0;
  const look = lookAt(cell, executionArn, startedAt, { clock, onEntry, onLive });
  let waitMs = WAIT_MS.first;
  for (let count = 0; count < LOOKS_MAX && !signal.aborted; count++) {
    const { isOver, hasNews, tellLive } = await look();
    if (isOver) return await tellEnd(cell, executionArn, onEntry);
    waitMs = nextWaitMs(waitMs, hasNews);
    await rest(waitMs, { clock, signal }, tellLive);
  }
  return undefined;
}

/** Milliseconds between two tellings of how the rollout stands. */
const LIVE_MS = 1000;

/** Sleeps so long; where somebody sees how the rollout stands, it is told every second. */
async function rest(
  waitMs: number,
  { clock, signal }: Pick<Following, 'clock' | 'signal'>,
  tellLive: (() => void) | undefined,
): Promise<void> {
  if (!tellLive) return await clock.sleep(waitMs, signal);
  for (let left = waitMs; left > 0 && !signal.aborted; left -= LIVE_MS) {
    tellLive();
    await clock.sleep(Math.min(left, LIVE_MS), signal);
  }
}

async function tellEnd(cell: DeployedCell, executionArn: string, onEntry: Following['onEntry']): Promise<EndedRollout> {
  const ended = await readEnd(cell, executionArn);
  onEntry({ virtualSeconds: (ended.endedAt - ended.startedAt) / 1000, kind: 'ended', text: ended.outcome });
  return ended;
}

/** The wait after a look that found news or none. */
export function nextWaitMs(waitMs: number, hasNews: boolean): number {
  return hasNews ? WAIT_MS.first : Math.min(WAIT_MS.longest, waitMs * WAIT_MS.growth);
}

interface Look {
  readonly isOver: boolean;
  readonly hasNews: boolean;
  /** Tells how the rollout stands by now, as far as this look showed; undefined where nobody hears it. */
  readonly tellLive: (() => void) | undefined;
}

/** Looks at execution and service at once and tells what is new, in the order in which it happened. */
function lookAt(
  cell: DeployedCell,
  executionArn: string,
  startedAt: number,
  {
    clock,
    onEntry,
    onLive,
  }: Pick<Following, 'clock' | 'onEntry'> & { readonly onLive: Following['onLive'] | undefined },
): () => Promise<Look> {
  const news = serviceLines(startedAt);
  const timeThere = timeOfAws(clock);
  let toldEvents = 0;
  const patient = patience();
  let tellLive: Look['tellLive'];
  return async () => {
    const looks = [
      executionHistory(cell, executionArn),
      describeService(cell),
      ownerOf(cell, executionArn, onLive),
    ] as const;
    const seen = await patient(Promise.all(looks));
    if (!seen) return { isOver: false, hasNews: false, tellLive };
    const [history, service, owner] = seen;
    const now = timeThere(Math.max(history.at(-1)?.timestamp?.getTime() ?? 0, newestMoment(service)));
    const endedAt = endOf(history) ?? Infinity;
    const beside = news
      .of(service, Math.min(now, endedAt), backSince(history))
      .filter((line) => !isAfter(endedAt, line, service));
    const happened = [...newLines(history, toldEvents), ...beside].sort((a, b) => a.at - b.at);
    toldEvents = history.length;
    const isOver = endedAt < Infinity;
    const standing = {
      startedAt,
      state: currentState(history),
      tasks: news.tasks(),
      owner: isOver ? undefined : owner,
    };
    // Stamps may be old by now, and tell only that it is no earlier.
    tellLive = onLive && (() => onLive(liveAt(standing, Math.max(clock.now(), timeThere(0)))));
    // First, as the last line stays below what is told: nothing is awaited any more.
    if (isOver) tellLive?.();
    for (const { at, kind, text } of happened)
      onEntry({ virtualSeconds: Math.max(0, at - startedAt) / 1000, kind, text: readable(text) });
    return { isOver, hasNews: happened.length > 0, tellLive };
  };
}

/** Read only where somebody sees what it says. Where it cannot be read they see less, and the rollout is followed all the same. */
async function ownerOf(
  cell: DeployedCell,
  executionArn: string,
  onLive: Following['onLive'],
): Promise<Owner | undefined> {
  if (!onLive) return undefined;
  const { owner } = await readState(cell.ledger).catch(() => ({ owner: undefined }));
  return owner?.executionArn === executionArn ? owner : undefined;
}

/** What the service does after the end, with the tasks of a newer deployment, belongs to the next rollout. */
function isAfter(endedAt: number, { at, kind }: Happening, service: Service | undefined): boolean {
  const isNewer = (service?.deployments ?? []).some(({ createdAt }) => (createdAt?.getTime() ?? 0) > endedAt);
  return at > endedAt || (kind === 'tasks' && isNewer);
}

/** Lines of the events that were not told yet; the earlier ones are read too, as they name the step of the later. */
function newLines(history: readonly HistoryEvent[], told: number): Happening[] {
  const before = executionLines(history.slice(0, told)).length;
  return executionLines(history).slice(before);
}

/** AWS's present time, as far as its newest time stamps and the clock here tell: never behind a stamp, and never back. */
function timeOfAws(clock: Clock): (newest: number) => number {
  let ahead = Number.NEGATIVE_INFINITY;
  return (newest) => {
    ahead = Math.max(ahead, newest - clock.now());
    return clock.now() + ahead;
  };
}
