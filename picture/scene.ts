import { clearOf, type Axis } from './axis.ts';
import { BANDS, clipped, widthOf, type Band, type Face } from './bands.ts';
import { visible } from './visible.ts';

/** What is drawn, and where: across in fractions of the axis, down in pixels. Nothing of it is markup. */
export interface Scene {
  readonly height: number;
  readonly bars: readonly Bar[];
  readonly rules: readonly Rule[];
  readonly words: readonly Word[];
  readonly icons: readonly Icon[];
  readonly areas: readonly Area[];
}

/** A rectangle. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly height: number;
  readonly look: string;
  /** Shown where somebody points at it. */
  readonly title?: string;
}

/** A line down at a moment, or across at a height. */
export interface Rule {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
  readonly look: string;
}

/** Something written. */
export interface Word {
  readonly at: number;
  /** From there, pixels. */
  readonly shift: number;
  /** Whether `at` is the left edge of the picture, not of the axis. @default false */
  readonly isInGutter?: boolean;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly baseline: number;
  readonly size: number;
  /** Before the text, and bold. */
  readonly strong?: string;
  readonly text: string;
  /** @default plain */
  readonly face?: Face;
  readonly look: string;
  /** Where it is written; everywhere when absent. */
  readonly bands?: readonly Band['name'][];
}

/** A small sign of 12 by 12 pixels about a middle. */
export interface Icon {
  readonly at: number;
  readonly shift: number;
  readonly isInGutter?: boolean;
  readonly middle: number;
  readonly shape: string;
}

/** A shape with steps: from its first point to its last, closed along its bottom unless it is a line. */
export interface Area {
  readonly top: number;
  readonly height: number;
  readonly look: string;
  /** Fractions across, and pixels down from the top; each height holds until the next point. */
  readonly paths: readonly (readonly { readonly at: number; readonly down: number }[])[];
  readonly isLine: boolean;
}

export const SMALL = 11;
export const NORMAL = 12;

/** A scene of nothing but what is given. */
export function sceneOf(height: number, parts: Partial<Omit<Scene, 'height'>> = {}): Scene {
  return { height, bars: [], rules: [], words: [], icons: [], areas: [], ...parts };
}

/** Scenes under one another. */
export function stacked(scenes: readonly Scene[]): Scene {
  let top = 0;
  let all = sceneOf(0);
  for (const scene of scenes) {
    all = over(all, lowered(scene, top));
    top += scene.height;
  }
  return { ...all, height: top };
}

/** Both in one place; the second is drawn later. */
export function over(one: Scene, other: Scene): Scene {
  return {
    height: Math.max(one.height, other.height),
    bars: [...one.bars, ...other.bars],
    rules: [...one.rules, ...other.rules],
    words: [...one.words, ...other.words],
    icons: [...one.icons, ...other.icons],
    areas: [...one.areas, ...other.areas],
  };
}

function lowered({ height, bars, rules, words, icons, areas }: Scene, by: number): Scene {
  return {
    height,
    bars: bars.map((bar) => ({ ...bar, top: bar.top + by })),
    rules: rules.map((rule) => ({ ...rule, top: rule.top + by, bottom: rule.bottom + by })),
    words: words.map((word) => ({ ...word, baseline: word.baseline + by })),
    icons: icons.map((icon) => ({ ...icon, middle: icon.middle + by })),
    areas: areas.map((area) => ({ ...area, top: area.top + by })),
  };
}

/** Where a word stands in the narrowest picture of a band, pixels from the axis' left end. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The box of a word. */
export function boxOf(word: Word, { plotMin, gutter }: Band): Box {
  const width = widthOf(word.strong ?? '', word.size, 'bold') + widthOf(word.text, word.size, word.face);
  const at = (word.isInGutter ? -gutter : word.at * plotMin) + word.shift;
  const left = word.anchor === 'start' ? at : word.anchor === 'end' ? at - width : at - width / 2;
  return { left, right: left + width, top: word.baseline - word.size, bottom: word.baseline + word.size / 4 };
}

/** Whether two boxes share more than an edge. */
export function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

/** Of the room: as much a long name may take from what is said about it. */
const STRONG_SHARE = 0.6;

