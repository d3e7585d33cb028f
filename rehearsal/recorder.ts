import type { TimelineEntry, TimelineKind, WayBack } from '../timeline/scenario-report.ts';
import { taskCounts } from '../timeline/task-counts.ts';
import { readable } from '../timeline/timeline.ts';
import { logGroupsOf } from './cell/cell-signals.ts';
import { readRollout } from './cell/rollouts.ts';
import { followWayBack } from './way-back.ts';
import type { World } from './world.ts';

/** Listens to a world and turns what happens into the lines of a timeline; `stop` ends that. */
export interface Recorder {
  readonly entries: readonly TimelineEntry[];
  /** From the ECS event that decided the first watch to its verdict; undefined while none did. */
  readonly detectionLagSeconds: number | undefined;
  /** How an image that failed was taken back; undefined while none was. */
  readonly wayBack: WayBack | undefined;
  stop(): void;
}

/** Counts that follow one another within what the timeline shows as one time are told once, as they are in the end. */
const INSTANT_MS = 100;

/** Starts recording; `onEntry` gets every line as it happens. Seconds count from here. */
export function record(world: World, onEntry: (entry: TimelineEntry) => void = () => {}): Recorder {
  const { region, cell } = world;
  const startedAt = region.kernel.now;
  const entries: TimelineEntry[] = [];
  const add = (kind: TimelineKind, text: string, at: number): void => {
    const entry = { virtualSeconds: (at - startedAt) / 1000, kind, text: readable(text) };
    entries.push(entry);
    onEntry(entry);
  };
  const back = followWayBack(world);
  const counts = settledCounts(world, (text, at) => add('tasks', text, at));
  const note = (kind: TimelineKind, text: string): void => {
    counts.tellBefore(region.kernel.now);
    add(kind, text, region.kernel.now);
  };
  const stops = [
    region.states.onStateEntered(({ stateMachineArn, state, type }) => {
      if (stateMachineArn === cell.outputs['StateMachineArn'] && type !== 'Choice') note('state', state);
    }),
    region.events.onEvent((event) => {
      const told = eventText(event, world);
      if (told) note(...told);
      if (event.source !== 'aws.ecs') return;
      counts.read();
      back.look();
    }),
    region.kernel.onScheduled(
      eachNewLine(world, (line) => {
        const verdict = verdictIn(line);
        if (!verdict) return;
        note('decided', verdict.text);
        back.hear(verdict.word, (region.kernel.now - startedAt) / 1000);
      }),
    ),
    region.kernel.onScheduled(() => counts.tellBefore(region.kernel.now - INSTANT_MS)),
    () => counts.tellBefore(Infinity),
  ];
  return {
    entries,
    get detectionLagSeconds() {
      return firstLag(entries);
    },
    get wayBack() {
      return back.wayBack();
    },
    stop: () => stops.forEach((stop) => stop()),
  };
}

/**
 * Logs cannot be listened to: every act that is scheduled is an occasion to look for lines written since the last one. Their
 * ids grow; their places do not, since the oldest lines go.
 */
function eachNewLine({ region, cell }: World, tell: (line: string) => void): () => void {
  const newest = (name: string): string => region.logs.eventsOf(name).at(-1)?.eventId ?? '';
  const groups = logGroupsOf(cell).map((name) => ({ name, readUpTo: newest(name) }));
  return () => {
    for (const group of groups) {
      const events = region.logs.eventsOf(group.name);
      const isRead = ({ eventId }: { readonly eventId: string }): boolean => eventId <= group.readUpTo;
      const unread = events.slice(events.findLastIndex(isRead) + 1);
      group.readUpTo = unread.at(-1)?.eventId ?? group.readUpTo;
      for (const { message } of unread) tell(message);
    }
  };
}

interface SettledCounts {
  /** To be called when tasks may have changed. */
  read(): void;
  /** Tells the newest counts if they were read earlier than `until` (milliseconds since the epoch) and are news. */
  tellBefore(until: number): void;
}

function settledCounts(world: World, tell: (text: string, at: number) => void): SettledCounts {
  const tellCounts = taskCounts();
  const { region, config } = world;
  const deployments = () => region.ecs.serviceView(config.cluster, config.serviceName).deployments;
  const there = new Set(deployments().map(({ id }) => id));
  const counts = (): string =>
    tellCounts(deployments().map((each) => ({ ...each, age: there.has(each.id) ? 'old' : undefined })));
  let told = counts();
  let newest: { readonly text: string; readonly at: number } | undefined;
  const tellBefore = (until: number): void => {
    if (!newest || newest.at >= until) return;
    const { text, at } = newest;
    newest = undefined;
    if (text !== told) tell(text, at);
    told = text;
  };
  return {
    read() {
      const at = world.region.kernel.now;
      tellBefore(at - INSTANT_MS);
      newest = { text: counts(), at };
    },
    tellBefore,
  };
}

