import { axisOf, clearOf, placeOf, ticksOf, type Axis } from './axis.ts';
import { BANDS, type Band } from './bands.ts';
import type { Chronicle, ChronicledEvent, ChronicledRollout } from './chronicle.ts';
import type { Episode, NumberedRollout } from './episodes.ts';
import { comesFromOutside, isBad } from './event-words.ts';
import { layOutServing } from './lay-out-serving.ts';
import { layOutTasks } from './lay-out-tasks.ts';
import { marksOf, type Marks } from './marks.ts';
import { lookOf } from './outcome-looks.ts';
import {
  fitting,
  NORMAL,
  over,
  placed,
  sceneOf,
  settled,
  SMALL,
  stacked,
  type Place,
  type Rule,
  type Scene,
  type Word,
} from './scene.ts';
import { clock, elapsed, span } from './times.ts';

/** An episode as it is drawn. */
export interface Layout {
  readonly axis: Axis;
  readonly marks: readonly { readonly band: Band; readonly marks: Marks }[];
  readonly scene: Scene;
}

/** Lays an episode out: above it marks, then the clock, rollouts, faults, how many serve, and each task. */
export function layOut(chronicle: Chronicle, episode: Episode): Layout {
  const axis = axisOf(episode.moments);
  const rows = stacked([
    ...episode.rollouts.map((numbered) => layOutRollout(numbered, axis, chronicle.endedAt)),
    layOutFaults(chronicle.events, axis),
    layOutServing(chronicle, episode, axis),
    ...layOutTasks(chronicle, episode, axis),
  ]);
  return layOutFrame(chronicle, { events: episode.events, numbered: episode.events }, axis, rows);
}

/** Rows in their frame: marks of events above, a clock, lines down at what came from outside, and breaks through everything. */
export function layOutFrame(
  chronicle: Chronicle,
  { events, numbered }: { readonly events: readonly ChronicledEvent[]; readonly numbered: readonly ChronicledEvent[] },
  axis: Axis,
  rows: Scene,
): Layout {
  const content = stacked([layOutClock(axis), rows, layOutEnds(chronicle, axis)]);
  const { height } = content;
  const behind = sceneOf(height, { rules: [...gridOf(axis, height), ...linesOf(events, axis, height)] });
  return {
    axis,
    marks: BANDS.map((band) => ({ band, marks: marksOf(events, numbered, axis, band) })),
    scene: over(over(behind, content), breaksOf(axis, height)),
  };
}

const CLOCK_HEIGHT = 20;

/** Labels of moments, and how long each break is. */
function layOutClock(axis: Axis): Scene {
  const breaks = axis.parts
    .filter(({ isBreak }) => isBreak)
    .map((part): Word => ({
      ...label((part.left + part.right) / 2, span(part.to - part.from), 'pause'),
    }));
  const ticks = BANDS.flatMap((band) =>
    ticksOf(axis, band.plotMin, 58).map((seconds): Word => ({
      ...label(placeOf(axis, seconds), elapsed(seconds, isWhole(seconds) ? 0 : 1), 'tick'),
      bands: [band.name],
    })),
  );
  return sceneOf(CLOCK_HEIGHT, { words: placed([...breaks, ...ticks]) });
}

const isWhole = (seconds: number): boolean => Math.abs(seconds - Math.round(seconds)) < 1e-6;

function label(at: number, text: string, look: string): Word {
  return { at, shift: 0, anchor: 'middle', baseline: 12, size: SMALL, text, look };
}

/** Lines at the ticks of the middle band: a finer grid would be noise. */
function gridOf(axis: Axis, height: number): Rule[] {
  return ticksOf(axis, BANDS[1]!.plotMin, 58).map((seconds) => {
    const at = placeOf(axis, seconds);
    return { from: at, to: at, top: CLOCK_HEIGHT - 2, bottom: height - 18, look: 'grid' };
  });
}

/** From what came from outside, and from what went wrong, down through everything. */
function linesOf(events: readonly ChronicledEvent[], axis: Axis, height: number): Rule[] {
  return events
    .filter((event) => comesFromOutside(event) || (event.kind === 'decided' && isBad(event)))
    .map((event) => {
      const at = placeOf(axis, event.at);
      return { from: at, to: at, top: 0, bottom: height - 18, look: isBad(event) ? 'verdict' : `mark ${event.kind}` };
    });
}

function breaksOf(axis: Axis, height: number): Scene {
  const breaks = axis.parts.filter(({ isBreak }) => isBreak);
  return sceneOf(height, {
    bars: breaks.map(({ left, right, from, to }) => ({
      from: left,
      to: right,
      top: CLOCK_HEIGHT - 2,
      height: height - 18 - CLOCK_HEIGHT + 2,
      look: 'silence',
      title: `${span(to - from)} in which nothing changes`,
    })),
    rules: breaks.flatMap(({ left, right }) =>
      [left, right].map((at): Rule => ({ from: at, to: at, top: CLOCK_HEIGHT - 2, bottom: height - 18, look: 'tear' })),
    ),
  });
}

const LANE_HEIGHT = 20;
/** Of the width. */
const BRIEF = 0.02;

