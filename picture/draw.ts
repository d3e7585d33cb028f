import { BANDS } from './bands.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { numbersOf, PILL_MIN, type Marks, type Pill } from './marks.ts';
import type { Area, Bar, Icon, Rule, Scene, Word } from './scene.ts';
import { drawShape } from './shapes.ts';

/** A scene as SVG as wide as its room: across everything is in percent, so that nothing that is written is ever stretched. */
export function drawScene(scene: Scene, label: string): Markup {
  const isHair = ({ look }: Bar): boolean => look.startsWith('hair ');
  return markup`<svg class="scene" width="100%" height="${scene.height}" role="img" aria-label="${label}">${[
    scene.rules.filter(({ look }) => look === 'grid').map(drawRule),
    scene.areas.map(drawArea),
    drawHairs(scene.bars.filter(isHair), scene.height),
    scene.bars.filter((bar) => !isHair(bar)).map(drawBar),
    scene.rules.filter(({ look }) => look !== 'grid').map(drawRule),
    scene.icons.map(drawIcon),
    scene.words.map(drawWord),
  ]}</svg>`;
}

/** What stands above a scene, for one band; its numbers lead to the events in the list, whose ids begin with `prefix`. */
export function drawMarks({ height, flags, pills }: Marks, prefix: string, band: string): Markup {
  return markup`<svg class="marks in-${band}" width="100%" height="${height}">${[
    flags.map(({ at, lineTop, word }) =>
      drawRule({ from: at, to: at, top: lineTop, bottom: height, look: word.look.replace('flag', 'mark') }),
    ),
    pills.map((pill) => drawPill(pill, prefix, height)),
    flags.map(({ word }) => drawWord(word)),
  ]}</svg>`;
}

function drawPill(pill: Pill, prefix: string, height: number): Markup {
  const { at, first, width, isBad } = pill;
  const said = first === pill.last ? `event ${first}` : `events ${numbersOf(pill)}`;
  const left = -PILL_MIN / 2;
  const tone = isBad ? ' bad' : '';
  return markup`<svg x="${percent(at)}" y="${height - 12}" class="loose"><a href="#${prefix}${first}" aria-label="${said}"><rect class="reach" x="${left - 3}" y="-12" width="${short(width + 6)}" height="24"/><rect class="pill${tone}" x="${left}" y="-9" width="${short(width)}" height="18" rx="9"/><text class="number bold${tone}" x="${short(left + width / 2)}" y="4" text-anchor="middle">${numbersOf(pill)}</text></a></svg>`;
}

function drawBar({ from, to, top, height, look, title }: Bar): Markup {
  const told = title === undefined ? undefined : markup`<title>${title}</title>`;
  return markup`<rect class="${look}" x="${percent(from)}" y="${short(top)}" width="${percent(to - from)}" height="${short(height)}">${told}</rect>`;
}

/** A torn edge goes to and fro; every other line is straight. */
function drawRule({ from, to, top, bottom, look }: Rule): Markup {
  if (look === 'tear') {
    const teeth = 'l3 4l-3 4'.repeat(Math.ceil((bottom - top) / 8));
    return markup`<svg x="${percent(from)}" y="${short(top)}" class="loose"><path class="tear" d="M-1.5 0${teeth}"/></svg>`;
  }
  return markup`<line class="${look}" x1="${percent(from)}" x2="${percent(to)}" y1="${short(top)}" y2="${short(bottom)}"/>`;
}

function drawWord({
  at,
  shift,
  isInGutter,
  anchor,
  baseline,
  size,
  strong,
  text,
  face = 'plain',
  look,
  bands,
}: Word): Markup {
  const shown = (bands ?? []).length === BANDS.length ? [] : (bands ?? []).map((band) => `in-${band}`);
  const classes = [look, face, ...(isInGutter ? ['gutter'] : []), ...shown].join(' ');
  const first = strong === undefined ? undefined : markup`<tspan class="strong">${strong}</tspan>`;
  return markup`<text class="${classes}" x="${percent(at)}" dx="${shift}" y="${short(baseline)}" font-size="${size}" text-anchor="${anchor}">${first}${text}</text>`;
}

function drawIcon({ at, shift, isInGutter, middle, shape }: Icon): Markup {
  const place = markup`<svg x="${percent(at)}" y="${short(middle)}" class="loose"><g transform="translate(${shift} 0)">${drawShape(shape)}</g></svg>`;
  return isInGutter ? markup`<g class="gutter">${place}</g>` : place;
}

const ACROSS = 1000;

/** Steps have no percent in SVG: they are drawn a thousand units wide and stretched, their lines are not. */
function drawArea({ top, height, look, paths, isLine }: Area): Markup {
  const drawn = paths.map((points) => {
    const [first, ...rest] = points;
    if (!first) return '';
    const steps = rest.map(({ at, down }) => `H${short(at * ACROSS)}V${short(down)}`).join('');
    const start = isLine
      ? `M${short(first.at * ACROSS)} ${short(first.down)}`
      : `M${short(first.at * ACROSS)} ${height}V${short(first.down)}`;
    return `${start}${steps}H${ACROSS}${isLine ? '' : `V${height}Z`}`;
  });
  return stretched(top, height, markup`<path class="${look}" d="${drawn.join('')}"/>`);
}

/** Hundreds of tasks are one path for each way to look. */
function drawHairs(hairs: readonly Bar[], height: number): Content {
  const looks = [...new Set(hairs.map(({ look }) => look))];
  if (looks.length === 0) return undefined;
  const paths = looks.map((look) => {
    const drawn = hairs.filter((hair) => hair.look === look).map(hairPath);
    return markup`<path class="${look}" d="${drawn.join('')}"/>`;
  });
  return stretched(0, height, paths);
}

function hairPath({ from, to, top, height }: Bar): string {
  return `M${short(from * ACROSS)} ${short(top)}H${short(to * ACROSS)}v${height}H${short(from * ACROSS)}z`;
}

function stretched(top: number, height: number, content: Content): Markup {
  return markup`<svg x="0" y="${short(top)}" width="100%" height="${height}" viewBox="0 0 ${ACROSS} ${height}" preserveAspectRatio="none" class="loose">${content}</svg>`;
}

function percent(fraction: number): string {
  return `${short(fraction * 100)}%`;
}

/** Two decimals are a hundredth of a pixel. */
function short(number: number): number {
  return Math.round(number * 100) / 100;
}