function firstLag(entries: readonly TimelineEntry[]): number | undefined {
  const verdict = entries.findIndex(({ kind, text }) => kind === 'decided' && text.startsWith('WakeRollout'));
  const event = entries.slice(0, Math.max(0, verdict)).findLast(({ kind }) => kind === 'ecs');
  return event && Math.round((entries[verdict]!.virtualSeconds - event.virtualSeconds) * 1000) / 1000;
}

type BusEvent = Parameters<Parameters<World['region']['events']['onEvent']>[0]>[0];

function eventText(event: BusEvent, { config, region, cell }: World): [TimelineKind, string] | undefined {
  const { source, detail } = event;
  if (source === 'aws.ecr') return pushText(detail, config.repository);
  if (source === 'aws.ecs') {
    const text = ecsText(event, config);
    return text === undefined ? undefined : ['ecs', text];
  }
  const isEnd = source === 'aws.states' && detail['status'] !== 'RUNNING';
  if (!isEnd || detail['stateMachineArn'] !== cell.outputs['StateMachineArn']) return undefined;
  return ['ended', readRollout(region, String(detail['executionArn'])).outcome];
}

/** Untagged pushes, the children of an index, say nothing to a reader. */
function pushText(detail: BusEvent['detail'], repository: string): [TimelineKind, string] | undefined {
  const { 'action-type': action, 'repository-name': name, 'image-tag': tag, 'image-digest': digest } = detail;
  if (action !== 'PUSH' || name !== repository || typeof tag !== 'string' || tag === '') return undefined;
  return ['push', `${repository}:${tag} (${String(digest)})`];
}

interface TaskDetail {
  readonly clusterArn?: string;
  readonly group?: string;
  readonly lastStatus?: string;
  readonly stoppedReason?: string;
  readonly stopCode?: string;
  readonly reason?: string;
  readonly containers?: readonly { readonly name: string; readonly exitCode?: number; readonly reason?: string }[];
}

/** What a person would want to read of an ECS event; nothing of other services, nor of tasks that were only scaled in. */
function ecsText(event: BusEvent, { cluster, serviceName }: World['config']): string | undefined {
  const detail: TaskDetail = event.detail;
  if (!detail.clusterArn?.endsWith(`:cluster/${cluster}`)) return undefined;
  if (event['detail-type'] === 'ECS Deployment State Change') {
    const isOurs = event.resources.some((arn) => arn.endsWith(`:service/${cluster}/${serviceName}`));
    return isOurs ? detail.reason : undefined;
  }
  const isStop = event['detail-type'] === 'ECS Task State Change' && detail.lastStatus === 'STOPPED';
  if (!isStop || detail.group !== `service:${serviceName}` || detail.stopCode === 'ServiceSchedulerInitiated')
    return undefined;
  const exits = (detail.containers ?? []).filter(({ exitCode }) => exitCode !== undefined);
  const codes = exits.map(({ name, exitCode }) => `; ${name} exited with code ${exitCode}`);
  return `task stopped: ${detail.stoppedReason ?? detail.stopCode ?? 'no reason given'}${codes.join('')}`;
}

interface VerdictLine {
  readonly message?: string;
  readonly state?: string;
  readonly verdict?: {
    readonly word?: string;
    readonly outcome?: string;
    readonly reason?: string;
    readonly message?: string;
  };
}

/** The handlers log every decision once, as `verdict`; waiting on and an idle tick are not worth a line. */
function verdictIn(line: string): { readonly word: string; readonly text: string } | undefined {
  const { message, state, verdict } = parsed(line);
  if (message !== 'verdict' || verdict === undefined) return undefined;
  const word = verdict.outcome ?? verdict.word;
  if (word === undefined || word === 'wait' || word === 'idle') return undefined;
  const reason = verdict.reason === undefined ? '' : ` (${verdict.reason})`;
  return { word, text: `${state ?? ''}: ${word}${reason}${verdict.message ? `: ${verdict.message}` : ''}` };
}

function parsed(line: string): VerdictLine {
  try {
    return JSON.parse(line) as VerdictLine;
  } catch {
    return {};
  }
}
