import { placeOf, type Axis } from './axis.ts';
import { clipped, widthOf, type Band } from './bands.ts';
import type { ChronicledEvent } from './chronicle.ts';
import { comesFromOutside, flagText, isBad } from './event-words.ts';
import { visible } from './visible.ts';
import { boxOf, OUTSIDE, overlap, SMALL, type Box, type Word } from './scene.ts';

/** What stands above a picture in one band: words of what came from outside, and the numbers of all events. */
export interface Marks {
  readonly height: number;
  /** Each with its place across, a fraction, and where its line begins. */
  readonly flags: readonly { readonly word: Word; readonly at: number; readonly lineTop: number }[];
  readonly pills: readonly Pill[];
}

/** One or several events that follow one another, by their numbers from 1. */
export interface Pill {
  readonly at: number;
  /** Pixels. */
  readonly width: number;
  readonly first: number;
  readonly last: number;
  readonly isBad: boolean;
}

const ROW = 16;
const ROWS_MAX = 6;
const PILLS_HEIGHT = 24;
const PILL_SIZE = 10.5;
/** A single number is a circle. */
export const PILL_MIN = 18;
const APART = 3;
/** More would not be read. */
const FLAG_WIDTH_MAX = 190;

/** Lays the marks of events out, for one band; `numbered` are those whose numbers are shown. */
export function marksOf(
  events: readonly ChronicledEvent[],
  numbered: readonly ChronicledEvent[],
  axis: Axis,
  band: Band,
): Marks {
  const flags = flagsOf(events, axis, band);
  const rows = Math.max(0, ...flags.map(({ row }) => row + 1));
  const top = (row: number): number => (rows - 1 - row) * ROW;
  return {
    height: rows * ROW + (numbered.length > 0 ? PILLS_HEIGHT : 0),
    flags: flags.map(({ word, at, row }) => ({
      at,
      word: { ...word, baseline: top(row) + SMALL },
      lineTop: top(row) + 2,
    })),
    pills: pillsOf(numbered, axis, band),
  };
}

interface Flag {
  readonly word: Word;
  readonly at: number;
  /** From the lowest upwards. */
  readonly row: number;
}

/**
 * From the right to the left, each in the lowest row in which it covers no other and no line of another runs through it: lines
 * run down from their words. What finds no row keeps its number below.
 */
function flagsOf(events: readonly ChronicledEvent[], axis: Axis, band: Band): Flag[] {
  const flags: Flag[] = [];
  for (const event of events.filter(comesFromOutside).reverse()) {
    const at = placeOf(axis, event.at);
    const word = flagWord(event, at, band);
    const rows = Array.from({ length: ROWS_MAX }, (_, row) => row);
    const row = rows.find((one) => isFree({ word, at, row: one }, flags, band));
    if (row !== undefined) flags.push({ word, at, row });
  }
  return flags.reverse();
}

function flagWord(event: ChronicledEvent, at: number, band: Band): Word {
  const room = Math.max(at, 1 - at) * band.plotMin - 8;
  const text = clipped(visible(flagText(event)), SMALL, Math.min(FLAG_WIDTH_MAX, room));
  const isRight = (1 - at) * band.plotMin >= widthOf(text, SMALL) + 8;
  return {
    at,
    shift: isRight ? 5 : -5,
    anchor: isRight ? 'start' : 'end',
    baseline: 0,
    size: SMALL,
    text,
    look: `flag ${event.kind}`,
  };
}

function isFree(flag: Flag, others: readonly Flag[], band: Band): boolean {
  const box = boxOf(flag.word, band);
  return others.every((other) => {
    const theirs = boxOf(other.word, band);
    if (other.row === flag.row) return !overlap(withLine(box, flag.at, band), withLine(theirs, other.at, band));
    // Whose words are higher has a line that runs down past the lower ones.
    const [line, lower] = other.row > flag.row ? [other.at, box] : [flag.at, theirs];
    const across = line * band.plotMin;
    return across < lower.left - 1 || across > lower.right + 1;
  });
}

/** Words with their line and some air. */
function withLine({ left, right, ...rest }: Box, at: number, { plotMin }: Band): Box {
  const across = at * plotMin;
  return { ...rest, left: Math.min(left, across) - APART / 2, right: Math.max(right, across) + APART / 2 };
}

/**
 * A pill begins at its first event and grows to the right: events that it would cover are in it. One at the end grows to the left,
 * and takes in the pills that it reaches.
 */
function pillsOf(events: readonly ChronicledEvent[], axis: Axis, { plotMin }: Band): Pill[] {
  const pills: Pill[] = [];
  events.forEach((event, index) => {
    let pill = pillOf(placeOf(axis, event.at), index + 1, index + 1, isBad(event), plotMin);
    for (let before = pills.at(-1); before && touches(before, pill, plotMin); before = pills.at(-1)) {
      pills.pop();
      pill = pillOf(before.at, before.first, pill.last, before.isBad || pill.isBad, plotMin);
    }
    pills.push(pill);
  });
  return pills;
}

function touches(before: Pill, pill: Pill, plotMin: number): boolean {
  return startOf(pill, plotMin) < startOf(before, plotMin) + before.width + 2;
}

function pillOf(at: number, first: number, last: number, isBad: boolean, plotMin: number): Pill {
  const width = Math.max(PILL_MIN, widthOf(numbersOf({ first, last }), PILL_SIZE, 'bold') + 8);
  return { at: Math.min(at, (plotMin + OUTSIDE - width + PILL_MIN / 2) / plotMin), first, last, isBad, width };
}

/** Where a pill begins, pixels: its first number stands at its event. */
export function startOf({ at }: Pick<Pill, 'at'>, plotMin: number): number {
  return at * plotMin - PILL_MIN / 2;
}

/** `4`, or `4–9`. */
export function numbersOf({ first, last }: Pick<Pill, 'first' | 'last'>): string {
  return first === last ? String(first) : `${first}–${last}`;
}
