import type { Owner, RolloutRecord, SelectedImage } from '../../functions/rollout/ledger.ts';
import { shortDigest } from '../terminal/layout.ts';
import { utc } from '../terminal/moments.ts';

/** `live (sha256:0123456789ab)`, or the digest alone. */
export function imageText({ digest, tag }: Pick<SelectedImage, 'digest' | 'tag'>): string {
  return tag === undefined ? shortDigest(digest) : `${tag} (${shortDigest(digest)})`;
}

/** An image for machines. */
export function imageJson({ digest, tag }: Pick<SelectedImage, 'digest' | 'tag'>): object {
  return { digest, tag: tag ?? null };
}

/** A finished rollout for machines (docs/verbs-json.md). */
export function recordJson(record: RolloutRecord): object {
  const { rolloutId, executionArn, outcome, reason, message, image, taskDefinition, startedAt, endedAt } = record;
  return {
    rolloutId,
    executionArn,
    outcome,
    reason,
    message,
    intent: intentOf(record),
    request: record.request ?? null,
    image: image ? imageJson(image) : null,
    taskDefinition: taskDefinition ?? null,
    startedAt: utc(startedAt),
    endedAt: utc(endedAt),
    detectionLagSeconds: record.detectionLagSeconds ?? null,
  };
}

/** Why a rollout was started, in one word: a person's verb, else what started it by itself. */
export function intentOf({ request, isTick }: Pick<RolloutRecord, 'request' | 'isTick'>): string {
  if (request) return request.rollback === undefined ? 'start' : 'rollback';
  return isTick ? 'tick' : 'push';
}

/** What a person asked for, in words; undefined for pushes and the tick. */
export function requestText({ request }: Pick<RolloutRecord, 'request'>): string | undefined {
  if (!request) return undefined;
  const { tag, digest, rollback, force, reason } = request;
  const what =
    rollback === true ? 'back to the image before' : (tag ?? digest ?? rollback?.to ?? 'what the tag selects');
  return `${shortDigest(what)}${force ? ', forced' : ''}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Who started a rollout: `started by a push`, or a person and what they asked for; a recovery rolls something else than that. */
export function starterText(owner: Pick<Owner, 'request' | 'isTick' | 'purpose'>): string {
  const asked = requestText(owner);
  if (asked === undefined) return `started by ${owner.isTick ? 'the tick' : 'a push'}`;
  return owner.purpose === 'recover' ? 'started by a person' : `asked for by a person: ${asked}`;
}