/** A heading with the outcome, and the states under it; where they are as short as their border, a stroke each. */
function layOutRollout({ number, rollout }: NumberedRollout, axis: Axis, now: number): Scene {
  const { outcome, message = '', image } = rollout;
  const look = lookOf(outcome);
  const told = ` ${look.word}${message === '' ? '' : `: ${message}`}`;
  const heading = fitting(
    {
      at: 0,
      shift: 18,
      isInGutter: true,
      anchor: 'start',
      baseline: 14,
      size: NORMAL,
      strong: `Rollout ${number}${image === undefined ? '' : ` · ${image}`}`,
      text: told,
      look: `heading ${look.tone}`,
    },
    ({ gutter, plotMin }) => gutter + plotMin - 20,
  );
  const { height, ...states } = layOutStates(rollout, axis, now);
  return stacked([
    sceneOf(22, {
      icons: [{ at: 0, shift: 6, isInGutter: true, middle: 10, shape: `${look.shape} ${look.tone}` }],
      words: heading,
    }),
    { ...states, height: height + 8 },
  ]);
}

/** The states that a rollout was in, in a lane; where they are as short as their border, a stroke each. */
export function layOutStates(rollout: ChronicledRollout, axis: Axis, now: number): Scene {
  const states = rollout.states.map(({ name, enteredAt, leftAt = rollout.endedAt ?? now }) => ({
    name,
    from: placeOf(axis, enteredAt),
    to: placeOf(axis, leftAt),
    title: `${name}, ${span(leftAt - enteredAt)}, from ${elapsed(enteredAt, 1)}`,
  }));
  // Of one that ended at once a stroke is seen, and its heading says the rest.
  const isBrief =
    states.every(({ from, to }) => to - from < BRIEF) &&
    placeOf(axis, rollout.endedAt ?? now) - (states[0]?.from ?? 0) < BRIEF;
  const height = isBrief ? 6 : LANE_HEIGHT;
  return sceneOf(height, {
    bars: states.map(({ name, from, to, title }) => ({
      from,
      to,
      top: 0,
      height,
      look: `state ${stateLook(name)}`,
      title,
    })),
    words: [
      ...(isBrief ? [] : [side('states', 14)]),
      ...states.flatMap(({ name, from, to }) =>
        settled({ baseline: 14, size: SMALL, text: name, look: 'inside' }, within(axis, from, to), 6),
      ),
    ],
  });
}

/** What a row is, left of the axis. */
function side(text: string, baseline: number): Word {
  return { at: 0, shift: -8, anchor: 'end', baseline, size: SMALL, text, look: 'side' };
}

/** How a state is drawn: one that waits for a turn, watches, bakes, or goes back. */
function stateLook(name: string): string {
  if (/^(RollBack|AwaitRollback|Failed|Undecided|Unconcluded)$/.test(name)) return 'back';
  if (name === 'Bake') return 'bake';
  return /^(AwaitTurn|LetFinish|LookLater|LookAgain)$/.test(name) ? 'queue' : 'forward';
}

const FAULT_HEIGHT = 30;

/** A row for each fault: its name, and under that a bar as long as it lasted. */
function layOutFaults(events: readonly ChronicledEvent[], axis: Axis): Scene {
  const faults = events.filter(
    ({ kind, at, until = at }) => kind === 'fault' && at <= axis.to && (until > axis.from || at >= axis.from),
  );
  return stacked(
    faults.map(({ at, until = at, text }) => {
      const [from, to] = [placeOf(axis, at), placeOf(axis, until)];
      const word = { baseline: 13, size: SMALL, text, look: 'fault' };
      return sceneOf(FAULT_HEIGHT, {
        bars: [{ from, to, top: 17, height: 9, look: 'fault', title: `${text}, for ${span(until - at)}` }],
        words: [side('fault', 25), ...settled(word, above(axis, from, to), 0)],
      });
    }),
  );
}

/** Where a word could stand above a bar: from its start on, up to its end, or wherever else there is room. */
function above(axis: Axis, from: number, to: number): Place[] {
  const [after] = clearOf(axis, from, 1);
  const before = clearOf(axis, 0, to).at(-1);
  return [
    ...(after ? [{ ...after, end: 'left' as const }] : []),
    ...(before ? [{ ...before, end: 'right' as const }] : []),
    ...within(axis, 0, 1),
  ];
}

/** Where a word could stand in a bar. */
function within(axis: Axis, from: number, to: number): Place[] {
  return clearOf(axis, from, to).map((part) => ({ ...part, end: 'left' }));
}

/** What the clock on the wall says at both ends. */
function layOutEnds({ beganAt }: Chronicle, { from, to }: Axis): Scene {
  const at = (seconds: number): string => clock(beganAt + seconds * 1000);
  return sceneOf(20, {
    words: [
      { at: 0, shift: 0, anchor: 'start', baseline: 15, size: SMALL, text: at(from), look: 'tick' },
      { at: 1, shift: 0, anchor: 'end', baseline: 15, size: SMALL, text: `${at(to)} UTC`, look: 'tick' },
    ],
  });
}
