import { describe, expect, it } from 'vitest';
import { assembliesIn } from '../../campaign/assemblies.ts';
import { planOf, REQUESTS } from '../../campaign/generate-plan.ts';
import type { Plan } from '../../campaign/plan.ts';
import { playPlan, type Played } from '../../campaign/play-plan.ts';
import type { Chronicle } from '../../picture/chronicle.ts';
import type { World } from '../../rehearsal/world.ts';
import { scratchDirectory } from '../scenario/setting.ts';

/** What is the same when a plan is played again: everything but the processor time. */
const playedAgain = ({ cpuMs: _cpu, ...played }: Played): object => played;

it('plays the same for the same seed, act by act, and something else for another', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const first = await playPlan(planOf(2), { assemblyOf });
  expect(first.rollouts).toBeGreaterThan(2);
  expect(first.violations).toEqual([]);
  expect(playedAgain(await playPlan(planOf(2), { assemblyOf }))).toEqual(playedAgain(first));
  // Whoever draws a picture only listens.
  let seen: Chronicle | undefined;
  const drawn = await playPlan(planOf(2), { assemblyOf, onChronicle: (chronicle) => (seen = chronicle) });
  expect(playedAgain(drawn)).toEqual(playedAgain(first));
  expect(seen!.rollouts).toHaveLength(first.rollouts);
  expect((await playPlan({ ...planOf(2), seed: 3 }, { assemblyOf })).traceDigest).not.toBe(first.traceDigest);
});

/** The plainest world, in which that happens. */
const plainly = (steps: Plan['steps'], reaches: Plan['reaches'] = []): Plan => {
  const setting = { tag: 'exact', bakeTimeSeconds: 0, isProvisioned: false } as const;
  return { seed: 1, setting, region: 'us-east-1', service: {}, steps, reaches };
};

it('breaks a rule where it does not meet what it is there for', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const plan = plainly(
    [{ kind: 'push', image: {}, afterSeconds: 0 }],
    ['outcome SUCCEEDED', 'state Bake', 'fault zombies'],
  );
  const { violations } = await playPlan(plan, { assemblyOf });
  expect(violations).toEqual(['reach: The plan is to meet what it did not: fault zombies.']);
});

it('waits for a rollout to be where a deed is to meet it, and not for ever where none ever is', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const stop = { kind: 'stop', in: 'Bake', afterSeconds: 5 } as const;
  const [met, missed] = [
    await playPlan(plainly([{ kind: 'push', image: {}, afterSeconds: 0 }, stop]), { assemblyOf }),
    await playPlan(plainly([stop]), { assemblyOf }),
  ];
  expect([met.violations, missed.violations]).toEqual([[], []]);
  expect([met.met.get('race stop in mid-rollout'), met.met.get('outcome ABORTED')]).toEqual([1, 1]);
  expect(missed.met.get('deed stop')).toBeUndefined();
});

it.each([
  ['trouble', { kind: 'trouble', handler: 'AcceptIntent', lastsSeconds: 120 }, 'edge AcceptIntent > Undecided'],
  [
    'forbid',
    { kind: 'forbid', handler: 'RollService', action: 'ecs:UpdateService', lastsSeconds: 60 },
    'edge Rolled? > Conclude',
  ],
] as const)('%s goes wrong for a while, and no rule is broken', async (_kind, deed, edge) => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const steps = [
    { ...deed, afterSeconds: 0 },
    { kind: 'push', image: {}, afterSeconds: 0 },
    { kind: 'wait', afterSeconds: 120 },
  ] as const;
  const { violations } = await playPlan(plainly(steps, [edge]), { assemblyOf });
  expect(violations).toEqual([]);
});

it('counts a fault as met when it has acted', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const slow = { kind: 'fault', fault: 'slow-network', lastsSeconds: 60, afterSeconds: 0 } as const;
  const push = { kind: 'push', image: {}, afterSeconds: 1 } as const;
  const wait = { kind: 'wait', afterSeconds: 60 } as const;
  const acted = await playPlan(plainly([slow, push, wait]), { assemblyOf });
  const idle = await playPlan(
    plainly([
      { ...slow, lastsSeconds: 1 },
      { kind: 'wait', afterSeconds: 60 },
    ]),
    { assemblyOf },
  );
  expect([acted.met.get('fault slow-network'), idle.met.get('fault slow-network')]).toEqual([1, undefined]);
});

