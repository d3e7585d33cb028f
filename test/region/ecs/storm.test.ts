import { describe, expect, it } from 'vitest';
import type { Disturbance } from '../../../region/ecs/ecs.ts';
import { seededRandom, type Random } from '../../../region/kernel/random.ts';
import { EcsRegion, REGISTRY, digestOf } from './ecs-fixture.ts';
import { TruthMirror } from './truth-mirror.ts';

const HEALTH_CHECK = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 2 } };
const BEHAVIOURS: readonly Record<string, string>[] = [
  {},
  { behaviour: 'crash', 'after-seconds': '0' },
  { behaviour: 'crash', 'after-seconds': '12' },
  { behaviour: 'never-healthy' },
  { behaviour: 'out-of-memory', 'after-seconds': '25' },
  { behaviour: 'slow-start', 'after-seconds': '25' },
  { behaviour: 'ignores-sigterm' },
];
const PERCENTAGES = [
  [100, 200],
  [50, 100],
  [0, 100],
  [50, 150],
] as const;

const DISTURBANCES: readonly Disturbance[] = [
  { kind: 'no-capacity' },
  { kind: 'premature-completion' },
  { kind: 'impaired-zone', zone: 'us-east-1a' },
];

const chosen = <Item>(random: Random, items: readonly Item[]): Item => items[Math.floor(random.next() * items.length)]!;

/** One arbitrary thing that a person, a deployer or the world may do to the service. */
function disturb(region: EcsRegion, random: Random, isChecked: boolean, ends: (() => void)[]): void {
  const letter = chosen(random, [...'bcdef']);
  const acts = [
    () => region.roll(region.push(letter, letter, chosen(random, BEHAVIOURS)), isChecked ? HEALTH_CHECK : {}),
    () => region.roll(`${REGISTRY}/api@${digestOf('0')}`),
    () =>
      region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: Math.floor(random.next() * 5) }),
    () => region.call('UpdateService', { cluster: 'prod', service: 'api', forceNewDeployment: true }),
    () =>
      region
        .tasks()
        .slice(0, 1)
        .map(({ taskArn }) => region.call('StopTask', { cluster: 'prod', task: taskArn! })),
    () => (ends.pop() ?? (() => ends.push(region.ecs.disturb(chosen(random, DISTURBANCES)))))(),
  ];
  chosen(random, acts)();
}

/** What must hold after every step. */
function checkInvariants(region: EcsRegion, seed: number, isChecked: boolean): void {
  const { deployments, isSteady, desiredCount } = region.view;
  const told = `seed ${seed}: ${JSON.stringify(deployments)}`;
  expect(
    deployments.map(({ status }) => status === 'PRIMARY'),
    told,
  ).toEqual(deployments.map((_, index) => index === 0));
  expect(new Set(deployments.map(({ id }) => id)).size, told).toBe(deployments.length);
  if (!isSteady) return;
  expect(deployments, told).toMatchObject([
    { rolloutState: 'COMPLETED', desiredCount, running: desiredCount, pending: 0 },
  ]);
  if (isChecked) expect(deployments[0]!.healthy, told).toBe(desiredCount);
}

/** Versions of a task's events go up one by one, and its life has one end. */
function checkTaskEvents(region: EcsRegion, seed: number): void {
  const versions = new Map<unknown, number>();
  for (const { taskArn, version, lastStatus } of region.eventsOf('ECS Task State Change')) {
    const before = versions.get(taskArn) ?? 0;
    expect([seed, version]).toEqual([seed, before + 1]);
    versions.set(taskArn, lastStatus === 'STOPPED' ? Number.NaN : before + 1);
  }
}

describe('in a storm of updates, failures and faults', () => {
  it.each(Array.from({ length: 25 }, (_, index) => index + 1))(
    'the service stays consistent, and a good image put last runs in the end (seed %i)',
    async (seed) => {
      const random = seededRandom(seed * 7919);
      const region = new EcsRegion(seed);
      const mirror = new TruthMirror(region);
      const [minimumHealthyPercent, maximumPercent] = chosen(random, PERCENTAGES);
      const isChecked = random.next() < 0.5;
      const deploymentCircuitBreaker = { enable: random.next() < 0.7, rollback: random.next() < 0.7 };
      await region.steadyService(
        { deploymentConfiguration: { minimumHealthyPercent, maximumPercent, deploymentCircuitBreaker } },
        isChecked ? HEALTH_CHECK : {},
      );
      const ends: (() => void)[] = [];
      for (let turn = 0; turn < 12; turn++) {
        disturb(region, random, isChecked, ends);
        const end = region.kernel.now + Math.floor(random.next() * 240_000);
        while (await region.kernel.step(end)) {
          checkInvariants(region, seed, isChecked);
          mirror.check(seed);
        }
      }
      for (const end of ends) end();
      region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 2 });
      const id = region.roll(region.push('good', '9'), isChecked ? HEALTH_CHECK : {});
      await region.untilSettled();
      expect(region.view.deployments).toMatchObject([{ id, running: 2, healthy: 2, rolloutState: 'COMPLETED' }]);
      // Both tasks may stand in one Availability Zone: then ECS moves one of them.
      await region.kernel.runFor(600_000);
      expect(region.view.deployments).toMatchObject([{ id, running: 2, healthy: 2, rolloutState: 'COMPLETED' }]);
      expect(region.kernel.nextDueAt).toBeUndefined();
      checkTaskEvents(region, seed);
    },
  );
});
