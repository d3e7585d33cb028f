import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDefinition, type Definition } from '../../infra/definition.ts';
import { BUNDLED } from '../../infra/handler-table.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, once, scratchDirectory, setting, synthesizeSetting } from './setting.ts';
import { traces } from './traces.ts';

/** A short deadline: a rollout whose function has gone looks again until then. */
const SHORT = { deadlineSeconds: 700 };
const openWorld = setting(SHORT);

/** What the handlers of the next build say before they do what they always did. */
const SAYS = 'This is the next build.';

/** What is deployed in mid-rollout. */
const BUILDS = {
  former: () => assemblyOf(SHORT),
  next: () => (next ??= synthesizeNext()),
  renamed: () => (renamed ??= synthesizeNext().then(withHandlerRenamed)),
};
let next: Promise<string> | undefined;
let renamed: Promise<string> | undefined;

/** The stack with other bytes in every handler, and with another definition. */
function synthesizeNext(): Promise<string> {
  const functionsDirectory = scratchDirectory();
  for (const handler of BUNDLED) {
    const current = JSON.stringify(join(import.meta.dirname, '../../functions', `${handler}.ts`));
    const says = `console.log(${JSON.stringify(SAYS)})`;
    const text = `import { handler as current } from ${current};\nexport const handler = (...given) => (${says}, current(...given));\n`;
    writeFileSync(join(functionsDirectory, `${handler}.ts`), text);
  }
  const definitionFile = join(functionsDirectory, 'next.asl.yaml');
  writeFileSync(definitionFile, JSON.stringify(withSteps(readDefinition())));
  return synthesizeSetting(scratchDirectory(), SHORT, [], { definitionFile, functionsDirectory });
}

/**
 * Its release calls one handler otherwise: a function, its role and its log group leave the template, and others are new
 * in it.
 */
function withHandlerRenamed(assembly: string): string {
  const file = join(assembly, 'rollouts-api.template.json');
  const template = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    template.replaceAll('WatchRollout', 'FollowRollout').replaceAll('/watch-rollout', '/follow-rollout'),
  );
  return assembly;
}

/** Another definition, wherever an execution is: one more state before each. */
function withSteps(definition: Definition): object {
  const { StartAt, States } = definition;
  const steps = Object.keys(States).map((name) => [stepTo(name), { Type: 'Pass', Next: name }] as const);
  const led = JSON.stringify(States, (member, value: unknown) =>
    (member === 'Next' || member === 'Default') && typeof value === 'string' ? stepTo(value) : value,
  );
  const states = { ...(JSON.parse(led) as object), ...Object.fromEntries(steps) };
  return { ...definition, StartAt: stepTo(StartAt), States: states };
}

function stepTo(state: string): string {
  return `The next build comes to ${state}`;
}

const STORIES = {
  'a good push': (world: World) => world.push(),
  'a bad push': (world: World) => world.push({ behaviour: 'crash', afterSeconds: 5 }),
  'a push that waits for its turn': async (world: World) => {
    await world.push();
    await world.advance(20);
    await world.push();
  },
};
type Story = keyof typeof STORIES;

/** A deployment of a build, some seconds after a state is entered. */
type Deployment = readonly [build: keyof typeof BUILDS, state: string, seconds: number];

describe.each<[Story, ...Deployment[][]]>([
  [
    'a good push',
    [['next', 'AcceptIntent', 0.2]],
    [['next', 'RegisterRevision', 0]],
    [['next', 'RollService', 0.2]],
    [['next', 'AwaitSteadyState', 15]],
    [['next', 'Bake', 0]],
    [['next', 'Bake', 20]],
    [['next', 'Conclude', 0.2]],
    [
      ['next', 'Preflight', 0],
      ['former', 'AwaitSteadyState', 15],
    ],
    [
      ['next', 'AwaitSteadyState', 0.2],
      ['former', 'Bake', 20],
    ],
  ],
  [
    'a bad push',
    [['next', 'AwaitSteadyState', 5]],
    [['next', 'RollBack', 0.2]],
    [['next', 'AwaitRollback', 10]],
    [['next', 'Conclude', 0]],
    [
      ['next', 'RollService', 0],
      ['former', 'AwaitRollback', 10],
    ],
  ],
  ['a push that waits for its turn', [['next', 'AwaitTurn', 10]]],
])('%s does not notice that its own stack is being updated', (story, ...deployments) => {
  it.each(deployments.map((each) => [each.map(named).join(', then '), each] as const))(
    'to %s',
    async (_name, deployments) => {
      const world = await openWorld();
      const disturbed = await played(world, story, deployments);
      expect(disturbed).toEqual(await undisturbed(story));

      // Functions change one after the other: what goes on for a while meets handlers of both builds, what is nearly over may
      // meet none of the next. What starts now is of the last build.
      const [, state] = deployments[0]!;
      const isNearlyOver = ['Bake', 'RollBack', 'AwaitRollback', 'Conclude'].includes(state);
      if (!isNearlyOver) expect(world.logLines().some((line) => line.includes(SAYS))).toBe(true);
      const { path } = await world.untilRolloutEnds(await world.start({}));
      expect(path[0]).toBe(deployments.at(-1)![0] === 'next' ? stepTo('Configure') : 'Configure');
    },
  );
});

