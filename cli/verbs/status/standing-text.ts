import { KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import { revisionName } from '../../../functions/rollout/identifiers.ts';
import { isGoingBack, waitingOf } from '../../../functions/rollout/lease.ts';
import type { LedgerState, Owner, PendingRollout } from '../../../functions/rollout/ledger.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { labelledLines, shortDigest, type Labelled } from '../../terminal/layout.ts';
import { moment } from '../../terminal/moments.ts';
import { imageText, requestText, starterText } from '../history/records.ts';
import { causeOf } from './cause-of.ts';
import { notRolled, notRolledTexts } from './not-rolled.ts';
import { imageBehindPin, type Running, type Standing } from './standing.ts';

/** Quarantined digests that are shown; `--json` shows all. */
const QUARANTINE_SHOWN = 5;

/** The lines of `rollouts status`. */
export function standingLines(standing: Standing, { config, account, region }: DeployedCell, now: number): string[] {
  const { ledger, running, last } = standing;
  const lines: Labelled[] = [
    ['Service', [`${config.service} in ${region}, account ${account}`]],
    ...needTexts(ledger, now),
    ['Runs', running ? runningTexts(running, now) : ['nothing: ECS has no such service']],
    ...newestTexts(standing),
    ['Rollout', ownerTexts(standing, now)],
    ['Waits', waitingTexts(standing, now)],
    ...selectedTexts(standing, { config }, now),
    ['Pin', pinTexts(ledger, now)],
    ['Quarantine', quarantineTexts(standing, now)],
    [
      'Last',
      last ? [`${last.outcome} ${moment(last.endedAt, now)}`, shortDigest(last.message)] : ['no rollout has ended yet'],
    ],
  ];
  return labelledLines(lines);
}

/** What someone has to look at, or who looks at it by now; nothing where nothing asks for anybody. */
function needTexts({ needsSomeone }: Pick<LedgerState, 'needsSomeone'>, now: number): Labelled[] {
  if (!needsSomeone) return [];
  const { outcome, rolloutId, since, isUntold, acknowledged } = needsSomeone;
  const what = `${outcome} ${moment(since, now)}, rollout ${rolloutId}`;
  const untold = isUntold ? ['nobody could be told of it: rollouts doctor'] : [];
  const see = `see: rollouts history --rollout ${rolloutId}`;
  if (!acknowledged)
    return [['Needs you', [what, ...untold, see, 'you look at it: rollouts acknowledge --reason "…"']]];
  const { by, at, reason } = acknowledged;
  return [['In hand', [`${by} has been on it since ${moment(at, now)}: ${reason}`, what, ...untold, see]]];
}

function newestTexts({ unprovenNewest }: Standing): Labelled[] {
  if (unprovenNewest === undefined) return [];
  return [['Newest', [`${revisionName(unprovenNewest)}, which no rollout has proven: RunTask and schedules take it`]]];
}

/** What is selected and not rolled, and whether it comes again; nothing where what is selected runs, or waits for something. */
export function selectedTexts(
  standing: Pick<Standing, 'ledger' | 'running' | 'ended'>,
  { config }: Pick<DeployedCell, 'config'>,
  now: number,
): Labelled[] {
  const left = notRolled(standing, config, now);
  return left ? [['Selected', notRolledTexts(left, now)]] : [];
}

/** What runs, in two lines. */
export function runningTexts(running: Running, now: number): string[] {
  const { taskDefinition, digest, desiredCount, runningCount, pendingCount, rolloutState, isProven } = running;
  const tags = running.tags.filter((tag) => !tag.startsWith(KEEP_TAG_PREFIX));
  const image = digest === undefined ? 'image not pinned' : imageOf(tags, digest);
  const pending = pendingCount > 0 ? `, ${pendingCount} pending` : '';
  const trust = isProven ? 'proven' : 'not proven by a rollout';
  return [
    `${revisionName(taskDefinition)}, ${image}, ${trust}`,
    `${runningCount} of ${desiredCount} tasks running${pending}, deployment ${rolloutState}`,
    `since ${moment(running.since, now)}`,
  ];
}

function imageOf(tags: readonly string[], digest: string): string {
  return tags.length === 0 ? shortDigest(digest) : `${tags.slice(0, 3).join(', ')} (${shortDigest(digest)})`;
}

/** What a waiting rollout waits for. */
const AWAITED = {
  steady: 'waits for the steady state',
  bake: 'steady, bakes',
  rollback: 'rolled back, waits for the steady state',
} as const;

function ownerTexts({ ledger: { owner }, ownerStatus, ownerTag }: Standing, now: number): string[] {
  if (!owner) return ['none'];
  const { rolloutId, phase, startedAt } = owner;
  const { watch, verdict } = waitingOf(owner) ?? {};
  const image = { tag: ownerTag, ...owner.image };
  const death = ownerStatus === 'RUNNING' ? [] : [`its execution is ${ownerStatus}: the tick will close it`];
  return [
    `${verbOf(owner)} ${imageText(image)}: ${watch ? AWAITED[watch.kind] : phase.name}`,
    ...causeTexts(owner),
    starterText(owner),
    `rollout ${rolloutId}`,
    `since ${moment(startedAt, now)}`,
    ...(verdict ? [`judged ${verdict.word} (${verdict.reason}): ${shortDigest(verdict.message)}`] : []),
    ...death,
  ];
}

function verbOf(owner: Owner): string {
  if (owner.purpose === 'recover') return 'putting back what ran before';
  return owner.failure || isGoingBack(owner) ? 'rolling back from' : 'rolling';
}

function causeTexts(owner: Owner): string[] {
  const cause = causeOf(owner);
  if (cause) return [`because of ${cause.reason}: ${shortDigest(cause.message)}`];
  const isBack = isGoingBack(owner) || waitingOf(owner)?.watch.kind === 'rollback';
  return isBack ? ['because a step failed: rollouts watch shows which'] : [];
}

function waitingTexts(standing: Standing, now: number): string[] {
  const { undecided, ledger } = standing;
  const { pending, lettingFinish } = ledger;
  const behindPin = imageBehindPin(standing);
  const letting = lettingFinish.filter(({ rolloutId }) => undecided.includes(rolloutId));
  const unknown = undecided.filter((rolloutId) => !letting.some((each) => each.rolloutId === rolloutId));
  const texts = [
    ...(pending ? waiterTexts(pending, '', now) : []),
    ...letting.flatMap((each) => waiterTexts(each, ', once ECS has finished what it deploys', now)),
    ...unknown.flatMap((rolloutId) => [`rollout ${rolloutId}`, 'not decided yet: rollouts watch']),
    ...(behindPin ? [`${imageText(behindPin)}, held until rollouts release`] : []),
  ];
  return texts.length === 0 ? ['nothing'] : texts;
}

type Waiter = Pick<PendingRollout, 'rolloutId' | 'startedAt' | 'image' | 'request'>;

function waiterTexts(waiter: Waiter, until: string, now: number): string[] {
  return [`rollout ${waiter.rolloutId}`, `${wishOf(waiter)}${until}`, `since ${moment(waiter.startedAt, now)}`];
}

/** What whoever waits is about: what was pushed, or what somebody asked for. */
function wishOf(waiter: Waiter): string {
  const asked = requestText(waiter);
  if (asked !== undefined) return `to roll what a person asked for: ${asked}`;
  return waiter.image ? `to roll ${imageText(waiter.image)}, which was pushed` : 'for the tick';
}

function pinTexts({ pin }: LedgerState, now: number): string[] {
  if (!pin) return ['none: pushes are followed'];
  return [
    `a person chose the image ${moment(pin.since, now)}, rollout ${pin.rolloutId}`,
    'pushes are recorded and wait; to follow them again: rollouts release',
  ];
}

function quarantineTexts({ ledger: { quarantine }, quarantineTags = {} }: Standing, now: number): string[] {
  if (quarantine.length === 0) return ['none'];
  const more = quarantine.length - QUARANTINE_SHOWN;
  return [
    ...quarantine.slice(0, QUARANTINE_SHOWN).map(({ digest, reason, since }) => {
      const image = imageOf(quarantineTags[digest] ?? [], digest);
      return `${image} ${reason} ${moment(since, now)}`;
    }),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}
