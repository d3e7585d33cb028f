/** Time from left to right. Where nothing happens for long it is broken: such a part is as narrow as any other of its kind. */
export interface Axis {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  /** From left to right, without gaps. */
  readonly parts: readonly AxisPart[];
}

/** A stretch of time, and of the width between its two fractions. */
export interface AxisPart {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  readonly isBreak: boolean;
}

/** Silence is longer than this, seconds, and long beside all the rest. */
const SILENCE_MIN_SECONDS = 240;
/** Of the width, for each break and for all of them. */
const BREAK_SHARE = 0.035;
const BREAKS_SHARE_MAX = 0.35;
/** Of the rest of the time: what is left of a silence on both of its sides. */
const EDGE_SHARE = 0.015;

/** An axis that shows all these moments; `silence` is how much of the busy time a stretch without any is broken from. */
export function axisOf(moments: readonly number[], silence = 0.5): Axis {
  const sorted = [...new Set(moments)].sort((one, other) => one - other);
  const from = sorted[0] ?? 0;
  const to = Math.max(sorted.at(-1) ?? 0, from + 1);
  const gaps = sorted.slice(1).map((moment, index) => ({ from: sorted[index]!, to: moment }));
  const busySeconds = sum(gaps.map(lengthOf).filter((seconds) => seconds <= SILENCE_MIN_SECONDS));
  const longestSeconds = Math.max(SILENCE_MIN_SECONDS, silence * busySeconds);
  const silences = gaps.filter((gap) => lengthOf(gap) > longestSeconds);
  const edge = Math.min(longestSeconds / 4, EDGE_SHARE * Math.max(busySeconds, 60));
  return { from, to, parts: withWidths(partsOf(from, to, silences, edge)) };
}

type Stretch = Pick<AxisPart, 'from' | 'to'>;

function partsOf(
  from: number,
  to: number,
  silences: readonly Stretch[],
  edge: number,
): (Stretch & { isBreak: boolean })[] {
  const parts: (Stretch & { isBreak: boolean })[] = [];
  let reached = from;
  for (const silence of silences) {
    parts.push({ from: reached, to: silence.from + edge, isBreak: false });
    parts.push({ from: silence.from + edge, to: silence.to - edge, isBreak: true });
    reached = silence.to - edge;
  }
  return [...parts, { from: reached, to, isBreak: false }];
}

function withWidths(parts: readonly (Stretch & { isBreak: boolean })[]): AxisPart[] {
  const breaks = parts.filter(({ isBreak }) => isBreak).length;
  const breakWidth = Math.min(BREAK_SHARE, BREAKS_SHARE_MAX / Math.max(1, breaks));
  const shownSeconds = sum(parts.filter(({ isBreak }) => !isBreak).map(lengthOf));
  const perSecond = (1 - breaks * breakWidth) / shownSeconds;
  let left = 0;
  return parts.map((part, index) => {
    const width = part.isBreak ? breakWidth : lengthOf(part) * perSecond;
    const right = index === parts.length - 1 ? 1 : left + width;
    const placed = { ...part, left, right };
    left = right;
    return placed;
  });
}

/** Where a moment lies, as a fraction of the width; what is outside lies on the edge. */
export function placeOf({ from, to, parts }: Axis, seconds: number): number {
  if (seconds <= from) return 0;
  if (seconds >= to) return 1;
  const part = parts.find((one) => seconds <= one.to)!;
  return part.left + ((seconds - part.from) / lengthOf(part)) * (part.right - part.left);
}

/** What of a stretch of the width, in fractions, no break lies in; from left to right. */
export function clearOf({ parts }: Axis, left: number, right: number): Pick<AxisPart, 'left' | 'right'>[] {
  return parts
    .filter(({ isBreak }) => !isBreak)
    .map((part) => ({ left: Math.max(part.left, left), right: Math.min(part.right, right) }))
    .filter((part) => part.right > part.left);
}

/** Multiples of a step that reads well, as near to one another as the pixels between them allow. */
export function ticksOf(axis: Axis, width: number, apartMin: number): number[] {
  const shown = axis.parts.filter(({ isBreak }) => !isBreak);
  const perSecond = (width * sum(shown.map(({ left, right }) => right - left))) / sum(shown.map(lengthOf));
  const step = STEPS.find((seconds) => seconds * perSecond >= apartMin) ?? STEPS.at(-1)!;
  return shown.flatMap(({ from, to }) => {
    const first = Math.ceil(from / step);
    const count = Math.max(0, Math.floor(to / step) - first + 1);
    return Array.from({ length: count }, (_, index) => (first + index) * step);
  });
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

const lengthOf = ({ from, to }: Stretch): number => to - from;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
