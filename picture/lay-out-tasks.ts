import { placeOf, type Axis } from './axis.ts';
import type { Chronicle, ChronicledDeployment, ChronicledTask } from './chronicle.ts';
import type { Episode } from './episodes.ts';
import { inFamilies, roleOf, type Role } from './families.ts';
import { besides, fitting, NORMAL, sceneOf, settled, SMALL, type Bar, type Scene, type Word } from './scene.ts';
import { failureOf, leavingAt, stagesOf, type Stage, type StageName } from './stages.ts';
import { elapsed, span } from './times.ts';

/** From so many on a task is a hair; those that failed are shown in full, as far as there are a few. */
export const DENSE_FROM = 25;
const FAILED_IN_FULL = 8;
/** Pixels; the more hairs, the thinner, so that hundreds of tasks are seen at once. */
const HAIR = { most: 2, least: 1, together: 200 };

/** A group for each deployment that has tasks in an episode, in the order in which they began; nothing is known after `until`. */
export function layOutTasks(chronicle: Chronicle, episode: Episode, axis: Axis, until = axis.to): Scene[] {
  const ids = [
    ...new Set([...chronicle.deployments.map(({ id }) => id), ...episode.tasks.map((task) => task.deploymentId)]),
  ];
  return ids.flatMap((id) => {
    const tasks = episode.tasks.filter(({ deploymentId }) => deploymentId === id);
    if (tasks.length === 0) return [];
    const deployment = chronicle.deployments.find((one) => one.id === id);
    const role = roleOf(chronicle, episode, id);
    return [
      headingOf(deployment, role, tasks, axis.from),
      ...(tasks.length < DENSE_FROM ? full : dense)(tasks, role, axis, until),
    ];
  });
}

function headingOf(
  deployment: ChronicledDeployment | undefined,
  role: Role,
  tasks: readonly ChronicledTask[],
  from: number,
): Scene {
  const { image, revision = 'unknown revision' } = deployment ?? {};
  const failed = tasks.filter((task) => failureOf(task) !== undefined).length;
  const told = [
    role.words,
    `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(tasks.length >= DENSE_FROM ? medianOf(tasks, from) : []),
    ...(image === undefined ? [] : [revision]),
  ];
  return sceneOf(24, {
    icons: [{ at: 0, shift: 6, isInGutter: true, middle: 13, shape: `swatch ${role.family}` }],
    words: fitting(
      {
        at: 0,
        shift: 18,
        isInGutter: true,
        anchor: 'start',
        baseline: 17,
        size: NORMAL,
        strong: image ?? revision,
        text: ` ${told.join(', ')}`,
        look: 'heading quiet',
      },
      ({ gutter, plotMin }) => gutter + plotMin - 20,
    ),
  });
}

/** How long those took that came meanwhile. */
function medianOf(tasks: readonly ChronicledTask[], from: number): string[] {
  const took = tasks
    .flatMap(({ createdAt, healthyAt }) =>
      createdAt === undefined || createdAt < from || healthyAt === undefined ? [] : [healthyAt - createdAt],
    )
    .sort((one, other) => one - other);
  return took.length === 0 ? [] : [`healthy after ${span(took[Math.floor(took.length / 2)]!)} in the median`];
}

const ROW = 17;
const BOTTOM = 14;

/** How high a stage is drawn, and how. */
const HEIGHTS: Readonly<Record<StageName, number>> = {
  waiting: 2,
  pull: 4,
  start: 6,
  check: 8,
  serving: 12,
  draining: 12,
  stopping: 4,
};

function full(tasks: readonly ChronicledTask[], role: Role, axis: Axis, until: number): Scene[] {
  return tasks.map((task) => {
    const stages = stagesOf(task, axis.from, until);
    const failure = failureOf(task);
    const name: Word = {
      at: 0,
      shift: -8,
      anchor: 'end',
      baseline: BOTTOM - 2,
      size: SMALL,
      text: shortId(task),
      face: 'mono',
      look: 'side task',
    };
    const row = sceneOf(ROW, {
      bars: stages.flatMap((stage) => barsOf(task, stage, role, axis, HEIGHTS[stage.name])),
      words: fitting(name, ({ gutter }) => gutter - 8),
    });
    return failure === undefined ? row : withFailure(row, task, failure, axis);
  });
}

/** Enough of its id to find it. */
function shortId({ taskId }: ChronicledTask): string {
  return [...taskId].slice(0, 8).join('');
}

function barsOf(task: ChronicledTask, stage: Stage, role: Role, axis: Axis, height: number): Bar[] {
  const title = `${shortId(task)}: ${STAGE_WORDS[stage.name]}, ${span(stage.to - stage.from)}, from ${elapsed(stage.from, 1)}`;
  return inFamilies(stage, role).map(({ from, to, name, family }) => ({
    from: placeOf(axis, from),
    to: placeOf(axis, to),
    top: BOTTOM - height,
    height,
    look: `stage ${name} ${family}`,
    title,
  }));
}

/** What stages are called. */
export const STAGE_WORDS: Readonly<Record<StageName, string>> = {
  waiting: 'waiting for capacity',
  pull: 'pulling',
  start: 'starting',
  check: 'health check',
  serving: 'serving',
  draining: 'draining',
  stopping: 'stopping',
};

/** A sign where it failed and the reason beside it. */
function withFailure(row: Scene, task: ChronicledTask, failure: string, axis: Axis): Scene {
  const at = placeOf(axis, Math.min(leavingAt(task)!, axis.to));
  const words = settled(
    { baseline: BOTTOM - 2, size: SMALL, text: failure, face: 'bold', look: 'failure' },
    besides(axis, at, at),
    9,
  );
  return { ...row, icons: [{ at, shift: 0, middle: BOTTOM - 6, shape: 'failed' }], words: [...row.words, ...words] };
}

/** Failed ones in full, as far as they are few, and then every task as a hair, sorted by when it came to serve. */
function dense(tasks: readonly ChronicledTask[], role: Role, axis: Axis, until: number): Scene[] {
  const failed = tasks.filter((task) => failureOf(task) !== undefined).slice(0, FAILED_IN_FULL);
  const rest = tasks.filter((task) => !failed.includes(task)).sort((one, other) => sortedBy(one) - sortedBy(other));
  const hair = Math.max(HAIR.least, Math.min(HAIR.most, HAIR.together / rest.length));
  const bars = rest.flatMap((task, index) =>
    stagesOf(task, axis.from, until)
      .flatMap((stage) => barsOf(task, stage, role, axis, hair))
      .map((bar) => ({ ...bar, top: 2 + index * hair })),
  );
  return [...full(failed, role, axis, until), sceneOf(rest.length * hair + 8, { bars: hairs(bars) })];
}

/** Nobody points at a hair: it has no title. */
function hairs(bars: readonly Bar[]): Bar[] {
  return bars.map(({ title: _, ...bar }) => ({ ...bar, look: `hair ${bar.look}` }));
}

function sortedBy({ healthyAt, startedAt, createdAt }: ChronicledTask): number {
  return healthyAt ?? startedAt ?? createdAt ?? -Infinity;
}
