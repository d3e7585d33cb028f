import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import type { LedgerState, RolloutRecord, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { minutesUntil } from '../../../functions/rollout/try-again.ts';
import { weighIntent } from '../../../functions/rollout/weigh-intent.ts';
import { age } from '../../terminal/moments.ts';
import { imageText } from '../history/records.ts';
import type { Running, Standing } from './standing.ts';

/** What the tag policy selected and the service does not run, though nobody's choice holds it and nothing rolls. */
export interface NotRolled {
  readonly image: SelectedImage;
  /** Whether it is rolled again without anybody's doing. */
  readonly comesAgain: boolean;
  /** When the tick tries it again, milliseconds since the epoch; undefined where that hangs on something else. */
  readonly at: number | undefined;
  /** Why, and what to do. */
  readonly message: string;
  /** The rollout of it that ended last, where that is among the newest. */
  readonly ended: RolloutRecord | undefined;
}

/** The image that is selected and not rolled, and whether it comes again; undefined where there is none, or nobody can tell. */
export function notRolled(
  { ledger, running, ended = [] }: Pick<Standing, 'ledger' | 'running' | 'ended'>,
  config: RolloutConfig,
  now: number,
): NotRolled | undefined {
  const { seen, owner, pin } = ledger;
  const digest = running && runningDigest(running, ledger);
  if (!seen || owner || pin || digest === undefined || digest === seen.digest) return undefined;
  return {
    image: seen,
    ...whether(ledger, seen, config, now),
    ended: ended.find(({ image }) => image?.digest === seen.digest),
  };
}

/** A revision that was proven may name its image otherwise than by its digest. */
function runningDigest({ digest, taskDefinition }: Running, { verified }: LedgerState): string | undefined {
  return digest ?? verified.find((revision) => revision.taskDefinition === taskDefinition)?.digest;
}

/** As the next tick would weigh it. */
function whether(
  ledger: LedgerState,
  image: SelectedImage,
  config: RolloutConfig,
  now: number,
): Pick<NotRolled, 'comesAgain' | 'at' | 'message'> {
  const { retry, unsettled, firstLook } = ledger;
  const { word, reason } = weighIntent(ledger, { kind: 'tick' }, { selected: image }, config);
  if (word === 'roll' && retry) {
    const when = retry.dueAt > now ? `in ${Math.max(1, minutesUntil(retry.dueAt, now))} min` : 'with the next tick';
    return { comesAgain: true, at: retry.dueAt, message: `It is tried again ${when}.` };
  }
  if (reason === 'Quarantined') {
    const message =
      'It is quarantined, and comes again only when it is pushed again or named: rollouts start --digest.';
    return { comesAgain: false, at: undefined, message };
  }
  if (unsettled?.isTriedAgain && unsettled.image.digest === image.digest)
    return { comesAgain: true, at: undefined, message: 'It is tried again once what was proven is back.' };
  const isFirst = firstLook?.digest === image.digest;
  const why = isFirst ? 'It was there at the first look, which rolls nothing' : 'It does not come again by itself';
  return { comesAgain: false, at: undefined, message: `${why}: push it again, or run rollouts start.` };
}

/** What `status` says of it, a paragraph each. */
export function notRolledTexts({ image, message, ended }: NotRolled, now: number): string[] {
  const end = ended ? `: rollout ${ended.rolloutId} ended ${ended.outcome} ${age(ended.endedAt, now)}` : '';
  return [`${imageText(image)}, which does not run${end}`, message];
}
