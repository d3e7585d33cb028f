import { KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import { revisionName } from '../../../functions/rollout/identifiers.ts';
import { waitingOf } from '../../../functions/rollout/lease.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { labelledLines, shortDigest, type Labelled } from '../../terminal/layout.ts';
import { moment } from '../../terminal/moments.ts';
import { imageText, starterText } from '../history/records.ts';
import { imageBehindPin, type Running, type Standing } from './standing.ts';

/** Quarantined digests that are shown; `--json` shows all. */
const QUARANTINE_SHOWN = 5;

/** The lines of `rollouts status`. */
export function standingLines(standing: Standing, { config, account, region }: DeployedCell, now: number): string[] {
  const { ledger, running, last } = standing;
  const lines: Labelled[] = [
    ['Service', [`${config.service} in ${region}, account ${account}`]],
    ['Runs', running ? runningTexts(running, now) : ['nothing: ECS has no such service']],
    ...newestTexts(standing),
    ['Rollout', ownerTexts(standing, now)],
    ['Waits', waitingTexts(standing, now)],
    ['Pin', pinTexts(ledger, now)],
    ['Quarantine', quarantineTexts(ledger, now)],
    [
      'Last',
      last ? [`${last.outcome} ${moment(last.endedAt, now)}`, shortDigest(last.message)] : ['no rollout has ended yet'],
    ],
  ];
  return labelledLines(lines);
}

function newestTexts({ unprovenNewest }: Standing): Labelled[] {
  if (unprovenNewest === undefined) return [];
  return [['Newest', [`${revisionName(unprovenNewest)}, which no rollout has proven: RunTask and schedules take it`]]];
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
  const { rolloutId, purpose, phase, startedAt } = owner;
  const { watch, verdict } = waitingOf(owner) ?? {};
  const image = { tag: ownerTag, ...owner.image };
  const verb = purpose === 'recover' ? 'putting back what ran before' : 'rolling';
  const death = ownerStatus === 'RUNNING' ? [] : [`its execution is ${ownerStatus}: the tick will close it`];
  return [
    `${verb} ${imageText(image)}: ${watch ? AWAITED[watch.kind] : phase.name}`,
    starterText(owner),
    `rollout ${rolloutId}`,
    `since ${moment(startedAt, now)}`,
    ...(verdict ? [`judged ${verdict.word} (${verdict.reason}): ${shortDigest(verdict.message)}`] : []),
    ...death,
  ];
}

function waitingTexts(standing: Standing, now: number): string[] {
  const { undecided, ledger } = standing;
  const { pending } = ledger;
  const behindPin = imageBehindPin(standing);
  const texts = [
    ...(pending ? [`rollout ${pending.rolloutId}`, `since ${moment(pending.startedAt, now)}`] : []),
    ...undecided.flatMap((rolloutId) => [`rollout ${rolloutId}`, 'not decided yet: rollouts watch']),
    ...(behindPin ? [`${imageText(behindPin)}, held until rollouts release`] : []),
  ];
  return texts.length === 0 ? ['nothing'] : texts;
}

function pinTexts({ pin }: LedgerState, now: number): string[] {
  if (!pin) return ['none: pushes are followed'];
  return [
    `a person chose the image ${moment(pin.since, now)}, rollout ${pin.rolloutId}`,
    'pushes are recorded and wait; to follow them again: rollouts release',
  ];
}

function quarantineTexts({ quarantine }: LedgerState, now: number): string[] {
  if (quarantine.length === 0) return ['none'];
  const more = quarantine.length - QUARANTINE_SHOWN;
  return [
    ...quarantine
      .slice(0, QUARANTINE_SHOWN)
      .map(({ digest, reason, since }) => `${shortDigest(digest)} ${reason} ${moment(since, now)}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}
