import { placeOf, type Axis } from './axis.ts';
import { BANDS, widthOf, type Band } from './bands.ts';
import type { Chronicle } from './chronicle.ts';
import type { Episode } from './episodes.ts';
import { placed, sceneOf, SMALL, type Area, type Bar, type Scene, type Word } from './scene.ts';
import { servedIn, totalOf, type Served } from './serving.ts';

const TOP = 24;
const CHART_HEIGHT = 46;

/** How many tasks of what served, over one another, and how many were wanted. */
export function layOutServing(chronicle: Chronicle, episode: Episode, axis: Axis): Scene {
  const served = servedIn(chronicle, episode);
  const most = Math.max(1, ...served.map((one) => Math.max(totalOf(one), one.desiredCount)));
  const down = (count: number): number => CHART_HEIGHT * (1 - count / most);
  // Where the axis goes on after what is known, nothing is drawn but what is wanted.
  const end = placeOf(axis, episode.to);
  const steps = (countOf: (one: Served) => number, isLine: boolean): Area['paths'] => [
    [
      ...served.map((one) => ({ at: placeOf(axis, one.at), down: down(countOf(one)) })),
      ...(end < 1 && !isLine ? [{ at: end, down: CHART_HEIGHT }] : []),
    ],
  ];
  const area = (look: string, isLine: boolean, countOf: (one: Served) => number): Area => ({
    top: TOP,
    height: CHART_HEIGHT,
    look,
    isLine,
    paths: steps(countOf, isLine),
  });
  return sceneOf(TOP + CHART_HEIGHT + 12, {
    // What is drawn later lies over what is drawn before.
    areas: [
      area('served foreign', false, totalOf),
      area('served trial', false, ({ counts }) => counts.proven + counts.trial),
      area('served proven', false, ({ counts }) => counts.proven),
      area('desired', true, ({ desiredCount }) => desiredCount),
    ],
    bars: shortfalls(served, episode.to).map(({ from, to, have, want }): Bar => ({
      from: placeOf(axis, from),
      to: placeOf(axis, to),
      top: TOP + down(want),
      height: down(have) - down(want),
      look: 'shortfall',
      title: `${have} of ${want} tasks serve`,
    })),
    words: [
      { at: 0, shift: -8, anchor: 'end', baseline: 13, size: SMALL, text: 'serving', look: 'side' },
      ...placed(wantedWords(served, axis, down)),
    ],
  });
}

/** Stretches in which fewer served than were wanted. */
export function shortfalls(
  served: readonly Served[],
  end: number,
): { readonly from: number; readonly to: number; readonly have: number; readonly want: number }[] {
  return served
    .map((one, index) => ({
      from: one.at,
      to: served[index + 1]?.at ?? end,
      have: totalOf(one),
      want: one.desiredCount,
    }))
    .filter(({ from, to, have, want }) => have < want && to > from);
}

/** How many are wanted: first left of the axis, as far as there is room, then where that changes. */
function wantedWords(served: readonly Served[], axis: Axis, down: (count: number) => number): Word[] {
  const changes = served.filter(({ desiredCount }, index) => desiredCount !== served[index - 1]?.desiredCount);
  return changes.flatMap(({ at, desiredCount }, index): Word[] => {
    const place = placeOf(axis, at);
    const isAtEnd = place > 0.75;
    const word: Word = {
      at: place,
      shift: isAtEnd ? -3 : 3,
      anchor: isAtEnd ? 'end' : 'start',
      baseline: TOP + down(desiredCount) - 4,
      size: SMALL,
      text: String(desiredCount),
      look: 'side',
      bands: BANDS.map(({ name }) => name),
    };
    return index === 0 ? firstWanted(word, TOP + down(desiredCount) + 4) : [word];
  });
}

function firstWanted(word: Word, baseline: number): Word[] {
  const told: Word = { ...word, at: 0, shift: -8, anchor: 'end', baseline, text: `desired ${word.text}` };
  const isRoomy = ({ gutter }: Band): boolean => widthOf(told.text, SMALL) <= gutter - 8;
  const names = (bands: readonly Band[]): Band['name'][] => bands.map(({ name }) => name);
  return [
    { ...told, bands: names(BANDS.filter(isRoomy)) },
    { ...told, text: word.text, bands: names(BANDS.filter((band) => !isRoomy(band))) },
  ];
}
