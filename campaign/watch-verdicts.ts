import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';

/** Outcomes that say of an image that it failed. */
const FAILED = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'FAILED_NO_ROLLBACK_TARGET', 'FAILED_ROLLBACK'];
/** A container that ends so soon ends before any bake of what nothing checks. */
const SOON_SECONDS = 45;

/** Verdicts that are not what the images were, in a history in which nothing but pushes and wishes can have decided them. */
export function wrongVerdicts(
  records: readonly Pick<RecordView, 'rolloutId' | 'outcome' | 'reason' | 'image'>[],
  imageOf: (digest: string) => ImageOptions | undefined,
): string[] {
  return records.flatMap(({ rolloutId, outcome, reason, image }) => {
    const pushed = image && imageOf(image.digest);
    if (!pushed) return [];
    const { behaviour = 'healthy' } = pushed;
    if (behaviour === 'healthy' && FAILED.includes(outcome))
      return [
        `verdict: Rollout ${rolloutId} of a healthy image ended ${outcome} (${reason}), and nothing was in its way.`,
      ];
    if (outcome === 'SUCCEEDED' && cannotRun(pushed))
      return [`verdict: Rollout ${rolloutId} ended SUCCEEDED, and its image has the behaviour ${behaviour}.`];
    if (outcome === 'FAILED_ROLLBACK')
      return [`verdict: Rollout ${rolloutId} ended FAILED_ROLLBACK (${reason}), and nothing was in its way back.`];
    return [];
  });
}

function cannotRun({ behaviour, afterSeconds = 1 }: ImageOptions): boolean {
  if (behaviour === 'unpullable') return true;
  return (behaviour === 'crash' || behaviour === 'out-of-memory') && afterSeconds <= SOON_SECONDS;
}
