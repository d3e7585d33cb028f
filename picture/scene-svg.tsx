/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { visible } from './visible.ts';
import { numbersOf, PILL_MIN, type Marks, type Pill } from './marks.ts';
import type { Area, Bar, Icon, Rule, Scene, Word } from './scene.ts';
import { SIGNS } from './shapes.ts';

/** A scene as wide as its room: across everything is in percent, so that nothing that is written is ever stretched. */
export function SceneSvg({ scene, label }: { readonly scene: Scene; readonly label: string }) {
  const isHair = ({ look }: Bar): boolean => look.startsWith('hair ');
  const { rules, areas, bars, icons, words, height } = scene;
  return (
    <svg class="scene" width="100%" height={height} role="img" aria-label={label}>
      {rules.filter(({ look }) => look === 'grid').map(drawRule)}
      {areas.map(drawArea)}
      <Hairs hairs={bars.filter(isHair)} height={height} />
      {bars.filter((bar) => !isHair(bar)).map(drawBar)}
      {rules.filter(({ look }) => look !== 'grid').map(drawRule)}
      {icons.map(drawIcon)}
      {words.map(drawWord)}
    </svg>
  );
}

/** What stands above a scene; its numbers lead to the decisions in the list. */
export function MarksSvg({
  marks: { height, flags, pills },
  band,
  prefix,
}: {
  readonly marks: Marks;
  /** What ids of events begin with, to which the numbers lead. */
  readonly prefix?: string;
  /** Where it is shown only in one width. */
  readonly band?: string;
}) {
  if (height === 0) return null;
  return (
    <svg class={band === undefined ? 'marks' : `marks in-${band}`} width="100%" height={height}>
      {flags.map(({ at, lineTop, word }) =>
        drawRule({ from: at, to: at, top: lineTop, bottom: height, look: word.look.replace('flag', 'mark') }),
      )}
      {pills.map((pill) => (
        <PillMark key={pill.first} pill={pill} height={height} prefix={prefix} />
      ))}
      {flags.map(({ word }) => drawWord(word))}
    </svg>
  );
}

function PillMark({
  pill,
  height,
  prefix,
}: {
  readonly pill: Pill;
  readonly height: number;
  readonly prefix: string | undefined;
}) {
  const { at, first, last, width, isBad } = pill;
  const left = -PILL_MIN / 2;
  const tone = isBad ? ' bad' : '';
  const drawn = (
    <>
      <rect class={`pill${tone}`} x={left} y="-9" width={short(width)} height="18" rx="9" />
      <text class={`number bold${tone}`} x={short(left + width / 2)} y="4" text-anchor="middle">
        {numbersOf(pill)}
      </text>
    </>
  );
  if (prefix === undefined)
    return (
      <svg x={percent(at)} y={height - 12} class="loose">
        {drawn}
      </svg>
    );
  const said = first === last ? `event ${first}` : `events ${numbersOf(pill)}`;
  return (
    <svg x={percent(at)} y={height - 12} class="loose">
      <a href={`#${prefix}${first}`} aria-label={said}>
        <rect class="reach" x={left - 3} y="-12" width={short(width + 6)} height="24" />
        {drawn}
      </a>
    </svg>
  );
}

function drawBar({ from, to, top, height, look, title }: Bar) {
  return (
    <rect class={look} x={percent(from)} y={short(top)} width={percent(Math.max(0, to - from))} height={short(height)}>
      {title === undefined ? null : <title>{visible(title)}</title>}
    </rect>
  );
}

/** A torn edge goes to and fro; every other line is straight. */
function drawRule({ from, to, top, bottom, look }: Rule) {
  if (look === 'tear') {
    const teeth = 'l3 4l-3 4'.repeat(Math.ceil((bottom - top) / 8));
    return (
      <svg x={percent(from)} y={short(top)} class="loose">
        <path class="tear" d={`M-1.5 0${teeth}`} />
      </svg>
    );
  }
  return <line class={look} x1={percent(from)} x2={percent(to)} y1={short(top)} y2={short(bottom)} />;
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
  bands = [],
}: Word) {
  const classes = [look, face, ...(isInGutter ? ['gutter'] : []), ...bands.map((band) => `in-${band}`)].join(' ');
  return (
    <text class={classes} x={percent(at)} dx={shift} y={short(baseline)} font-size={size} text-anchor={anchor}>
      {strong === undefined ? null : <tspan class="strong">{visible(strong)}</tspan>}
      {visible(text)}
    </text>
  );
}

