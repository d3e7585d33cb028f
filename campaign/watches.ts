import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';
import type { World } from '../rehearsal/world.ts';
import type { Happenings } from './happenings.ts';
import { isDisturbance, OUT_OF_THE_WAY, type Plan, type Step } from './plan.ts';
import type { Stage } from './stage.ts';
import { watchBack } from './watch-back.ts';
import { overbaked, unbaked } from './watch-bakes.ts';
import { watchBounds } from './watch-bounds.ts';
import { leaks, type Changes } from './watch-changes.ts';
import { rolledOverChoices } from './watch-choices.ts';
import {
  brokenPromises,
  endlessTries,
  endsWithoutOutcome,
  lingering,
  madeWayForNobody,
  restless,
  unsettled,
} from './watch-ends.ts';
import { watchForeign } from './watch-foreign.ts';
import { tardiness, untoldPushes } from './watch-promptness.ts';
import { followRevisions, unpinned, wrongWayBack, type Put } from './watch-revisions.ts';
import { watchRolls } from './watch-rolls.ts';
import { supersededByNothing } from './watch-turns.ts';
import { wrongVerdicts } from './watch-verdicts.ts';

/** Deeds that take an image from its tag, so that its push is no news any more. */
const UNDOING: readonly Step['kind'][] = ['retag', 'delete'];
/** Deeds by which nobody knows what is selected who only heard of pushes. */
const RESELECTING: readonly Step['kind'][] = [...UNDOING, 'artifact', 'stack'];
/** Deeds that lead ECS to deploy what nobody sees anybody ask for. */
const BEHIND: readonly Step['kind'][] = ['stop-deployment', 'stack', 'forge'];
/** Deeds that hinder AWS or the functions. */
const FAULTY: readonly Step['kind'][] = ['fault', 'trouble', 'forbid', 'forge'];
/** Deeds that take tasks away, or have others start, so that a bake has to wait for them. */
const MOVING: readonly Step['kind'][] = [
  ...(['scale', 'interrupt', 'kill', 'failed-pulls', 'restart', 'foreign', 'delete'] as const),
  ...(['stack', 'redrive', 'stop-deployment'] as const),
];
/** Faults that make everything take longer, and nothing fail. */
const SLOWING: readonly string[] = ['throttling', 'functions-throttled', 'slow-network', 'events-delayed'];
/** Faults by which nobody hears of what happened. */
const DEAFENING: readonly string[] = ['events-lost', 'events-delayed', 'events-doubled', 'events-reordered'];
/** Where nothing checks a task, time has to. */
const UNCHECKED_SECONDS = 60;

/** Follows a world, from now on; the answer tells what of it no sound world does, as far as its plan lets anybody know. */
export function watchWorld(stage: Stage, plan: Plan, changes: Changes): () => Promise<string[]> {
  const { world } = stage;
  const revisions = followRevisions(world);
  const inAny: readonly Rule[] = [
    watchForeign(world),
    watchBack(world),
    watchBounds(world),
    () => changes.violations(),
    watchRolls(world, plan.steps.some(isDisturbance)),
    () => leaks(world),
  ];
  return async () => {
    const records = await world.history();
    const puts = has(plan, FAULTY) ? [] : await revisions();
    const found = [...ofHappenings(stage, plan, records), ...ofPuts(stage, plan, puts, records)];
    for (const broken of inAny) found.push(...(await broken()));
    return found;
  };
}

/** What has followed a world, and says what was broken. */
type Rule = () => readonly string[] | Promise<readonly string[]>;

/** What AWS has of it, against the records. */
function ofHappenings({ world, told }: Stage, plan: Plan, records: readonly RecordView[]): string[] {
  const isSelected = selectionOf(world);
  const { now } = world.region.kernel;
  return [
    ...(plan.steps.some(isEarly) ? [] : unbaked(told, records, bakeSecondsOf(plan))),
    ...(has(plan, BEHIND) ? [] : madeWayForNobody(told, records)),
    ...(has(plan, ['redrive']) ? [] : lingering(told, now)),
    ...(has(plan, FAULTY) ? [] : undisturbed(world, plan, told)),
    ...(isOnly(plan, FAULTY, SLOWING) ? endsWithoutOutcome(world.rollouts()) : []),
    ...(isPushedOnly(plan) ? untoldPushes(told, records, isSelected, now) : []),
    ...(has(plan, [...FAULTY, ...BEHIND]) ? [] : unsettled(told, records)),
    ...brokenPromises(told, records, isSelected, now),
    ...endlessTries(records),
    ...(has(plan, RESELECTING) || plan.steps.some(isTagged) ? [] : rolledOverChoices(records, told, isSelected)),
  ];
}