function named([build, state, seconds]: Deployment): string {
  return `the ${build} build ${seconds} s into ${state}`;
}

/** How the stories end when nobody deploys; each is played once. */
const ends = new Map<Story, ReturnType<typeof played>>();

async function undisturbed(story: Story): ReturnType<typeof played> {
  const end = ends.get(story) ?? openWorld().then((world) => played(world, story, []));
  ends.set(story, end);
  return end;
}

async function played(world: World, story: Story, deployments: readonly Deployment[]) {
  await proveAnImage(world);
  const moments = deployments.map(
    ([build, state, seconds]) => [BUILDS[build], entering(world, state), seconds] as const,
  );
  await STORIES[story](world);
  for (const [build, moment, seconds] of moments) {
    await moment();
    await world.advance(seconds);
    await world.deploy(await build());
  }
  await world.untilIdle();
  return {
    ...(await traces(world)),
    // Which of them rang is among the notifications; whether one still does is a matter of seconds.
    alarms: undefined,
    rollouts: world.rollouts().map(({ outcome, path }) => ({ outcome, path: once(path) })),
    // A deployment takes its time, and in a world without ticks the silence of the tick rings in the end.
    notifications: world.notifications().flatMap(({ subject = '' }) => (/TickSilent/.test(subject) ? [] : [subject])),
    refusals: world.refusals(),
  };
}

/** Lets time pass until an execution enters the state, from now on. */
function entering({ region }: World, wanted: string): () => Promise<void> {
  let isEntered = false;
  region.states.onStateEntered(({ state }) => (isEntered ||= state === wanted));
  return () => region.kernel.runUntil(() => isEntered, `the state ${wanted}`, 3_600_000);
}

describe('a release that drops a function, and brings another', () => {
  /** The function that watches is gone for what began before: it says that it could not, unless an event's function saw the end. */
  it.each<[Story, string, number, string]>([
    ['a good push', 'RegisterRevision', 0, 'FAILED_ROLLBACK'],
    ['a good push', 'AwaitSteadyState', 15, 'FAILED_ROLLBACK'],
    ['a good push', 'Bake', 45, 'SUCCEEDED'],
    // The old function goes last, well after the way back has begun.
    ['a bad push', 'AwaitSteadyState', 30, 'ROLLED_BACK'],
    ['a bad push', 'AwaitRollback', 10, 'ROLLED_BACK'],
  ])('lets %s, deployed in %s after %i s, end %s, and the next one go on', async (story, state, seconds, outcome) => {
    const world = await openWorld();
    // Who may not invoke a function does not learn that there is none.
    if (outcome !== 'SUCCEEDED')
      world.excuse('permission', /was refused lambda:InvokeFunction on .*WatchRollout/, 'the release took it along');
    const { rollouts, notifications } = await played(world, story, [['renamed', state, seconds]]);
    expect(rollouts.at(-1)?.outcome).toBe(outcome);
    expect(notifications[0]).toBe(`${outcome}: prod/api`);
    const hasRung = notifications.some((subject) => subject.includes('rollouts-api-NeedsSomeone'));
    expect(hasRung).toBe(outcome === 'FAILED_ROLLBACK');

    const { resources } = world.cell;
    expect([...resources.keys()].filter((logicalId) => logicalId.includes('WatchRollout'))).toEqual([]);
    expect(world.region.lambda.functions.some((name) => name.includes('WatchRollout'))).toBe(false);
    expect(world.region.lambda.functions.some((name) => name.includes('FollowRollout'))).toBe(true);

    await world.push();
    const next = await world.untilRolloutEnds();
    expect([next.outcome, next.path[0]]).toEqual(['SUCCEEDED', stepTo('Configure')]);
    expect(world.logLines('follow-rollout').length).toBeGreaterThan(0);
  });
});
