import type { Axis } from '../../picture/axis.ts';
import { placeOf } from '../../picture/axis.ts';
import { BANDS, widthOf, type Band } from '../../picture/bands.ts';
import { layOutFrame, layOutStates, type Layout } from '../../picture/lay-out.ts';
import { layOutServing } from '../../picture/lay-out-serving.ts';
import { layOutTasks } from '../../picture/lay-out-tasks.ts';
import type { Marks } from '../../picture/marks.ts';
import { over, sceneOf, SMALL, stacked, type Scene, type Word } from '../../picture/scene.ts';
import { clock } from '../../picture/times.ts';
import type { RolloutDocument } from '../documents.ts';
import { asOf, episodeOf, isLaunch } from './rollout-facts.ts';
import { countdown } from './words.ts';

/** The picture of a rollout in one width: everything that is drawn, and where; nothing of it is markup. */
export interface RolloutPicture {
  readonly band: Band;
  /** Seconds at the left and the right end. */
  readonly from: number;
  readonly to: number;
  readonly marks: Marks;
  readonly scene: Scene;
  /** Moments at which something happens, seconds, in order: where arrow keys go. */
  readonly moments: readonly number[];
}

/** What else is known of how a rollout will go. */
export interface Expectation {
  /** How long rollouts like it take. */
  readonly usualSeconds?: number | undefined;
  /** Only how many serve, for a service's own page. @default false */
  readonly isSmall?: boolean;
}

/** Draws a rollout at a moment, milliseconds since the epoch, into so many pixels. */
export function pictureOf(
  document: RolloutDocument,
  width: number,
  now: number,
  expectation: Expectation = {},
): RolloutPicture {
  const { to, moments, marks, scene } = pictureOfEvery(document, now, expectation);
  const band = bandFor(width);
  return {
    band,
    from: 0,
    to,
    marks: marks.find((one) => one.band.name === band.name)!.marks,
    scene: inBand(scene, band),
    moments,
  };
}

/** The same for every width at once: what is read without a script shows what fits by its style. */
export function pictureOfEvery(
  document: RolloutDocument,
  now: number,
  { usualSeconds, isSmall = false }: Expectation = {},
): Pick<RolloutPicture, 'to' | 'scene' | 'moments'> & { readonly marks: Layout['marks'] } {
  const chronicle = asOf(document, now);
  const episode = episodeOf(chronicle);
  const isLive = document.record === undefined;
  const to = isLive ? horizonOf(document, episode.to, usualSeconds) : episode.to;
  // Time runs evenly: a picture that is drawn anew each second must not jump.
  const axis: Axis = { from: 0, to, parts: [{ from: 0, to, left: 0, right: 1, isBreak: false }] };
  const rollout = chronicle.rollouts[0]!;
  const rows = stacked([
    layOutStates(rollout, axis, episode.to),
    layOutServing(chronicle, episode, axis),
    ...(isSmall ? [] : layOutTasks(chronicle, episode, axis, episode.to)),
  ]);
  const events = isSmall ? [] : episode.events;
  const layout = layOutFrame(chronicle, { events, numbered: events }, axis, rows);
  const ahead = isLive ? layOutAhead(document, axis, episode.to, layout.scene.height, usualSeconds) : sceneOf(0);
  const moments = [...episode.moments, ...episode.events.map(({ at }) => at)];
  return {
    to,
    marks: layout.marks,
    scene: over(layout.scene, ahead),
    moments: [...new Set(moments)].sort((one, other) => one - other),
  };
}

/** The widest band that fits. */
export function bandFor(width: number): Band {
  return BANDS.findLast(({ gutter, plotMin }) => gutter + plotMin <= width) ?? BANDS[0]!;
}

function inBand(scene: Scene, { name }: Band): Scene {
  return { ...scene, words: scene.words.filter(({ bands }) => bands === undefined || bands.includes(name)) };
}

/** How far ahead is shown, seconds: to the usual end, or the bake's, and a little further than now. */
function horizonOf({ bake, chronicle }: RolloutDocument, elapsed: number, usualSeconds = 0): number {
  const bakeEnd = bakeEndOf(bake, chronicle.beganAt) ?? 0;
  return Math.max(usualSeconds * 1.06, bakeEnd + 6, elapsed * 1.1, 60);
}

function bakeEndOf(bake: RolloutDocument['bake'], beganAt: number): number | undefined {
  return bake?.startedAt === undefined ? undefined : (Date.parse(bake.startedAt) - beganAt) / 1000 + bake.seconds;
}

const LANE = { top: 20, height: 20 };

/** What lies ahead of now: hatched, with the usual end, what is left of the bake, and the deadline, which may lie off the axis. */
function layOutAhead(
  document: RolloutDocument,
  axis: Axis,
  elapsed: number,
  height: number,
  usualSeconds: number | undefined,
): Scene {
  const { bake, deadline, chronicle } = document;
  const at = (seconds: number): number => placeOf(axis, seconds);
  const bottom = height - 18;
  const now = at(elapsed);
  const bakeEnd = bakeEndOf(bake, chronicle.beganAt);
  const due = deadline === undefined ? undefined : (Date.parse(deadline) - chronicle.beganAt) / 1000;
  const isUsual = usualSeconds !== undefined && bakeEnd === undefined && usualSeconds > elapsed && !isLaunch(chronicle);
  return sceneOf(height, {
    bars: [
      { from: now, to: 1, top: LANE.top, height: bottom - LANE.top, look: 'future' },
      ...(bakeEnd !== undefined && bakeEnd > elapsed
        ? [
            {
              from: now,
              to: at(bakeEnd),
              ...LANE,
              look: 'state rest',
              title: `bake until ${clock(chronicle.beganAt + bakeEnd * 1000)}`,
            },
          ]
        : []),
    ],
    rules: [
      { from: now, to: now, top: LANE.top - 4, bottom, look: 'now' },
      ...(isUsual
        ? [
            {
              from: at(usualSeconds),
              to: at(usualSeconds),
              top: LANE.top,
              bottom: LANE.top + LANE.height,
              look: 'usual',
            },
          ]
        : []),
      ...(due !== undefined && due <= axis.to
        ? [{ from: at(due), to: at(due), top: LANE.top, bottom, look: 'due' }]
        : []),
    ],
    words: [
      wordAt(now, bottom + 15, 'now', 'live'),
      ...(isUsual ? [wordAt(at(usualSeconds), LANE.top + LANE.height + 11, 'usual end', 'side')] : []),
      ...dueWords(due, axis, elapsed, bottom, chronicle.beganAt),
    ],
  });
}

function dueWords(due: number | undefined, axis: Axis, elapsed: number, bottom: number, beganAt: number): Word[] {
  if (due === undefined) return [];
  const until = `deadline ${clock(beganAt + due * 1000).slice(0, 5)}`;
  if (due <= axis.to) return [{ ...wordAt(placeOf(axis, due), bottom - 4, until, 'late'), anchor: 'end', shift: -5 }];
  const text = `${until}, in ${countdown(due - elapsed)} →`;
  const room = 1 - placeOf(axis, elapsed);
  const bands = BANDS.filter(({ plotMin }) => widthOf(text, SMALL) + 12 <= room * plotMin).map(({ name }) => name);
  return [{ ...wordAt(1, bottom - 4, text, 'side'), anchor: 'end', bands }];
}

function wordAt(at: number, baseline: number, text: string, look: string): Word {
  const anchor = at > 0.93 ? 'end' : at < 0.03 ? 'start' : 'middle';
  return { at, shift: 0, anchor, baseline, size: SMALL, text, look };
}
