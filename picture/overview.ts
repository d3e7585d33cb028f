import { axisOf, placeOf, type Axis } from './axis.ts';
import type { Chronicle, ChronicledRollout } from './chronicle.ts';
import { layOutFrame, type Layout } from './lay-out.ts';
import { comesFromOutside } from './event-words.ts';
import { lookOf } from './outcome-looks.ts';
import { fitting, sceneOf, SMALL, stacked, type Scene } from './scene.ts';
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
  const isLeft = from > 1 - to;
  const word = {
    at: isLeft ? from : to,
    shift: isLeft ? -18 : 18,
    anchor: isLeft ? ('end' as const) : ('start' as const),
    baseline: 14,
    size: SMALL,
    text: look.word,
    face: look.tone === 'bad' ? ('bold' as const) : ('plain' as const),
    look: `outcome ${look.tone}`,
  };
  return sceneOf(ROW, {
    bars: [{ from, to, top: 5, height: 10, look: `life ${look.tone}`, title }],
    icons: [{ at: word.at, shift: isLeft ? -10 : 10, middle: 10, shape: `${look.shape} ${look.tone}` }],
    words: [
      {
        at: 0,
        shift: -8,
        anchor: 'end',
        baseline: 14,
        size: SMALL,
        text: number < 100 ? `rollout ${number}` : String(number),
        look: 'side',
      },
      ...fitting(word, ({ plotMin }) => Math.max(from, 1 - to) * plotMin - 20),
    ],
  });
}