/** A word in each band as far as there is room for it there; the same in all where it fits. */
export function fitting(word: Word, roomIn: (band: Band) => number): Word[] {
  const strong = visible(word.strong ?? '');
  const all = visible(word.text);
  const texts = BANDS.map((band) => {
    const room = roomIn(band);
    const wanted = widthOf(all, word.size, word.face);
    const kept = clipped(strong, word.size, Math.max(room - wanted, room * STRONG_SHARE), 'bold');
    const rest = clipped(all, word.size, room - widthOf(kept, word.size, 'bold'), word.face);
    return { name: band.name, strong: kept, text: rest };
  });
  const variants = new Map<string, Word>();
  for (const { name, strong, text } of texts) {
    if (strong + text === '') continue;
    const key = `${strong}\n${text}`;
    const bands = [...(variants.get(key)?.bands ?? []), name];
    variants.set(key, { ...word, ...(word.strong !== undefined && { strong }), text, bands });
  }
  return [...variants.values()].map(({ bands, ...one }) =>
    bands?.length === BANDS.length ? one : { ...one, bands: bands! },
  );
}

/** Where a word could stand: at one end of a stretch, which it does not leave. */
export interface Place {
  /** Fractions of the axis. */
  readonly left: number;
  readonly right: number;
  readonly end: 'left' | 'right';
}

/** A word in each band in the first place that has room for all of it; where none has, as much as fits into the widest. */
export function settled(
  word: Omit<Word, 'at' | 'shift' | 'anchor' | 'bands'>,
  places: readonly Place[],
  shift: number,
): Word[] {
  const roomOf = ({ left, right }: Place, { plotMin }: Band): number => (right - left) * plotMin - shift - AIR;
  const width = widthOf(visible(word.text), word.size, word.face);
  const widest = [...places].sort((one, other) => other.right - other.left - (one.right - one.left))[0];
  const chosen = BANDS.map((band) => places.find((place) => roomOf(place, band) >= width) ?? widest);
  return places.flatMap((place) => {
    const isLeft = place.end === 'left';
    const [at, by, anchor] = isLeft ? ([place.left, shift, 'start'] as const) : ([place.right, -shift, 'end'] as const);
    return fitting({ ...word, at, shift: by, anchor }, (band) => roomOf(place, band)).flatMap((one) => {
      const shown = BANDS.filter(({ name }, index) => chosen[index] === place && (one.bands ?? [name]).includes(name));
      if (shown.length === 0) return [];
      return [shown.length === BANDS.length ? one : { ...one, bands: shown.map(({ name }) => name) }];
    });
  });
}

/** Behind a word, pixels. */
const AIR = 4;

/** Where a word about a bar or a moment could stand beside it: right of it, left of it, or beyond the next break. */
export function besides(axis: Axis, from: number, to: number): Place[] {
  const right = clearOf(axis, to, 1).map((part): Place => ({ ...part, end: 'left' }));
  const left = clearOf(axis, 0, from)
    .reverse()
    .map((part): Place => ({ ...part, end: 'right' }));
  return [right[0], left[0], right[1], left[1]].filter((place) => place !== undefined);
}

/** Words of a row that do not touch one another in any band; whoever comes first stays. */
export function placed(candidates: readonly Word[], apart = 6): Word[] {
  const kept: { word: Word; bands: Band['name'][] }[] = [];
  for (const word of candidates) {
    const bands = BANDS.filter(
      (band) =>
        (word.bands ?? [band.name]).includes(band.name) &&
        isInside(boxOf(word, band), band) &&
        !kept.some(
          (one) => one.bands.includes(band.name) && overlap(grown(boxOf(one.word, band), apart), boxOf(word, band)),
        ),
    ).map(({ name }) => name);
    if (bands.length > 0) kept.push({ word, bands });
  }
  return kept.map(({ word, bands }) => {
    const { bands: _, ...everywhere } = word;
    return bands.length === BANDS.length ? everywhere : { ...word, bands };
  });
}

/** Labels at the end of the axis may stand out that far, pixels. */
export const OUTSIDE = 10;

function isInside({ left, right }: Box, { gutter, plotMin }: Band): boolean {
  return left >= -gutter && right <= plotMin + OUTSIDE;
}

function grown({ left, right, top, bottom }: Box, by: number): Box {
  return { left: left - by, right: right + by, top, bottom };
}
