import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';

/** Outcomes that say of an image that it failed. */
const FAILED = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'FAILED_NO_ROLLBACK_TARGET', 'FAILED_ROLLBACK'];
/** A container that ends so soon ends before any bake of what nothing checks. */
const SOON_SECONDS = 45;

type Ended = Pick<RecordView, 'rolloutId' | 'outcome' | 'reason' | 'image'>;

/** What is known of a history in which nothing but pushes can have decided the verdicts. */
export interface Pushed {
  /** What was pushed with that digest; undefined for what is no image. */
  readonly imageOf: (digest: string) => ImageOptions | undefined;
  /** Whether something sound ran before the first push. */
  readonly hasBaseline: boolean;
}

/** Verdicts that are not what the images were. */
export function wrongVerdicts(records: readonly Ended[], pushed: Pushed): string[] {
  return records.flatMap((record) => {
    const why = record.image && contradiction(record, pushed.imageOf(record.image.digest), pushed);
    if (!why) return [];
    const { rolloutId, outcome, reason } = record;
    return [`verdict: Rollout ${rolloutId} ended ${outcome} (${reason}), and ${why}.`];
  });
}

function contradiction(
  { outcome }: Ended,
  image: ImageOptions | undefined,
  { hasBaseline }: Pushed,
): string | undefined {
  if (!image) return FAILED.includes(outcome) ? 'what was pushed is no image' : undefined;
  const { behaviour = 'healthy' } = image;
  if (behaviour === 'healthy' && FAILED.includes(outcome)) return 'its image is healthy, and nothing was in its way';
  if (outcome === 'SUCCEEDED' && cannotRun(image)) return `its image has the behaviour ${behaviour}`;
  if (outcome === 'FAILED_ROLLBACK') return 'nothing was in its way back';
  if (outcome === 'FAILED_NO_ROLLBACK_TARGET' && hasBaseline) return 'something sound had run before';
  return undefined;
}

function cannotRun({ behaviour, afterSeconds = 1 }: ImageOptions): boolean {
  if (behaviour === 'unpullable') return true;
  return (behaviour === 'crash' || behaviour === 'out-of-memory') && afterSeconds <= SOON_SECONDS;
}
