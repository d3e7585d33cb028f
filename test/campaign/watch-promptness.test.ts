import { describe, expect, it } from 'vitest';
import type { Happenings } from '../../campaign/happenings.ts';
import { tardiness, untoldPushes } from '../../campaign/watch-promptness.ts';

const NOTHING: Happenings = {
  entries: [],
  starts: [],
  ends: [],
  pushes: [],
  deployments: [],
  crashes: [],
  quietHealth: [],
  rolls: [],
  foreign: [],
};
const at = (seconds: number): { at: number } => ({ at: seconds * 1000 });
const entered = (seconds: number, state: string, rollout = 'one') => ({ ...at(seconds), rollout, state });
const ended = (seconds: number, rollout = 'one') => ({ ...at(seconds), rollout, status: 'SUCCEEDED' });
const started = (seconds: number, rollout = 'one') => ({ ...at(seconds), rollout, push: undefined, isTick: false });
const completed = (seconds: number) => ({ ...at(seconds), deploymentId: 'd', says: 'SERVICE_DEPLOYMENT_COMPLETED' });
const turned = (seconds: number, health: string, deploymentId = 'd') => ({
  ...at(seconds),
  deploymentId,
  container: 'task api',
  health,
});
const crashed = (seconds: number) => ({ ...at(seconds), deploymentId: 'd' });

function found(told: Partial<Happenings>): string[] {
  return tardiness({ ...NOTHING, ...told }, (tag) => tag === 'live', 1_000_000);
}

const awaits = [entered(100, 'AwaitSteadyState'), entered(160, 'AwaitSteadyState'), entered(400, 'Bake')];

it.each([
  [
    'the end of its deployment',
    { entries: awaits, deployments: [completed(150)] },
    ['one went on with AwaitSteadyState for 250 s after the deployment was COMPLETED'],
  ],
  [
    'the end of its deployment, with a container that has long been well again',
    {
      entries: awaits,
      deployments: [completed(150)],
      quietHealth: [turned(110, 'UNHEALTHY'), turned(140, 'HEALTHY'), turned(200, 'UNHEALTHY', 'another')],
    },
    ['for 250 s after the deployment was COMPLETED'],
  ],
  ["somebody else's deployment", { entries: awaits, foreign: [at(110)] }, ['for 290 s after somebody else deployed']],
  [
    'looks that came to nothing',
    {
      entries: [entered(100, 'Bake'), entered(200, 'Passed?'), entered(200, 'LookAgain'), entered(205, 'Bake')],
      ends: [ended(500)],
      foreign: [at(110)],
    },
    ['Bake for 390 s'],
  ],
  [
    'two crashes',
    {
      entries: awaits,
      deployments: [{ ...completed(90), says: 'SERVICE_DEPLOYMENT_IN_PROGRESS' }],
      crashes: [crashed(110), crashed(120)],
    },
    ['for 280 s after tasks had crashed'],
  ],
  [
    'one crash of what bakes',
    {
      entries: [entered(100, 'Bake'), entered(400, 'Conclude')],
      deployments: [completed(90)],
      crashes: [crashed(110)],
    },
    ['for 290 s'],
  ],
])('finds a rollout that waits on after %s', (_what, told, sentences) => {
  expect(found(told)).toEqual(sentences.map((sentence) => expect.stringContaining(sentence)));
});

it.each([
  ['goes on within a minute', { entries: awaits, deployments: [completed(350)] }],
  ['waited before', { entries: awaits, foreign: [at(99)], deployments: [completed(100)] }],
  // ECS calls the service steady without it, and no event tells when it is well: the rollout looks again by and by.
  [
    'waits for a container that is not essential',
    { entries: awaits, deployments: [completed(150)], quietHealth: [turned(120, 'UNHEALTHY')] },
  ],
  [
    'waited for such a container, which has come up since',
    { entries: awaits, deployments: [completed(150)], quietHealth: [turned(300, 'HEALTHY')] },
  ],
  // Their end is told when it has rolled, and before ECS says that it deploys.
  [
    'replaces tasks that had crashed before',
    {
      entries: awaits,
      deployments: [completed(90)],
      rolls: [{ ...at(99), deploymentId: 'its own' }],
      crashes: [crashed(110), crashed(120)],
    },
  ],
  [
    'has seen one crash, which may be an accident',
    { entries: awaits, deployments: [completed(90)], crashes: [crashed(110)] },
  ],
  [
    'bakes what was COMPLETED',
    { entries: [entered(100, 'Bake'), entered(400, 'Conclude')], deployments: [completed(101)] },
  ],
])('lets pass a rollout that %s', (_what, told) => {
  expect(found(told)).toEqual([]);
});

it('finds a rollout that waits for its turn while nobody has it, and no other', () => {
  const entries = [entered(100, 'AwaitTurn', 'two'), entered(500, 'AcceptIntent', 'two')];
  const two = { entries, starts: [started(50), started(90, 'two')], ends: [ended(200)] };
  expect(found(two)).toEqual(['prompt: Rollout two waited for its turn for 300 s, and nobody had it.']);
  expect(found({ ...two, ends: [ended(450)] })).toEqual([]);
  expect(
    found({ ...two, starts: [...two.starts, started(210, 'three')], ends: [ended(200), ended(490, 'three')] }),
  ).toEqual([]);
});

it('finds a push of which nobody heard, if its tag is followed', () => {
  const push = { digest: 'sha256:1', tag: 'live' };
  const told = { pushes: [{ ...at(100), ...push }], starts: [{ ...started(170), push }] };
  expect(found(told)).toEqual(['prompt: Nobody heard within 60 s that live was pushed as sha256:1.']);
  expect(found({ ...told, starts: [{ ...started(110), push }] })).toEqual([]);
  expect(found({ pushes: [{ ...at(100), digest: 'sha256:1', tag: 'nightly' }] })).toEqual([]);
  expect(found({ pushes: [{ ...at(990), ...push }] })).toEqual([]);
});

describe('a push that nobody heard of', () => {
  const pushed = (seconds: number, digest: string, tag = 'live') => ({ ...at(seconds), digest, tag });
  const untold = (told: Partial<Happenings>, records: Parameters<typeof untoldPushes>[1] = []): string[] =>
    untoldPushes({ ...NOTHING, ...told }, records, (tag) => tag === 'live', 10_000_000);
  const told = { starts: [started(100)], ends: [ended(200)], pushes: [pushed(1_000, 'sha256:lost')] };

  it('is found by the tick', () => {
    expect(untold(told)).toEqual([
      'liveness: live was pushed as sha256:lost, nothing ran for long afterwards, and no record tells of it.',
    ]);
  });

  it.each<[string, Parameters<typeof untold>]>([
    ['a record tells of it', [told, [{ image: { digest: 'sha256:lost' } }]]],
    ['its tag is not followed', [{ ...told, pushes: [pushed(1_000, 'sha256:lost', 'other')] }]],
    ['it is what the first look found', [{ ...told, starts: [] }]],
    ['another one was pushed before a tick can have come', [{ ...told, pushes: [pushed(9_000, 'sha256:lost')] }]],
    [
      'rollouts ran all the time',
      [{ ...told, starts: [started(100), started(3_000, 'two'), started(5_000), started(7_000), started(9_000)] }],
    ],
  ])('need not be where %s', (_why, [happened, records]) => {
    expect(untold(happened, records)).toEqual([]);
  });
});