function drawIcon({ at, shift, isInGutter, middle, shape }: Icon) {
  const place = (
    <svg x={percent(at)} y={short(middle)} class="loose">
      <g transform={`translate(${shift} 0)`}>{shapeOf(shape)}</g>
    </svg>
  );
  return isInGutter ? <g class="gutter">{place}</g> : place;
}

/** A sign by its name, with a tone after it: `back bad`, `swatch trial`. */
function shapeOf(shape: string) {
  const [name = '', tone = ''] = shape.split(' ');
  if (name === 'swatch') return <rect class={`swatch ${tone}`} x="-5" y="-5" width="10" height="10" rx="2" />;
  if (name === 'failed') return <FailedSign />;
  return <path class={`sign ${name} ${tone}`} d={SIGNS[name] ?? SIGNS['dot']!} />;
}

/** Where a task failed. */
export function FailedSign() {
  return (
    <g class="failed">
      <circle r="6" />
      <path d="M-2.5-2.5 2.5 2.5M2.5-2.5-2.5 2.5" />
    </g>
  );
}

/** A sign within a line of text. */
export function InlineSign({ shape }: { readonly shape: string }) {
  return (
    <svg class="inline" width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
      {shapeOf(shape)}
    </svg>
  );
}

const ACROSS = 1000;

/** Steps have no percent in SVG: they are drawn a thousand units wide and stretched, their lines are not. */
function drawArea({ top, height, look, paths, isLine }: Area) {
  const drawn = paths.map((points) => {
    const [first, ...rest] = points;
    if (!first) return '';
    const steps = rest.map(({ at, down }) => `H${short(at * ACROSS)}V${short(down)}`).join('');
    const begin = `M${short(first.at * ACROSS)} `;
    const start = isLine ? `${begin}${short(first.down)}` : `${begin}${height}V${short(first.down)}`;
    return `${start}${steps}H${ACROSS}${isLine ? '' : `V${height}Z`}`;
  });
  return (
    <Stretched top={top} height={height}>
      <path class={look} d={drawn.join('')} />
    </Stretched>
  );
}

/** Hundreds of tasks are one path for each way to look. */
function Hairs({ hairs, height }: { readonly hairs: readonly Bar[]; readonly height: number }) {
  const looks = [...new Set(hairs.map(({ look }) => look))];
  if (looks.length === 0) return null;
  return (
    <Stretched top={0} height={height}>
      {looks.map((look) => (
        <path
          key={look}
          class={look}
          d={hairs
            .filter((hair) => hair.look === look)
            .map(hairPath)
            .join('')}
        />
      ))}
    </Stretched>
  );
}

function hairPath({ from, to, top, height }: Bar): string {
  return `M${short(from * ACROSS)} ${short(top)}H${short(to * ACROSS)}v${height}H${short(from * ACROSS)}z`;
}

function Stretched({
  top,
  height,
  children,
}: {
  readonly top: number;
  readonly height: number;
  readonly children: ComponentChildren;
}) {
  return (
    <svg
      x="0"
      y={short(top)}
      width="100%"
      height={height}
      viewBox={`0 0 ${ACROSS} ${height}`}
      preserveAspectRatio="none"
      class="loose"
    >
      {children}
    </svg>
  );
}

function percent(fraction: number): string {
  return `${short(fraction * 100)}%`;
}

/** Two decimals are a hundredth of a pixel. */
function short(number: number): number {
  return Math.round(number * 100) / 100;
}

const PATTERNS = ['drain-proven', 'drain-trial', 'drain-foreign', 'missing', 'bake', 'fault', 'ahead'] as const;

/** Hatchings, which fills refer to: what drains, is missing, bakes or lies ahead differs without any colour. */
export function Patterns() {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true">
      <defs>
        {PATTERNS.map((id) => {
          const look = id.replace('drain-', '');
          return (
            <pattern key={id} id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect class={`ground ${look}`} width="5" height="5" />
              <line class={`lines ${look}`} x1="0" x2="0" y1="0" y2="5" />
            </pattern>
          );
        })}
        <pattern id="dots-foreign" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect class="ground foreign" width="4" height="4" />
          <circle class="dots foreign" cx="1.5" cy="1.5" r="1" />
        </pattern>
      </defs>
    </svg>
  );
}
