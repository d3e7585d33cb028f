import type { GetExecutionHistoryOutput, HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { readDefinition } from '../../infra/definition.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { ServiceOptions } from '../../rehearsal/surroundings.ts';
import type { Rollout } from '../../rehearsal/cell/rollouts.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { once, setting } from './setting.ts';

/** Trouble until the last deadline is the same story in an hour. */
const openWorld = setting({ deadlineSeconds: 3600 });

/** Every state entered and every Catch taken in a world, as `State` and `State caught Error`. */
async function stepsIn({ region, rollouts }: World): Promise<string[]> {
  const steps: string[] = [];
  for (const { executionArn } of rollouts()) {
    const { events } = await operate<GetExecutionHistoryOutput>(region, 'states', 'GetExecutionHistory', {
      executionArn,
      maxResults: 1000,
    });
    steps.push(...stepsOf(events ?? []));
  }
  return steps;
}

/** What catches a time-out; everything else falls to the last Catch. */
const CAUGHT: Readonly<Record<string, string>> = {
  'States.Timeout': readDefinition().States['AwaitSteadyState']!.Catch![0]!.ErrorEquals.join(),
};

/** A state that is left right after its task failed was left through a Catch. */
function stepsOf(events: readonly HistoryEvent[]): string[] {
  let failure: string | undefined;
  return events.flatMap((event) => {
    const entered = event.stateEnteredEventDetails?.name;
    if (entered !== undefined) return [entered];
    if (event.type === 'TaskFailed') failure = event.taskFailedEventDetails?.error;
    if (event.type === 'TaskTimedOut') failure = event.taskTimedOutEventDetails?.error;
    if (event.type === 'TaskSucceeded' || event.type === 'TaskScheduled') failure = undefined;
    const left = event.stateExitedEventDetails?.name;
    return left !== undefined && failure !== undefined ? [`${left} caught ${CAUGHT[failure] ?? 'States.ALL'}`] : [];
  });
}

interface Walk {
  readonly name: string;
  /** @default two tasks */
  readonly service?: ServiceOptions;
  readonly when: (world: World) => Promise<void>;
  /** Outcomes of the executions since the first proven image. */
  readonly outcomes: readonly string[];
  /** The last execution's path; what it does again and again is told once. */
  readonly path: readonly string[];
}

const CONCLUDED_BADLY = ['Conclude', 'Ended well?', 'Failed'];
const ROLLED = ['Configure', 'AcceptIntent', 'Accepted?', 'Preflight', 'Cleared?', 'RegisterRevision', 'RollService'];
const BACK = ['RollbackTarget?', 'RollBack', 'RolledBack?', 'AwaitRollback'];

/** A state in which nobody could look, and what follows however often. */
const LATER = (state: string): string[] => [state, 'LookLater', 'In time?'];

const WALKS: readonly Walk[] = [
  {
    name: 'ends without an outcome when the ledger cannot be read',
    when: (world) => pushWithout(world, 'AcceptIntent', 'dynamodb:GetItem'),
    outcomes: ['AwsRefused'],
    path: ['Configure', 'AcceptIntent', 'Undecided'],
  },
  {
    name: 'looks by itself whether the service is free when it cannot queue',
    when: async (world) => {
      await world.push();
      await world.advance(10);
      await pushWithout(world, 'AwaitTurn', 'dynamodb:PutItem');
    },
    outcomes: ['SUCCEEDED', 'SUCCEEDED'],
    path: [
      'Configure',
      ...['AcceptIntent', 'Accepted?', 'AwaitTurn', 'LookLater', 'In time?'],
      ...['AcceptIntent', 'Accepted?', ...ROLLED.slice(3), 'Rolled?', 'AwaitSteadyState', 'Steady?'],
      ...['Bake', 'Passed?', 'Conclude', 'Ended well?', 'Done'],
    ],
  },
  {
    name: 'is rejected when the preflight cannot look',
    when: (world) => pushWithout(world, 'Preflight', 'ecr:BatchGetImage'),
    outcomes: ['REJECTED'],
    path: ['Configure', 'AcceptIntent', 'Accepted?', 'Preflight', ...CONCLUDED_BADLY],
  },
  {
    name: 'is rejected when no revision can be registered',
    when: (world) => pushWithout(world, 'RegisterRevision', 'iam:PassRole'),
    outcomes: ['REJECTED'],
    path: [...ROLLED.slice(0, -1), ...CONCLUDED_BADLY],
  },
  {
    name: 'is rejected when ECS refuses the update, which changed nothing',
    when: (world) => pushWithout(world, 'RollService', 'ecs:UpdateService'),
    outcomes: ['REJECTED'],
    path: [...ROLLED, 'Rolled?', ...CONCLUDED_BADLY],
  },
  {
    name: 'is rejected when the roll cannot look at the service, and so sent nothing',
    when: (world) => pushWithout(world, 'RollService', 'ecs:DescribeServices'),
    outcomes: ['REJECTED'],
    path: [...ROLLED, 'RollbackTarget?', 'RollBack', 'RolledBack?', ...CONCLUDED_BADLY],
  },
  {
    name: 'calls for a person when the rollback cannot look at the service',
    when: async (world) => {
      const leave = world.region.states.onStateEntered(({ state }) => {
        if (state !== 'RollBack') return;
        leave();
        world.removePermission({ role: 'RollService', action: 'ecs:DescribeServices' });
      });
      await world.push({ behaviour: 'crash' });
    },
    outcomes: ['FAILED_ROLLBACK'],
    path: [...ROLLED, 'Rolled?', 'AwaitSteadyState', 'Steady?', ...BACK.slice(0, 2), ...CONCLUDED_BADLY],
  },
  {
    name: 'puts the proven revision back when nobody can watch, and calls for a person since that is not proven',
    when: (world) => pushWithout(world, 'WatchRollout', 'ecs:DescribeServices'),
    outcomes: ['FAILED_ROLLBACK'],
    path: [...ROLLED, 'Rolled?', 'AwaitSteadyState', 'Steady?', ...BACK, ...CONCLUDED_BADLY],
  },
  {
    name: 'puts the proven revision back after the deadline when nobody can say what was seen, and calls for a person',
    when: (world) => pushWithout(world, 'WatchRollout', 'dynamodb:PutItem'),
    outcomes: ['FAILED_ROLLBACK'],
    path: [
      ...ROLLED,
      'Rolled?',
      ...LATER('AwaitSteadyState'),
      ...BACK,
      ...LATER('AwaitRollback').slice(1),
      ...CONCLUDED_BADLY,
    ],
  },
  {
    name: 'goes on with what the ledger says where no bell is heard',
    when: async (world) => {
      for (const role of ['WatchRollout', 'WakeRollout'])
        world.removePermission({ role, action: 'states:SendTaskSuccess' });
      await world.push();
    },
    outcomes: ['SUCCEEDED'],
    path: [
      ...[...ROLLED, 'Rolled?', ...LATER('AwaitSteadyState'), ...BACK.slice(0, 3), 'Steady?'],
      ...[...LATER('Bake'), ...BACK.slice(0, 3), 'Passed?', 'Conclude', 'Ended well?', 'Done'],
    ],
  },
  {
    name: 'puts the proven revision back when the bake cannot be watched',
    when: async (world) => {
      const leave = world.region.states.onStateEntered(({ state }) => {
        if (state !== 'Bake') return;
        leave();
        world.removePermission({ role: 'WatchRollout', action: 'ecs:ListTasks' });
        world.removePermission({ role: 'WakeRollout', action: 'ecs:ListTasks' });
      });
      await world.push();
    },
    outcomes: ['FAILED_ROLLBACK'],
    path: [...ROLLED, 'Rolled?', 'AwaitSteadyState', 'Steady?', 'Bake', 'Passed?', ...BACK, ...CONCLUDED_BADLY],
  },
  {
    name: 'looks again where Lambda was in trouble for minutes while it watched',
    when: async (world) => {
      troubleIn(world, 'AwaitSteadyState', 180);
      troubleIn(world, 'Bake', 180);
      await world.push();
    },
    outcomes: ['SUCCEEDED'],
    path: [
      ...ROLLED,
      ...['Rolled?', ...LATER('AwaitSteadyState'), 'AwaitSteadyState', 'Steady?'],
      ...[...LATER('Bake'), 'Bake', 'Passed?', 'Conclude', 'Ended well?', 'Done'],
    ],
  },
  {
    name: 'looks again where Lambda was in trouble for minutes on the way back',
    when: async (world) => {
      troubleIn(world, 'AwaitRollback', 180);
      await world.push({ behaviour: 'crash' });
    },
    outcomes: ['ROLLED_BACK'],
    path: [
      ...[
        ...ROLLED,
        'Rolled?',
        'AwaitSteadyState',
        'Steady?',
        ...BACK,
        ...LATER('AwaitRollback').slice(1),
        'AwaitRollback',
      ],
      ...CONCLUDED_BADLY,
    ],
  },
  {
    name: 'looks again where an event of ECS says more than ECS answers yet',
    when: async ({ region, push }) => {
      const does = { kind: 'stale', spread: { minMs: 1_500, maxMs: 1_500 } } as const;
      region.faults.start({ at: 'call', match: { service: 'ecs' }, does });
      await push();
    },
    outcomes: ['SUCCEEDED'],
    path: [
      ...ROLLED,
      ...['Rolled?', 'AwaitSteadyState', 'Steady?', 'LookAgain', 'Which watch?', 'AwaitSteadyState', 'Steady?'],
      ...['Bake', 'Passed?', 'Conclude', 'Ended well?', 'Done'],
    ],
  },
  {
    name: 'calls for a person when Lambda is in trouble until both deadlines are over',
    when: async (world) => {
      troubleIn(world, 'AwaitSteadyState', 24 * 3600);
      await world.push();
    },
    outcomes: ['FAILED_ROLLBACK'],
    path: [
      ...ROLLED,
      'Rolled?',
      ...LATER('AwaitSteadyState'),
      ...BACK,
      ...LATER('AwaitRollback').slice(1),
      ...CONCLUDED_BADLY,
    ],
  },
  {
    name: 'leaves the rest to the tick when the outcome cannot be committed',
    when: (world) => {
      world.excuse(
        'record',
        /owned the service and ended AwsRefused, without a record/,
        'Conclude may not write, and no tick comes to close the rollout',
      );
      world.excuse(
        'owner',
        /still owns the service \(waiting\)/,
        'Conclude may not write, and no tick comes to close the rollout',
      );
      return pushWithout(world, 'Conclude', 'dynamodb:PutItem');
    },
    outcomes: ['AwsRefused'],
    path: [...ROLLED, 'Rolled?', 'AwaitSteadyState', 'Steady?', 'Bake', 'Passed?', 'Conclude', 'Unconcluded'],
  },
  {
    name: 'waits for its turn beyond the time-out, and longer than the safety net of the watch',
    service: { desiredCount: 12, maximumPercent: 110 },
    when: async (world) => {
      await world.push();
      await world.advance(20);
      await world.push();
    },
    outcomes: ['SUCCEEDED', 'SUCCEEDED'],
    path: [
      'Configure',
      'AcceptIntent',
      'Accepted?',
      'AwaitTurn',
      'AcceptIntent',
      'Accepted?',
      'AwaitTurn',
      'Turn?',
      'AcceptIntent',
      'Accepted?',
      ...ROLLED.slice(3),
      'Rolled?',
      'AwaitSteadyState',
      'Steady?',
      'Bake',
      'Passed?',
      'Conclude',
      'Ended well?',
      'Done',
    ],
  },
  {
    name: "lets somebody else's deployment finish before it rolls",
    when: async (world) => {
      const { cluster, serviceName: service } = world.config;
      await operate(world.region, 'ecs', 'UpdateService', { cluster, service, forceNewDeployment: true });
      await world.push();
    },
    outcomes: ['SUCCEEDED'],
    path: [
      'Configure',
      ...Array.from({ length: 4 }, () => ['AcceptIntent', 'Accepted?', 'LetFinish']).flat(),
      'AcceptIntent',
      'Accepted?',
      ...ROLLED.slice(3),
      ...['Rolled?', 'AwaitSteadyState', 'Steady?', 'Bake', 'Passed?', 'Conclude', 'Ended well?', 'Done'],
    ],
  },
  {
    name: 'rolls back an image that crashes',
    when: async (world) => void (await world.push({ behaviour: 'crash' })),
    outcomes: ['ROLLED_BACK'],
    path: [...ROLLED, 'Rolled?', 'AwaitSteadyState', 'Steady?', ...BACK, ...CONCLUDED_BADLY],
  },
];

/** Lambda answers every invocation of the watch with an error of its own, for so long from the first time in that state. */
function troubleIn({ region, cell }: World, state: string, lastsSeconds: number): void {
  const [functionName] = [...cell.resources].flatMap(([logicalId, { type, ref }]) =>
    type === 'AWS::Lambda::Function' && logicalId.includes('WatchRollout') ? [ref] : [],
  );
  const leave = region.states.onStateEntered((entered) => {
    if (entered.state !== state) return;
    leave();
    const does = { kind: 'error', error: 'ServiceException', runs: 'never' } as const;
    region.faults.start({ at: 'invocation', match: { functionName: functionName! }, when: { lastsSeconds }, does });
  });
}

async function pushWithout(world: World, role: string, action: string): Promise<void> {
  world.removePermission({ role, action });
  await world.push();
}

/** Walks are played once, by whichever test asks first. */
const walked = new Map<Walk, ReturnType<typeof play>>();

function walk(of: Walk): ReturnType<typeof play> {
  const playing = walked.get(of) ?? play(of);
  walked.set(of, playing);
  return playing;
}

async function play({ service, when }: Walk): Promise<{ rollouts: readonly Rollout[]; steps: readonly string[] }> {
  const world = await openWorld({ ...(service && { service }) });
  await proveAnImage(world);
  await when(world);
  await world.advance(5);
  await world.untilIdle();
  return { rollouts: world.rollouts(), steps: await stepsIn(world) };
}

/** The path with each watch that is entered again because nobody could look told as one such round. */
function withoutLooks(path: readonly string[]): string[] {
  const told: string[] = [];
  for (const state of path) {
    told.push(state);
    for (const length of [3, 5]) {
      const round = told.slice(-length);
      const isRepeated = round.join() === told.slice(-2 * length, -length).join();
      if (isRepeated && round.includes('LookLater')) told.splice(-length);
    }
  }
  return told;
}

it.each(WALKS.map((of) => [of.name, of] as const))('%s', async (_name, of) => {
  const { rollouts } = await walk(of);
  expect(rollouts.map(({ outcome }) => outcome)).toEqual(of.outcomes);
  expect(withoutLooks(once(rollouts.at(-1)!.path))).toEqual(of.path);
});

it('together they walk every state and every Catch', async () => {
  const all = Object.entries(readDefinition().States).flatMap(([name, state]) => [
    name,
    ...(state.Catch ?? []).map(({ ErrorEquals }) => `${name} caught ${ErrorEquals.join()}`),
  ]);
  const steps = new Set<string>();
  for (const of of WALKS) for (const step of (await walk(of)).steps) steps.add(step);
  expect(all.filter((step) => !steps.has(step))).toEqual([]);
});
