import { createHash, type Hash } from 'node:crypto';
import type { DescribeStateMachineOutput } from '@aws-sdk/client-sfn';
import { operate } from '../rehearsal/cell/operator.ts';
import { toleratedUnder } from '../rehearsal/faults/catalogue.ts';
import type { Chronicle } from '../picture/chronicle.ts';
import { followChronicle, type Chronicler } from '../rehearsal/chronicler.ts';
import { record } from '../rehearsal/recorder.ts';
import type { Openings } from '../rehearsal/openings.ts';
import { openWorld, type World } from '../rehearsal/world.ts';
import type { TraceLine } from '../region/kernel/kernel.ts';
import type { TimelineEntry } from '../timeline/scenario-report.ts';
import { comeToRest } from './calm.ts';
import { doDeed } from './deeds.ts';
import { follow } from './happenings.ts';
import { noteDeed } from './note-deed.ts';
import type { Plan } from './plan.ts';
import { statesAndEdges, type Meetings } from './reach.ts';
import { followWhereabouts, meet, untilIn, type AssemblyOf, type Stage } from './stage.ts';
import { foundOrThrown, thrown } from './thrown.ts';
import { Unbounded } from './watch-bounds.ts';
import { watchChanges } from './watch-changes.ts';
import { watchWorld } from './watches.ts';

/** What became of a plan. */
export interface Played extends Meetings {
  readonly plan: Plan;
  /** What AWS's side shows that no sound world does, a sentence each; empty for a sound one. */
  readonly violations: readonly string[];
  /** Executions of the state machine. */
  readonly rollouts: number;
  /** The same for the same plan. */
  readonly traceDigest: string;
  readonly virtualSeconds: number;
  /** Processor time, milliseconds. */
  readonly cpuMs: { readonly opening: number; readonly playing: number; readonly auditing: number };
}

export interface PlayOptions {
  readonly assemblyOf: AssemblyOf;
  /** How functions reach the region. @default 'direct' */
  readonly door?: 'wire' | 'direct';
  /** Where regions come from that the stacks are deployed to; it plays the same. @default 'anew' */
  readonly openings?: Openings | 'anew';
  /** Where DynamoDB keeps its items; it plays the same. @default 'in-state' */
  readonly tables?: 'in-state' | 'leveldb';
  /** Also in calm those ticks that would change nothing. @default false */
  readonly playsEveryTick?: boolean;
  /** Receives the world once it is open. */
  readonly onOpen?: (world: World) => void;
  /** Receives what happens as it happens. */
  readonly onTimeline?: (entry: TimelineEntry) => void;
  /** Receives what a picture is drawn from, once the world has been audited. */
  readonly onChronicle?: (chronicle: Chronicle) => void;
}

const ACCOUNT = '123456789012';

/** Plays a plan in a world of its own: what is to happen, then calm, then the audit. What is thrown on the way is a violation. */
export async function playPlan(plan: Plan, options: PlayOptions): Promise<Played> {
  const trace = createHash('sha256');
  const clock = stopwatch();
  let isOpen = false;
  const onTrace = ({ at, kind, label }: TraceLine): void => {
    if (isOpen) trace.update(`${at} ${kind} ${label}\n`);
  };
  try {
    const world = await open(plan, options, onTrace);
    isOpen = true;
    try {
      options.onOpen?.(world);
      return await playIn(world, plan, options, trace, clock);
    } finally {
      await world.close();
    }
  } catch (error) {
    return lostPlan(plan, thrown(isOpen ? 'while it was played' : 'before its world was open', error));
  }
}

/** What is known of a plan that nobody could play. */
export function lostPlan(plan: Plan, violation: string): Played {
  return {
    plan,
    violations: [violation],
    rollouts: 0,
    met: new Map(),
    meetable: [],
    traceDigest: '',
    virtualSeconds: 0,
    cpuMs: { opening: 0, playing: 0, auditing: 0 },
  };
}

