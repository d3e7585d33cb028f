/** @jsxRuntime automatic @jsxImportSource preact */
import { STAGE_WORDS } from './lay-out-tasks.ts';
import { FailedSign } from './scene-svg.tsx';
import type { StageName } from './stages.ts';

const STAGES: readonly (readonly [StageName, string, number, string])[] = [
  ['waiting', 'trial', 2, STAGE_WORDS.waiting],
  ['pull', 'trial', 4, STAGE_WORDS.pull],
  ['start', 'trial', 6, STAGE_WORDS.start],
  ['check', 'trial', 8, STAGE_WORDS.check],
  ['serving', 'trial', 12, 'serving, new'],
  ['serving', 'proven', 12, 'serving, proven: ran before, put back, or its rollout succeeded'],
  ['serving', 'foreign', 12, 'serving, deployed by someone else'],
  ['draining', 'proven', 12, STAGE_WORDS.draining],
  ['stopping', 'proven', 4, STAGE_WORDS.stopping],
];

/** What each look means: those that a picture may have. */
export function Legend({
  hasForeign = true,
  hasBreaks = true,
}: {
  readonly hasForeign?: boolean;
  readonly hasBreaks?: boolean;
}) {
  return (
    <ul class="legend" aria-label="Legend: the taller a bar, the nearer the task is to serving">
      {STAGES.filter(([, family]) => hasForeign || family !== 'foreign').map(([stage, family, height, words]) => (
        <li key={words}>
          <svg width="24" height="14" aria-hidden="true">
            <rect class={`stage ${stage} ${family}`} x="1" y={13 - height} width="22" height={height} />
          </svg>
          {words}
        </li>
      ))}
      <li>
        <svg width="24" height="14" aria-hidden="true">
          <rect class="shortfall" x="1" y="1" width="22" height="12" />
        </svg>
        fewer than wanted
      </li>
      <li>
        <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
          <FailedSign />
        </svg>
        failed
      </li>
      {hasBreaks ? (
        <li>
          <svg width="24" height="14" aria-hidden="true">
            <rect class="silence" x="4" width="14" height="14" />
            <path class="tear" d="M3-1l3 4-3 4 3 4-3 4M17-1l3 4-3 4 3 4-3 4" />
          </svg>
          silence, not to scale
        </li>
      ) : null}
    </ul>
  );
}