/** What rollouts put on the service, and what became of it. */
function ofPuts(stage: Stage, plan: Plan, puts: readonly Put[], records: readonly RecordView[]): string[] {
  const isDecidedByImages = plan.steps.every(({ kind }) => OUT_OF_THE_WAY.includes(kind));
  return [
    ...unpinned(puts),
    ...(isDecidedByImages ? [...wrongWayBack(puts, records), ...wrongVerdicts(records, pushedBy(plan, stage))] : []),
  ];
}

function has({ steps }: Plan, kinds: readonly string[]): boolean {
  return steps.some(({ kind }) => kinds.includes(kind));
}

/** Whether of those kinds of deeds a plan has none but these faults. */
function isOnly({ steps }: Plan, kinds: readonly string[], faults: readonly string[]): boolean {
  return steps.every((step) => !kinds.includes(step.kind) || (step.kind === 'fault' && faults.includes(step.fault)));
}

/** Whether one push after the other is all that happens, heard or not. */
function isPushedOnly(plan: Plan): boolean {
  const isPush = ({ kind }: Step): boolean => ['wait', 'fault', 'push'].includes(kind);
  return plan.steps.every((step) => isPush(step) && !isTagged(step)) && isOnly(plan, FAULTY, DEAFENING);
}

/** Whether ECS says COMPLETED too early, and sooner to who asks than by its event. */
function isEarly(step: Step): boolean {
  return step.kind === 'fault' && step.fault === 'ecs-completed-too-early';
}

/** Whether it pushes under another tag than the next one. */
function isTagged(step: Step): boolean {
  return step.kind === 'push' && step.image.tag !== undefined;
}

/** What is known where nothing hinders AWS or the functions. */
function undisturbed(world: World, plan: Plan, told: Happenings): string[] {
  const { now } = world.region.kernel;
  const isSelected = selectionOf(world);
  const rollouts = world.rollouts();
  return [
    ...(has(plan, ['stack', 'redrive']) ? [] : tardiness(told, isSelected, now)),
    ...(has(plan, UNDOING) ? [] : supersededByNothing(told, rollouts, isSelected)),
    ...(has(plan, ['start']) ? [] : restless(told, rollouts)),
    ...(has(plan, MOVING) || plan.service.sidecar?.behaviour ? [] : overbaked(told, bakeSecondsOf(plan), now)),
  ];
}

/** The least that is configured at any time. */
function bakeSecondsOf({ setting, service, steps }: Plan): number {
  const configured = [setting, ...steps.filter((step) => step.kind === 'stack')].map((one) => one.bakeTimeSeconds);
  return Math.max(Math.min(...configured), isChecked({ setting, service }) ? 0 : UNCHECKED_SECONDS);
}

/** What the stacks provision has a health check unless they are told otherwise. */
function isChecked({ setting, service }: Pick<Plan, 'setting' | 'service'>): boolean {
  return setting.isProvisioned || service.hasHealthCheck === true;
}

/** What was pushed as what, in the order in which it was; the calm's own pushes are good. */
function pushedBy(plan: Plan, { pushes }: Stage): Parameters<typeof wrongVerdicts>[1] {
  const { steps, setting, service } = plan;
  const images = steps.flatMap((step) => (step.kind === 'push' ? [step.image] : []));
  const known = new Map<string, ImageOptions>(pushes.map(({ digest }, index) => [digest, images[index] ?? {}]));
  return {
    imageOf: (digest) => known.get(digest),
    hasBaseline: !setting.isProvisioned && service.desiredCount !== 0,
    isChecked: isChecked(plan),
    bakeSeconds: bakeSecondsOf(plan),
  };
}

/** Whether the tag policy ever selects a tag. */
function selectionOf({ config: { tagPolicy } }: World): (tag: string) => boolean {
  switch (tagPolicy.kind) {
    case 'exact':
      return (tag) => tag === tagPolicy.tag;
    case 'glob':
      return (tag) => tag.startsWith(tagPolicy.pattern.slice(0, tagPolicy.pattern.indexOf('*')));
    case 'semver':
      return (tag) => /^v?\d+\.\d+\.\d+$/.test(tag);
  }
}
