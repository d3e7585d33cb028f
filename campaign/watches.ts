import type { World } from '../rehearsal/world.ts';
import { follow } from './happenings.ts';
import type { Plan, Step } from './plan.ts';
import type { Stage } from './stage.ts';
import { endsWithoutOutcome } from './watch-ends.ts';
import { unbaked } from './watch-bakes.ts';
import { tardiness } from './watch-promptness.ts';
import { supersededByNothing } from './watch-turns.ts';
import { wrongVerdicts } from './watch-verdicts.ts';

/** Deeds by which nobody comes between a push and its verdict. */
const OUT_OF_THE_WAY: readonly Step['kind'][] = ['push', 'artifact', 'wait'];
/** Deeds that take an image from its tag, so that its push is no news any more. */
const UNDOING: readonly Step['kind'][] = ['retag', 'delete'];
/** Where nothing checks a task, time has to. */
const UNCHECKED_SECONDS = 60;

/** Follows a world, from now on; the answer tells what of it no sound world does, as far as its plan lets anybody know. */
export function watchWorld({ world, pushes }: Stage, plan: Plan): () => Promise<string[]> {
  const told = follow(world);
  const has = (...kinds: readonly string[]): boolean => plan.steps.some(({ kind }) => kinds.includes(kind));
  const isCalm = !has('fault', 'trouble', 'forbid', 'forge');
  const isSelected = selectionOf(world);
  return async () => {
    const records = await world.history();
    const { now } = world.region.kernel;
    const behaviours = behavioursOf(plan.steps, pushes);
    return [
      ...unbaked(told, records, bakeSecondsOf(plan)),
      ...(isCalm ? endsWithoutOutcome(world.rollouts()) : []),
      ...(isCalm && !has('stack', 'redrive') ? tardiness(told, isSelected, now) : []),
      ...(isCalm && !has(...UNDOING) ? supersededByNothing(told, world.rollouts(), isSelected) : []),
      ...(plan.steps.every(({ kind }) => OUT_OF_THE_WAY.includes(kind))
        ? wrongVerdicts(records, (digest) => behaviours.get(digest))
        : []),
    ];
  };
}

/** The least that is configured at any time. */
function bakeSecondsOf({ setting, service, steps }: Plan): number {
  const configured = [setting, ...steps.filter((step) => step.kind === 'stack')].map((one) => one.bakeTimeSeconds);
  const isUnchecked = !setting.isProvisioned && !service.hasHealthCheck;
  return Math.max(Math.min(...configured), isUnchecked ? UNCHECKED_SECONDS : 0);
}

/** What was pushed as what, in the order in which it was. */
function behavioursOf(steps: readonly Step[], pushes: Stage['pushes']): ReadonlyMap<string, ImageOptionsOf> {
  const pushed = steps.flatMap((step) => (step.kind === 'push' ? [step.image] : []));
  return new Map(pushes.flatMap(({ digest }, index) => (pushed[index] ? [[digest, pushed[index]]] : [])));
}

type ImageOptionsOf = Extract<Step, { kind: 'push' }>['image'];

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