async function playIn(
  world: World,
  plan: Plan,
  { assemblyOf, playsEveryTick = false, onTimeline, onChronicle }: PlayOptions,
  trace: Hash,
  clock: () => number,
): Promise<Played> {
  const opening = clock();
  if (onTimeline) record(world, onTimeline);
  const chronicler = onChronicle && followChronicle(world);
  const { setting } = plan;
  const followed = { whereabouts: followWhereabouts(world), told: follow(world) };
  const done = { pushes: [], deleted: [], faults: new Map(), met: new Map() };
  const stage: Stage = { world, setting, assemblyOf, playsEveryTick, ...followed, ...done };
  const found = await live(stage, plan, chronicler);
  const playing = clock();
  const audited = await foundOrThrown('while it was audited', () => auditOf(world, plan));
  if (chronicler) onChronicle?.(chronicler.chronicle());
  const meetable: string[] = [];
  const strayed = await foundOrThrown('while what it met was read', async () => {
    meetable.push(...(await reachOf(stage)));
    trace.update(JSON.stringify([world.rollouts(), await world.history(), await world.ledgerState()]));
    return astray(plan, stage.met);
  });
  return {
    plan,
    violations: [...found, ...audited, ...strayed],
    rollouts: world.rollouts().length,
    met: stage.met,
    meetable,
    traceDigest: trace.digest('hex').slice(0, 16),
    virtualSeconds: world.seconds,
    cpuMs: { opening, playing, auditing: clock() },
  };
}

/** What comes before it is open is the same for all worlds of its kind, and need not be played. */
async function open(
  { seed, setting, service, region }: Plan,
  { assemblyOf, door = 'direct', openings = 'anew', tables = 'in-state' }: PlayOptions,
  onTrace: (line: TraceLine) => void,
): Promise<World> {
  const place = { account: ACCOUNT, region };
  const assembly = await assemblyOf(setting);
  return openWorld({ assembly, seed, service, place, hasTicks: true, door, openings, tables, onTrace });
}

function stopwatch(): () => number {
  let last = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    return (user + system) / 1000;
  };
}

/** Chaos, then calm. What never comes to an end is a violation, too. */
async function live(stage: Stage, plan: Plan, chronicler?: Chronicler): Promise<string[]> {
  const { world } = stage;
  const { steps } = plan;
  const changes = watchChanges(world);
  const violations = watchWorld(stage, plan, changes);
  try {
    for (const { afterSeconds, in: state, ...deed } of steps) {
      if (state !== undefined) await untilIn(stage, state);
      await world.advance(afterSeconds);
      const at = chronicler?.now();
      const isDone = await doDeed(stage, deed);
      if (isDone && chronicler) noteDeed(chronicler, at!, deed);
    }
    chronicler?.endNoted();
    const found = await comeToRest(stage, changes, steps);
    return [...found, ...(await violations())];
  } catch (error) {
    if (error instanceof Unbounded) return [error.message];
    return [thrown('while it was played', error)];
  }
}

/** Somebody stopped an execution that waited, which was told of, and then had it go on. */
const TOLD_TWICE = {
  matcher:
    /^record: .*ABORTED|^event: An event tells of .*, unlike its record\.$|^notification: .* was announced (?:as .*, unlike its record|2 times, not 1)\.$/,
};

async function auditOf(world: World, { steps }: Plan): Promise<string[]> {
  const faults = steps.flatMap((step) => (step.kind === 'fault' ? [step.fault] : []));
  const isRedriven = steps.some(({ kind }) => kind === 'redrive');
  const tolerated = [...toleratedUnder(faults), ...(isRedriven ? [TOLD_TWICE] : [])];
  const found = await world.audit();
  return found.filter((sentence) => !tolerated.some(({ matcher }) => matcher.test(sentence)));
}

/** What the plan is there for and did not come to. */
function astray({ reaches = [] }: Plan, met: Meetings['met']): string[] {
  const missed = reaches.filter((thing) => !met.has(thing));
  return missed.length === 0 ? [] : [`reach: The plan is to meet what it did not: ${missed.join(', ')}.`];
}

/** Counts what its rollouts met; answers what could be met. */
async function reachOf(stage: Stage): Promise<string[]> {
  for (const { outcome, status, path } of stage.world.rollouts()) {
    if (status !== 'RUNNING') meet(stage, `outcome ${outcome}`);
    path.forEach((state, index) => {
      meet(stage, `state ${state}`);
      const before = path[index - 1];
      if (before !== undefined && before !== state) meet(stage, `edge ${before} > ${state}`);
    });
  }
  const { region, cell } = stage.world;
  const machine = await operate<DescribeStateMachineOutput>(region, 'states', 'DescribeStateMachine', {
    stateMachineArn: cell.outputs['StateMachineArn'],
  });
  return statesAndEdges(machine.definition ?? '');
}
