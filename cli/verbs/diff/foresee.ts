import { acceptIntent, type AcceptFacts, type Decision } from '../../../functions/rollout/accept.ts';
import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import type { Intent } from '../../../functions/rollout/intent.ts';
import { ledgerTime, type LedgerState, type SelectedImage } from '../../../functions/rollout/ledger.ts';
import { cautionsOf, checkReadiness, type Plan, type PreflightFacts } from '../../../functions/rollout/preflight.ts';
import type { RunningRevision } from '../../../functions/rollout/running-revision.ts';

/** What was seen of the world that an intent would come into. */
export type SeenWorld = Pick<AcceptFacts, 'selected' | 'named' | 'running' | 'isOwnerRunning' | 'ownerStop'>;

/** The id of a rollout that there never was: no execution is named so. */
export const NO_ROLLOUT = '';

/** AcceptIntent's words; `rejected` is Preflight's too. */
export const ANSWER_WORDS = [
  'roll',
  'nothing',
  'stale',
  'held',
  'busy',
  'let-finish',
  'recover',
  'rejected',
] as const satisfies readonly Decision['word'][];

/** What the flow would answer; `reason` is CamelCase, as in the history. */
export type Answer = Pick<Decision, 'word' | 'reason' | 'message'>;

/** What AcceptIntent would decide about an intent that came at `now`, milliseconds since the epoch; nothing is written. */
export function foresee(
  ledger: LedgerState,
  seen: SeenWorld,
  intent: Intent,
  config: RolloutConfig,
  now: number,
): Decision {
  const rollout = { rolloutId: NO_ROLLOUT, executionArn: '', service: config.service, startedAt: now };
  return acceptIntent(ledger, { ...rollout, ...seen, intent }, config, ledgerTime(now, ledger)).decision;
}

/** What Preflight would be asked of a decision; undefined where it would not be reached. */
export function planOf({ word, image, rollbackTarget }: Decision): Plan | undefined {
  return word === 'roll' && image ? { image, rollbackTarget } : undefined;
}

/** What Preflight would be asked if the image were rolled on a free service, whatever is known of it. */
export function planFor(
  image: SelectedImage,
  ledger: LedgerState,
  running: RunningRevision | undefined,
  config: RolloutConfig,
  now: number,
): Plan | undefined {
  const forced = { kind: 'person', digest: image.digest, force: true } as const;
  return planOf(foresee({ ...ledger, owner: undefined }, { named: image, running }, forced, config, now));
}

/** What becomes of a decision once Preflight has looked: its refusal comes before anything is touched. */
export function answerTo(decision: Decision, facts: PreflightFacts | undefined, config: RolloutConfig): Answer {
  const plan = planOf(decision);
  const clearance = plan && facts && checkReadiness(facts, plan, config);
  if (clearance?.word !== 'reject') return { word: decision.word, reason: decision.reason, message: decision.message };
  return { word: 'rejected', reason: clearance.reason, message: clearance.message };
}

/** What Preflight would say of a roll that it lets go, a sentence each; nothing where it would not be reached, or refuses. */
export function cautionsAt(decision: Decision, facts: PreflightFacts | undefined, config: RolloutConfig): string[] {
  const plan = planOf(decision);
  if (!plan || !facts || checkReadiness(facts, plan, config).word === 'reject') return [];
  return cautionsOf(facts, plan, config).map(({ found }) => `${found}.`);
}

/** The push of an image as ECR knows it, as the event of that push told it. */
export function pushOf({ digest, tag, selectedAt }: SelectedImage & { readonly tag: string }): Intent {
  return { kind: 'push', tag, digest, at: selectedAt };
}
