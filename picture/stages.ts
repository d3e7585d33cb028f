import type { ChronicledTask } from './chronicle.ts';

/** What a task is doing: the taller its bar, the nearer it is to serving. */
export type StageName = 'waiting' | 'pull' | 'start' | 'check' | 'serving' | 'draining' | 'stopping';

/** A part of a task's life, in seconds. */
export interface Stage {
  readonly name: StageName;
  readonly from: number;
  readonly to: number;
}

/** The stages of a task from its creation, or from `from` for one that was there before, until it stopped, or until `to`. */
export function stagesOf(task: ChronicledTask, from: number, to: number): Stage[] {
  const end = task.stoppedAt ?? to;
  const leaving = leavingAt(task) ?? end;
  const begins: readonly (readonly [StageName, number | undefined])[] = [
    ['waiting', task.createdAt],
    ['pull', task.pullStartedAt],
    ['start', task.pullStoppedAt],
    ['check', task.startedAt],
    ['serving', task.healthyAt ?? (task.createdAt === undefined ? from : undefined)],
  ];
  const rising = begins.filter((begin): begin is [StageName, number] => begin[1] !== undefined && begin[1] <= leaving);
  const stages = rising.map(([name, at], index): Stage => ({ name, from: at, to: rising[index + 1]?.[1] ?? leaving }));
  return [...stages, ...fallingOf(task, leaving, end)]
    .map((stage) => ({ ...stage, from: Math.max(stage.from, from), to: Math.min(stage.to, to) }))
    .filter((stage) => stage.to > stage.from);
}

/** Draining only where a load balancer waits for connections. */
function fallingOf({ drainingAt, drainedAt }: ChronicledTask, leaving: number, end: number): Stage[] {
  if (drainingAt === undefined) return [{ name: 'stopping', from: leaving, to: end }];
  const drained = drainedAt ?? end;
  return [
    { name: 'draining', from: leaving, to: drained },
    { name: 'stopping', from: drained, to: end },
  ];
}

/** When it stopped to serve, or to come up: it was told to go, or went. */
export function leavingAt({ stoppingAt, executionStoppedAt, stoppedAt }: ChronicledTask): number | undefined {
  const known = [stoppingAt, executionStoppedAt, stoppedAt].filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** In a few words why a task failed; undefined for one that did not, or that only made room. */
export function failureOf(task: ChronicledTask): string | undefined {
  const { stopCode, stoppedReason = '', containers } = task;
  if (leavingAt(task) === undefined) return undefined;
  const reasons = [stoppedReason, ...containers.map(({ reason = '' }) => reason)].join(' ');
  if (/OutOfMemory/.test(reasons)) return 'out of memory';
  if (/CannotPull|pull image/i.test(reasons)) return 'cannot pull';
  if (/health check/i.test(reasons)) return 'unhealthy';
  if (stopCode === 'EssentialContainerExited') return exitOf(task);
  if (stopCode === undefined || stopCode === 'ServiceSchedulerInitiated') return undefined;
  // A code that nobody knows yet, of a task that only made room.
  if (stoppedReason.startsWith('Scaling activity initiated by')) return undefined;
  return STOP_WORDS[stopCode] ?? stopCode;
}

function exitOf({ containers }: ChronicledTask): string {
  const codes = containers.map(({ exitCode }) => exitCode).filter((code) => code !== undefined);
  return codes.length === 0 ? 'exit code unknown' : `exit ${codes.find((code) => code !== 0) ?? codes[0]}`;
}

const STOP_WORDS: Readonly<Record<string, string>> = {
  TaskFailedToStart: 'failed to start',
  UserInitiated: 'stopped by hand',
  SpotInterruption: 'Spot took it back',
  TerminationNotice: 'Spot takes it back',
  InfrastructureHealth: 'host failed',
};
