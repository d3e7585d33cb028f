import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';

/** Outcomes that say of an image that it failed. */
const FAILED = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'FAILED_NO_ROLLBACK_TARGET', 'FAILED_ROLLBACK'];
/** The first health check of a container comes after so long, or later. */
const FIRST_CHECK_SECONDS = 10;
/** From the end of a container until a rollout has heard of it. */
const NEWS_SECONDS = 15;

type Ended = Pick<RecordView, 'rolloutId' | 'outcome' | 'reason' | 'image'>;

/** What is known of a history in which nothing but pushes can have decided the verdicts. */
export interface Pushed {
  /** What was pushed with that digest; undefined for what is no image. */
  readonly imageOf: (digest: string) => ImageOptions | undefined;
  /** Whether something sound ran before the first push. */
  readonly hasBaseline: boolean;
  /** Whether a health check decides that a task is sound; else it is sound once it runs. */
  readonly isChecked: boolean;
  /** How long what is sound is watched before it counts as proven. */
  readonly bakeSeconds: number;
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

function contradiction({ outcome }: Ended, image: ImageOptions | undefined, pushed: Pushed): string | undefined {
  if (!image) return FAILED.includes(outcome) ? 'what was pushed is no image' : undefined;
  const { behaviour = 'healthy' } = image;
  if (behaviour === 'healthy' && FAILED.includes(outcome)) return 'its image is healthy, and nothing was in its way';
  if (outcome === 'SUCCEEDED' && cannotSucceed(image, pushed)) return `its image has the behaviour ${behaviour}`;
  if (outcome === 'FAILED_ROLLBACK') return 'nothing was in its way back';
  if (outcome === 'FAILED_NO_ROLLBACK_TARGET' && pushed.hasBaseline) return 'something sound had run before';
  return undefined;
}

/** Whether it is not sound for as long as it takes; one that fails later than anybody looks may succeed. */
function cannotSucceed({ behaviour, afterSeconds = 1 }: ImageOptions, { isChecked, bakeSeconds }: Pushed): boolean {
  if (behaviour === 'unpullable') return true;
  if (behaviour === 'never-healthy') return isChecked;
  if (behaviour !== 'crash' && behaviour !== 'out-of-memory') return false;
  return (isChecked && afterSeconds < FIRST_CHECK_SECONDS) || afterSeconds <= bakeSeconds - NEWS_SECONDS;
}
