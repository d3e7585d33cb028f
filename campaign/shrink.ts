import type { Plan, Step } from './plan.ts';

/** Whether a plan still breaks what the first one broke. */
export type StillBreaks = (plan: Plan) => Promise<boolean>;

/** The plainest world that there is: what stays of it in a shrunk plan does not matter. */
const PLAIN: Pick<Plan, 'setting' | 'region' | 'service'> = {
  setting: { tag: 'exact', bakeTimeSeconds: 0, isProvisioned: false, policy: 'plain' },
  region: 'us-east-1',
  service: {},
};

/** A plan that breaks the same with as few steps, and as plain a world, as can be found. */
export async function shrink(plan: Plan, stillBreaks: StillBreaks): Promise<Plan> {
  const shorter = { ...plan, steps: await fewerSteps(plan, stillBreaks) };
  return plainer(shorter, stillBreaks);
}

/** Delta debugging (Zeller and Hildebrandt, 2002): leaves out parts, smaller ones each time that none can go, until no single step can. */
async function fewerSteps(plan: Plan, stillBreaks: StillBreaks): Promise<readonly Step[]> {
  let { steps } = plan;
  let parts = 2;
  while (steps.length > 0) {
    const size = Math.ceil(steps.length / parts);
    const without = await firstThat(complements(steps, size), (left) => stillBreaks({ ...plan, steps: left }));
    if (without) {
      steps = without;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return steps;
    else parts = Math.min(steps.length, parts * 2);
  }
  return steps;
}

/** The steps without each part of that size; time passes as it did. */
function complements(steps: readonly Step[], size: number): Step[][] {
  const starts = Array.from({ length: Math.ceil(steps.length / size) }, (_, part) => part * size);
  return starts.map((start) => {
    const gone = steps.slice(start, start + size).reduce((sum, { afterSeconds }) => sum + afterSeconds, 0);
    const [next, ...rest] = steps.slice(start + size);
    const later = next === undefined ? [] : [{ ...next, afterSeconds: next.afterSeconds + gone }, ...rest];
    return [...steps.slice(0, start), ...later];
  });
}

/** Replaces what it can by what is plain, one member after the other. */
async function plainer(plan: Plan, stillBreaks: StillBreaks): Promise<Plan> {
  let plainest = plan;
  const { setting, region } = PLAIN;
  const tries: ((from: Plan) => Plan)[] = [
    (from) => ({ ...from, region }),
    ...Object.keys(setting).map((member) => (from: Plan): Plan => ({
      ...from,
      setting: { ...from.setting, [member]: setting[member as keyof typeof setting] },
    })),
    ...Object.keys(plan.service).map((member) => (from: Plan): Plan => ({
      ...from,
      service: Object.fromEntries(Object.entries(from.service).filter(([name]) => name !== member)),
    })),
  ];
  for (const plain of tries) {
    const tried = plain(plainest);
    if (await stillBreaks(tried)) plainest = tried;
  }
  return plainest;
}

async function firstThat<One>(all: readonly One[], holds: (one: One) => Promise<boolean>): Promise<One | undefined> {
  for (const one of all) if (await holds(one)) return one;
  return undefined;
}
