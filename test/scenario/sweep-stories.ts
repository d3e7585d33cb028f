import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { roleArnOf } from '../../rehearsal/faults/handler-roles.ts';
import type { World } from '../../rehearsal/world.ts';
import { deleteAgent, deployBesideAgent } from './beside-agent.ts';
import { proveAnImage } from './proven-image.ts';

/** Something that happens to a service, until nothing runs any more. */
export interface Story {
  readonly name: string;
  /** How its service differs from that of every scenario. */
  readonly changes?: Partial<ServiceConfiguration>;
  /** Whether it begins before any image was proven: what a push brought of which nobody hears is then taken for what was there. */
  readonly isFirst?: true;
  /** What was before; nothing goes wrong in it. */
  readonly before?: (world: World) => Promise<unknown>;
  readonly play: (world: World) => Promise<void>;
  /** A call that AWS turns away for a while; then it reads nothing, of the past neither. */
  readonly turnedAway?: string;
  /** Whether its rollouts may end in another order when something went wrong. @default false */
  readonly isInAnyOrder?: boolean;
  /** Where it comes to what no story before had: the state that is then entered for the n-th time. */
  readonly from?: readonly [state: string, nth: number];
  /** Where it goes on as the first one does. */
  readonly until?: readonly [state: string, nth: number];
  /** Played each time: where a fault was planted once that no test noticed. */
  readonly always: readonly string[];
}

export const STORIES: readonly Story[] = [
  {
    name: 'a good push',
    // Images are kept: the one that ran before, and the one that is proven.
    changes: { registry: {}, notify: { started: true } },
    isFirst: true,
    play: (world) => pushed(world),
    always: [
      // The copy to go back to, then the revision itself.
      'RegisterRevision ecs:RegisterTaskDefinition 1 dies after',
      'RegisterRevision ecs:RegisterTaskDefinition 2 dies after',
      'RollService ecs:UpdateService 1 dies before',
      'RollService ecs:UpdateService 1 dies after',
      'Conclude dynamodb:PutItem 1 dies after',
      'Conclude dynamodb:PutItem 3 dies after',
      'WakeRollout states:SendTaskSuccess 1 dies before',
      'WatchRollout events:PutEvents 1 dies before',
      'WatchRollout sns:Publish 1 dies after',
    ],
  },
  {
    name: 'a bad push',
    before: proveAnImage,
    play: (world) => pushed(world, { behaviour: 'crash', afterSeconds: 5 }),
    always: ['RollService ecs:UpdateService 2 dies after'],
  },
  {
    name: 'a bad push whose log is kept',
    changes: { logGroup: '/ecs/api' },
    before: proveAnImage,
    play: (world) => pushed(world, { behaviour: 'crash', afterSeconds: 5, says: ['no database'] }),
    from: ['Conclude', 1],
    always: ['Conclude logs:GetLogEvents 1 is cut off after', 'Conclude dynamodb:PutItem 1 dies after'],
  },
  {
    name: 'an image that dies while it is baked',
    before: proveAnImage,
    play: (world) => pushed(world, { behaviour: 'crash', afterSeconds: 90 }),
    from: ['Bake', 1],
    always: [],
  },
  {
    name: 'someone who goes back to the image before',
    changes: { registry: {} },
    before: async (world) => {
      await proveAnImage(world);
      await proveAnImage(world);
    },
    play: async (world) => {
      await world.untilRolloutEnds(await world.start({ rollback: true, reason: 'errors at login' }));
      await world.untilIdle();
    },
    until: ['AwaitSteadyState', 1],
    always: [],
  },
  {
    name: 'a push that waits for its turn',
    before: proveAnImage,
    play: async (world) => {
      await world.push();
      await world.advance(20);
      await world.push();
      await world.untilIdle();
    },
    from: ['AwaitTurn', 1],
    until: ['Preflight', 2],
    always: [],
  },
  {
    name: 'a rollout that is stopped half way, and a tick that puts back what ran',
    before: proveAnImage,
    play: async (world) => {
      const isWatched = (): boolean => world.rollouts().some(({ path }) => path.includes('AwaitSteadyState'));
      await world.push();
      await world.region.kernel.runUntil(isWatched, 'the watch', 600_000);
      const { executionArn } = world.rollouts()[0]!;
      await operate(world.region, 'states', 'StopExecution', { executionArn });
      await world.advance(900);
      await world.untilIdle();
    },
    from: ['AwaitSteadyState', 1],
    always: [],
  },
  {
    name: 'a push that takes the place of another one that waits',
    before: proveAnImage,
    play: async (world) => {
      await world.push();
      await world.advance(15);
      await world.push();
      await world.advance(15);
      await world.push();
      await world.untilIdle();
    },
    from: ['AwaitTurn', 2],
    // Killed between the ledger's write and the answer, the retry finds nobody displaced: that one sees it when it looks again.
    isInAnyOrder: true,
    // The one that lost its place is told so, and ends.
    until: ['Done', 1],
    always: ['AwaitTurn dynamodb:PutItem 2 dies after', 'AwaitTurn states:SendTaskSuccess 1 dies after'],
  },
  {
    name: 'a provisioned service that is launched, emptied, and launched again by a tick',
    changes: { registry: {}, provision: { port: 8000, desiredCount: 2 } },
    isFirst: true,
    play: async (world) => {
      const { cluster, serviceName: service } = world.config;
      const { taskDefinition } = await world.service();
      await pushed(world);
      await operate(world.region, 'ecs', 'UpdateService', { cluster, service, taskDefinition, desiredCount: 0 });
      await world.advance(1200);
      await world.untilIdle();
    },
    until: ['AwaitSteadyState', 2],
    always: [],
  },
  {
    name: 'a bad push while someone deregisters the revision to go back to',
    before: proveAnImage,
    play: async (world) => {
      const { taskDefinition } = await world.service();
      await world.push({ behaviour: 'crash', afterSeconds: 60 });
      await world.advance(40);
      await operate(world.region, 'ecs', 'DeregisterTaskDefinition', { taskDefinition });
      await world.untilRolloutEnds();
      await world.untilIdle();
    },
    from: ['RollBack', 1],
    until: ['RolledBack?', 1],
    always: [],
  },
  {
    name: 'a push while many others call AWS',
    turnedAway: 'ecr:BatchGetImage',
    before: async (world) => {
      await proveAnImage(world);
      const match = { service: 'ecr', roleArn: roleArnOf([world.cell], 'Preflight') };
      const does = { kind: 'error', error: 'throttling', isApplied: false } as const;
      world.region.faults.start({ at: 'call', match, when: { lastsSeconds: 30 }, does });
    },
    play: (world) => pushed(world),
    from: ['Preflight', 1],
    until: ['Cleared?', 1],
    always: [],
  },
  {
    name: 'a push to a service whose sidecar is gone from ECR',
    before: async (world) => {
      await deployBesideAgent(world);
      await deleteAgent(world);
    },
    play: (world) => pushed(world),
    from: ['Preflight', 1],
    until: ['Cleared?', 1],
    always: ['Preflight ecr:DescribePullThroughCacheRules 1 reads the past'],
  },
];

async function pushed(world: World, image: Parameters<World['push']>[0] = {}): Promise<void> {
  await world.push(image);
  await world.untilRolloutEnds();
  await world.untilIdle();
}
