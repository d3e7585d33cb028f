import { markup, type Markup } from './markup.ts';
import { STAGE_WORDS } from './lay-out-tasks.ts';
import type { StageName } from './stages.ts';

/** Hatchings, which fills refer to: what drains, what is missing, and what bakes differ without any colour. */
export const patterns: Markup = markup`<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>${[
  hatching('drain-proven', 'proven'),
  hatching('drain-trial', 'trial'),
  hatching('drain-foreign', 'foreign'),
  hatching('missing', 'missing'),
  hatching('bake', 'bake'),
  hatching('fault', 'fault'),
  markup`<pattern id="dots-foreign" width="4" height="4" patternUnits="userSpaceOnUse"><rect class="ground foreign" width="4" height="4"/><circle class="dots foreign" cx="1.5" cy="1.5" r="1"/></pattern>`,
]}</defs></svg>`;

function hatching(id: string, look: string): Markup {
  return markup`<pattern id="${id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="ground ${look}" width="5" height="5"/><line class="lines ${look}" x1="0" x2="0" y1="0" y2="5"/></pattern>`;
}

const ENTRIES: readonly (readonly [StageName, string, number, string])[] = [
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

/** What each look means. */
export const legend: Markup = markup`<ul class="legend">${[
  ENTRIES.map(
    ([stage, family, height, words]) =>
      markup`<li><svg width="24" height="14" aria-hidden="true"><rect class="stage ${stage} ${family}" x="1" y="${13 - height}" width="22" height="${height}"/></svg>${words}</li>`,
  ),
  markup`<li><svg width="24" height="14" aria-hidden="true"><rect class="shortfall" x="1" y="1" width="22" height="12"/></svg>fewer than wanted</li>`,
  markup`<li><svg width="24" height="14" aria-hidden="true"><rect class="silence" x="4" width="14" height="14"/><path class="tear" d="M3-1l3 4-3 4 3 4-3 4M17-1l3 4-3 4 3 4-3 4"/></svg>silence, not to scale</li>`,
]}</ul>`;