it.each(['ecs-no-capacity', 'ecs-completed-too-early', 'ecs-hidden-digests', 'ecs-interruptions'])(
  'counts a fault of ECS as met when something came of it: %s',
  async (fault) => {
    const assemblyOf = assembliesIn(scratchDirectory());
    const short = { kind: 'fault', fault, lastsSeconds: 60, afterSeconds: 0 } as const;
    const push = { kind: 'push', image: {}, afterSeconds: 1 } as const;
    const wait = { kind: 'wait', afterSeconds: 200 } as const;
    const acted = await playPlan(plainly([{ ...short, lastsSeconds: 180 }, push, wait]), { assemblyOf });
    const idle = await playPlan(plainly([short, wait]), { assemblyOf });
    expect([acted.met.get(`fault ${fault}`), idle.met.get(`fault ${fault}`)]).toEqual([1, undefined]);
  },
);

it.each([
  { image: 'own-repository', essential: 'both' },
  { image: 'another-repository', essential: 'sidecar' },
  { image: 'another-registry', essential: 'main' },
  { image: 'own-repository', essential: 'main', behaviour: 'crash', afterSeconds: 1 },
] as const)('rolls beside a sidecar: $image, essential: $essential, $behaviour', async (sidecar) => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const steps = [
    { kind: 'push', image: {}, afterSeconds: 0 },
    { kind: 'wait', afterSeconds: 200 },
  ] as const;
  const { violations } = await playPlan(
    { ...plainly(steps, ['outcome SUCCEEDED']), service: { sidecar } },
    { assemblyOf },
  );
  expect(violations).toEqual([]);
});

it('starts executions by hand in every way', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const started = [...new Set(REQUESTS)].map(
    (request) => ({ kind: 'start', request, push: 1, afterSeconds: 200 }) as const,
  );
  const pushes = [0, 200].map((afterSeconds) => ({ kind: 'push', image: {}, afterSeconds }) as const);
  const { violations, met } = await playPlan(plainly([...pushes, ...started]), { assemblyOf });
  expect(violations).toEqual([]);
  expect([met.get('deed start'), met.get('outcome REJECTED')]).toEqual([started.length, 1]);
});

it('holds a world that is only slowed down to its ends, and asks at rest whether all was told', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const push = { kind: 'push', image: {}, afterSeconds: 0 } as const;
  const slowed = { kind: 'fault', fault: 'throttling', lastsSeconds: 600, afterSeconds: 500 } as const;
  // Where Lambda is in trouble, too, nobody knows how an execution may end.
  const trouble = { kind: 'trouble', handler: 'AcceptIntent', lastsSeconds: 400, afterSeconds: 0 } as const;
  const later = { kind: 'wait', afterSeconds: 600 } as const;
  const known = await playPlan(plainly([push, slowed, push, later]), { assemblyOf });
  const unknown = await playPlan(plainly([push, slowed, trouble, push, later], ['state Undecided']), { assemblyOf });
  expect([known.violations, unknown.violations]).toEqual([[], []]);
});

describe('what is thrown breaks the plan, and not the campaign', () => {
  const cause = new Error('no room is left on the disk');
  const thrown = (): Promise<never> => Promise.reject(new Error('it cannot be written', { cause }));
  const push = { kind: 'push', image: {}, afterSeconds: 0 } as const;

  it('while a world opens: nothing of it was played', async () => {
    const played = await playPlan(plainly([push]), { assemblyOf: thrown });
    expect(played).toMatchObject({ rollouts: 0, virtualSeconds: 0 });
    expect(played.violations).toEqual([
      expect.stringMatching(
        /^end: It broke before its world was open: Error: it cannot be written\n[^]*no room is left/,
      ),
    ]);
  });

  it.each<[string, (world: World) => object]>([
    ['while it was audited', () => ({ audit: thrown })],
    ['while what it met was read', (world) => ({ audit: () => Promise.resolve(broken(world)) })],
  ])('%s: what it met counts', async (during, breaking) => {
    const played = await playPlan(plainly([push]), {
      assemblyOf: assembliesIn(scratchDirectory()),
      onOpen: (world) => Object.assign(world, breaking(world)),
    });
    expect(played.violations).toEqual([
      expect.stringMatching(new RegExp(`^end: It broke ${during}: Error: it cannot be written\\n[^]*no room is left`)),
    ]);
    expect(played.met.get('outcome SUCCEEDED')).toBe(2);
  });

  /** From then on its records cannot be read. */
  function broken(world: World): [] {
    Object.assign(world, { history: thrown });
    return [];
  }

  it('while a world closes', async () => {
    const { violations } = await playPlan(plainly([push]), {
      assemblyOf: assembliesIn(scratchDirectory()),
      onOpen: (world) => Object.assign(world, { close: thrown }),
    });
    expect(violations).toEqual([expect.stringMatching(/^end: It broke while it was played: Error: it cannot/)]);
  });
});
