import { operate } from '../rehearsal/cell/operator.ts';
import type { World } from '../rehearsal/world.ts';
import { pushDeletedAgain, pushImage } from './deeds.ts';
import { skipIdleTicks } from './idle-ticks.ts';
import type { Step } from './plan.ts';
import type { Stage } from './stage.ts';
import type { Changes } from './watch-changes.ts';
import {
  emptied,
  firstLookAt,
  isHeld,
  isLaunchedWith,
  owedToRun,
  unrolled,
  unsent,
  untold,
  wasThere,
} from './watch-rest.ts';

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
  const { world, setting } = stage;
  const { isProvisioned } = setting;
  // A launch that is taken back while somebody stops that deployment keeps its revision, and wants no tasks: that is told.
  const isScaled = steps.some(({ kind }) => kind === 'scale' || kind === 'stop-deployment');
  await rest(world);
  const told = await untoldPush(stage, steps);
  const before = changes.count();
  await world.advance(AT_REST_SECONDS);
  await world.untilIdle();
  const restless =
    changes.count() > before
      ? [`rest: ${changes.count() - before} changes of ECS in half an hour in which nothing happened.`]
      : [];
  return [
    ...told,
    ...unsent(await world.ledgerState()),
    ...(isProvisioned ? emptied(await world.service(), isScaled) : []),
    ...restless,
    ...(await canStillRoll(stage)),
  ];
}

async function rest(world: World): Promise<void> {
  await world.untilIdle();
  await world.advance(MADE_UP_FOR_SECONDS);
  await world.untilIdle();
}

/** The last push is live, or some record says what became of it; one that has lost its tag is owed nothing. */
async function untoldPush({ world, pushes, told, setting }: Stage, steps: readonly Step[]): Promise<string[]> {
  const last = pushes.at(-1);
  if (last === undefined || !(await isSelected(world, last.tag, last.digest))) return [];
  const service = await world.service();
  const { imageDigests } = service;
  const records = await world.history();
  // What is provisioned runs nothing that could be left alone.
  const lookedAt = setting.isProvisioned ? 0 : firstLookAt(told, world.rollouts());
  const unheard = untold(last, told, { imageDigests, records, firstLookAt: lookedAt });
  const isOwed = owedToRun(steps) && !wasThere(last, told, lookedAt);
  return unheard.length > 0 || !isOwed ? unheard : unrolled(last, service, records);
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
async function canStillRoll(stage: Stage): Promise<string[]> {
  const { world, pushes } = stage;
  await pushDeletedAgain(stage);
  await widen(stage);
  await rest(world);
  await pushImage(stage, {});
  const { digest } = pushes.at(-1)!;
  await world.untilIdle();
  const inputOf = (executionArn: string): unknown => JSON.parse(world.region.states.view(executionArn).input);
  if (!(await runs(world, digest)) && isHeld(digest, await world.history(), inputOf)) {
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
