import { describe, expect, it } from 'vitest';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ bakeTimeSeconds: 0, deadlineSeconds: 900 });

const AT_THE_REGISTRY =
  'ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://r/x: 503 Service Unavailable';

async function quarantineOf(world: World): Promise<LedgerState['quarantine']> {
  return ((await world.ledgerState()) as LedgerState).quarantine;
}

/** Lets no image be pulled until the answer is called, and pushes one. */
async function pushInto(world: World, cause: string): Promise<{ readonly digest: string; readonly end: () => void }> {
  await proveAnImage(world);
  const end = world.region.ecs.disturb({ kind: 'failed-pulls', cause });
  return { digest: await world.push(), end };
}

describe('a registry in trouble', () => {
  it('is not the fault of an image for which ECS rolls back: the image is tried again, and succeeds', async () => {
    const world = await openWorld({ hasTicks: true, service: { circuitBreaker: 'rollback' } });
    const { digest, end } = await pushInto(world, AT_THE_REGISTRY);
    const { outcome, message } = await world.untilRolloutEnds();
    expect(outcome).toBe('ROLLED_BACK_BY_ECS');
    expect(message).toMatch(/^ECS rolled back to .*503 Service Unavailable.*It is tried again in 5 minutes\.$/);
    expect(await quarantineOf(world)).toEqual([]);
    end();
    await world.advance(900);

    expect((await world.history()).map(({ outcome: each }) => each)).toEqual([
      'SUCCEEDED',
      'ROLLED_BACK_BY_ECS',
      'SUCCEEDED',
    ]);
    expect((await world.service()).imageDigests).toEqual([digest]);
  });

  it('is the cause that is told where it lasts until the deadline', async () => {
    const world = await openWorld();
    const { end } = await pushInto(world, AT_THE_REGISTRY);
    await world.advance(890);
    const isOnItsWayBack = (): boolean => world.rollouts().some(({ path }) => path.includes('AwaitRollback'));
    await world.region.kernel.runUntil(isOnItsWayBack, 'the rollback', 3_600_000);
    end();
    expect(await world.untilRolloutEnds()).toMatchObject({
      outcome: 'ROLLED_BACK',
      message: expect.stringMatching(
        /^Tasks cannot start: CannotPullContainerError: .*503 Service Unavailable/,
      ) as string,
    });
    expect((await world.history()).at(-1)).toMatchObject({ reason: 'ServiceTrouble' });
    expect(await quarantineOf(world)).toEqual([]);
  });
});

it('is a name server that fails for some minutes, through which a rollout waits', async () => {
  const world = await openWorld();
  const { end } = await pushInto(world, 'failed to do request: dial tcp: lookup r on 10.0.0.2:53: no such host');
  await world.advance(240);
  end();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
});

it('takes a rollout back whose pulls are denied, and does not blame its image', async () => {
  const world = await openWorld();
  const { digest, end } = await pushInto(world, 'unexpected status from HEAD request to https://r/x: 403 Forbidden');
  await world.advance(60);
  end();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
  expect((await world.history()).at(-1)).toMatchObject({ reason: 'PullDenied' });
  expect(await quarantineOf(world)).toEqual([]);
  expect(await world.untilRolloutEnds(await world.start({ image: { digest } }))).toMatchObject({
    outcome: 'SUCCEEDED',
  });
});
