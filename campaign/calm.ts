import { operate } from '../rehearsal/cell/operator.ts';
import type { World } from '../rehearsal/world.ts';
import { pushDeletedAgain, pushImage } from './deeds.ts';
import { skipIdleTicks } from './idle-ticks.ts';
import type { Step } from './plan.ts';
import type { Stage } from './stage.ts';
import type { Changes } from './watch-changes.ts';

/** After the faults have ended: time for the tick to come back to what was left undone, and for that to be done. */
const MADE_UP_FOR_SECONDS = 3_600;
/** Several ticks, with nothing to do. */
const AT_REST_SECONDS = 1_800;

/** Lets the world come to rest, and then asks of it what any sound one can do; answers what it could not. */
export async function comeToRest(stage: Stage, changes: Changes, steps: readonly Step[]): Promise<string[]> {
  for (const end of [...stage.faults.values()]) end();
  const runAllTicks = stage.playsEveryTick ? (): void => undefined : await skipIdleTicks(stage.world);
  try {
    return await asked(stage, changes, steps);
  } finally {
    runAllTicks();
  }
}

async function asked(stage: Stage, changes: Changes, steps: readonly Step[]): Promise<string[]> {
  const { world } = stage;
  await rest(world);
  const told = await untoldPush(stage);
  const before = changes.count();
  await world.advance(AT_REST_SECONDS);
  await world.untilIdle();
  const restless =
    changes.count() > before
      ? [`rest: ${changes.count() - before} changes of ECS in half an hour in which nothing happened.`]
      : [];
  return [
    ...told,
    ...(await unsent(world)),
    ...(await emptied(stage, steps)),
    ...restless,
    ...(await canStillRoll(stage, steps)),
  ];
}

/** What could not be told while something was in the way is told by the tick, not only by the next rollout. */
async function unsent(world: World): Promise<string[]> {
  const { outbox = [] } = (await world.ledgerState()) ?? {};
  return outbox.map(({ rolloutId }) => `rest: Rollout ${rolloutId} is not told of, an hour after everything was well.`);
}

async function rest(world: World): Promise<void> {
  await world.untilIdle();
  await world.advance(MADE_UP_FOR_SECONDS);
  await world.untilIdle();
}

/** The last push is live, or some record says what became of it. */
async function untoldPush({ world, pushes }: Stage): Promise<string[]> {
  const last = pushes.at(-1);
  if (last === undefined || !(await isSelected(world, last.tag, last.digest))) return [];
  const { imageDigests } = await world.service();
  const records = await world.history();
  const isTold = imageDigests.includes(last.digest) || records.some(({ image }) => image?.digest === last.digest);
  // What nobody heard of before the tick's first look is what that found, and no news.
  const isFound = (await world.ledgerState())?.seen?.digest === last.digest;
  return isTold || isFound ? [] : [`liveness: The last push, ${last.digest}, is neither live nor in any record.`];
}

/** Its tag still names it. */
async function isSelected({ region, config }: World, tag: string, digest: string): Promise<boolean> {
  const { images } = await operate<{ images?: readonly { imageId?: { imageDigest?: string } }[] }>(
    region,
    'ecr',
    'BatchGetImage',
    { repositoryName: config.repository, imageIds: [{ imageTag: tag }] },
  );
  return images?.[0]?.imageId?.imageDigest === digest;
}

/**
 * A good image that is pushed once it is calm goes live. Before that, people do what a rejection asks for; what somebody wished by
 * hand may hold the service until they follow pushes again.
 */
async function canStillRoll(stage: Stage, steps: readonly Step[]): Promise<string[]> {
  const { world, pushes } = stage;
  await pushDeletedAgain(stage);
  await widen(stage);
  await rest(world);
  await pushImage(stage, {});
  const { digest } = pushes.at(-1)!;
  await world.untilIdle();
  const mayBeHeld = steps.some(({ kind }) => kind === 'start');
  if (mayBeHeld && !(await runs(world, digest))) {
    await world.start({});
    await world.untilIdle();
  }
  if (await runs(world, digest)) return [];
  const { taskDefinition, imageDigests, rolloutState } = await world.service();
  const last = world.rollouts().at(-1);
  return [
    `liveness: A good image, ${digest}, was pushed when it was calm, and ${taskDefinition} (${rolloutState}) runs ${imageDigests.join(', ') || 'nothing'}; the last rollout ended ${last?.outcome}: ${last?.message}`,
  ];
}

/** What was launched goes on with its tasks whatever is deployed, unless somebody wants none. */
async function emptied({ world, setting }: Stage, steps: readonly Step[]): Promise<string[]> {
  const { desiredCount, images, taskDefinition } = await world.service();
  const isScaled = steps.some(({ kind }) => kind === 'scale');
  if (!setting.isProvisioned || isScaled || desiredCount > 0 || !isLaunchedWith(images)) return [];
  return [`rest: The launched service wants no tasks of ${taskDefinition}, and nobody has scaled it.`];
}

/** An image of the repository is pinned; until the first push there is a stand-in. */
function isLaunchedWith(images: readonly string[]): boolean {
  return images.some((image) => image.includes('@'));
}

/** So many that ECS can start or stop one whatever its percentages; what was never launched waits for its first push. */
const ROOMY = 2;

async function widen({ world, setting }: Stage): Promise<void> {
  const { desiredCount, images } = await world.service();
  const isLaunched = !setting.isProvisioned || isLaunchedWith(images);
  if (desiredCount >= ROOMY || !isLaunched) return;
  const { cluster, serviceName: service } = world.config;
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, desiredCount: ROOMY });
}

async function runs(world: World, digest: string): Promise<boolean> {
  const { images, rolloutState, runningCount } = await world.service();
  return rolloutState === 'COMPLETED' && runningCount > 0 && images.every((image) => image.endsWith(`@${digest}`));
}
