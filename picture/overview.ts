import { axisOf, placeOf, type Axis } from './axis.ts';
import { BANDS, widthOf, type Band } from './bands.ts';
import type { Chronicle, ChronicledRollout } from './chronicle.ts';
import { layOutFrame, type Layout } from './lay-out.ts';
import { comesFromOutside } from './event-words.ts';
import { lookOf } from './outcome-looks.ts';
import { visible } from './visible.ts';
import { besides, sceneOf, settled, SMALL, stacked, type Scene, type Word } from './scene.ts';
import { elapsed, span } from './times.ts';

const ROW = 20;
/** Of the busy time: where all is to be seen at once, silence is less worth its width. */
const SILENCE = 0.08;

/** All rollouts of a chronicle on one axis, a row each, with what came from outside above them. */
export function overviewOf(chronicle: Chronicle): Layout {
  const { rollouts, endedAt: now } = chronicle;
  const events = chronicle.events.filter(comesFromOutside);
  const axis = axisOf(
    [
      ...rollouts.flatMap(({ startedAt, endedAt = now, states }) => [
        startedAt,
        endedAt,
        ...states.map(({ enteredAt }) => enteredAt),
      ]),
      ...events.map(({ at }) => at),
    ],
    SILENCE,
  );
  const rows = rollouts.map((rollout, index) => rowOf(rollout, index + 1, axis, now));
  return layOutFrame(chronicle, { events, numbered: [] }, axis, stacked(rows));
}

function rowOf({ startedAt, endedAt, outcome }: ChronicledRollout, number: number, axis: Axis, now: number): Scene {
  const look = lookOf(outcome);
  const [from, to] = [placeOf(axis, startedAt), placeOf(axis, endedAt ?? now)];
  const title = `Rollout ${number}: ${look.word}, ${span((endedAt ?? now) - startedAt)}, from ${elapsed(startedAt, 1)}`;
  const ended = settled(
    {
      baseline: 14,
      size: SMALL,
      text: look.word,
      face: look.tone === 'bad' ? 'bold' : 'plain',
      look: `outcome ${look.tone}`,
    },
    besides(axis, from, to),
    6,
  );
  return sceneOf(ROW, {
    bars: [{ from, to, top: 5, height: 10, look: `life ${look.tone}`, title }],
    icons: [{ at: 0, shift: 6, isInGutter: true, middle: 10, shape: `${look.shape} ${look.tone}` }],
    // Its sign says it, too, and the list below: better nothing than half a word.
    words: [...numberWords(number), ...ended.filter(({ text }) => text === visible(look.word))],
  });
}

/** Right of its sign, as far as there is room. */
function numberWords(number: number): Word[] {
  const word = { at: 0, shift: -8, anchor: 'end' as const, baseline: 14, size: SMALL, look: 'side' };
  const isRoomy = ({ gutter }: Band): boolean => widthOf(`rollout ${number}`, SMALL) <= gutter - SIGN_WIDTH;
  const names = (bands: readonly Band[]): Band['name'][] => bands.map(({ name }) => name);
  return [
    { ...word, text: `rollout ${number}`, bands: names(BANDS.filter(isRoomy)) },
    { ...word, text: String(number), bands: names(BANDS.filter((band) => !isRoomy(band))) },
  ].filter(({ bands }) => bands.length > 0);
}

/** With what is left and right of the number. */
const SIGN_WIDTH = 24;
