import { describe, expect, it } from 'vitest';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();
const openBakingLong = setting({ bakeTimeSeconds: 600 });

const HEALTHY = { word: 'steady', reason: 'Forged', message: 'It is fine, believe me.', at: 1 };
const BROKEN = { word: 'failed', reason: 'Forged', message: 'It is broken, believe me.', at: 1 };

/** Waits until a step of the last rollout waits for an answer, and answers it: whoever reads the ledger may. */
async function forge(world: World, step: string, output: unknown, afterSeconds = 3): Promise<void> {
  const isThere = (): boolean => world.rollouts().at(-1)?.path.at(-1) === step;
  await world.region.kernel.runUntil(isThere, step, 3_600_000);
  await world.advance(afterSeconds);
  const { phase } = ((await world.ledgerState()) as LedgerState).owner!;
  if (phase.name !== 'waiting') throw new Error(`the owner is ${phase.name}`);
  const { token: taskToken } = phase.watch;
  await operate(world.region, 'states', 'SendTaskSuccess', { taskToken, output: JSON.stringify(output) });
}

describe('an answer that nobody gave by a look', () => {
  it.each([
    ['is healthy', HEALTHY],
    ['is staged', { ...HEALTHY, word: 'staged' }],
    ['belongs to somebody else', { ...HEALTHY, word: 'foreign' }],
    ['is nothing that anybody knows', 'x'],
  ])('does not make a success of an image that crashes when it says that it %s', async (_what, output) => {
    const world = await openWorld();
    const good = await proveAnImage(world);
    const bad = await world.push({ behaviour: 'crash', afterSeconds: 40 });
    await forge(world, 'AwaitSteadyState', output);
    const { outcome, message } = await world.untilRolloutEnds();

    expect([outcome, message]).toEqual(['ROLLED_BACK', expect.stringContaining('exited with code')]);
    expect((await world.service()).imageDigests).toEqual([good]);
    expect(world.region.ssm.valueOf(world.config.liveImageParameter)).not.toContain(bad);
  });

  it('does not shorten a bake', async () => {
    const world = await openBakingLong();
    const good = await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 400 });
    await forge(world, 'Bake', HEALTHY);
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
    expect((await world.service()).imageDigests).toEqual([good]);
  });

  it('does not take a good image back', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    const digest = await world.push();
    await forge(world, 'AwaitSteadyState', BROKEN);
    await forge(world, 'Bake', BROKEN);
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect((await world.service()).imageDigests).toEqual([digest]);
    expect((await world.history()).at(-1)).toMatchObject({ reason: 'EvidenceComplete' });
  });

  it('is no error of a step, and takes nothing back', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    const digest = await world.push();
    const error = { word: 'error', reason: 'States.Runtime', message: '{"errorMessage":"\\q"}' };
    for (const step of ['AwaitSteadyState', 'Bake']) await forge(world, step, error);
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect((await world.service()).imageDigests).toEqual([digest]);
  });

  it('does not end a rollback', async () => {
    const world = await openWorld();
    const good = await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 5 });
    await forge(world, 'AwaitRollback', HEALTHY, 1);
    const { outcome, path } = await world.untilRolloutEnds();
    expect(outcome).toBe('ROLLED_BACK');
    expect(path.filter((state) => state === 'Ended well?')).toHaveLength(2);
    expect((await world.service()).imageDigests).toEqual([good]);
  });

  it('does not end a rollout that waits for its turn', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    await world.push();
    await world.advance(20);
    const digest = await world.push();
    await world.region.kernel.runUntil(() => world.rollouts().at(-1)?.path.at(-1) === 'AwaitTurn', 'the turn', 60_000);
    await world.advance(3);
    const { token: taskToken } = ((await world.ledgerState()) as LedgerState).pending!;
    const output = JSON.stringify({ word: 'superseded', reason: 'Forged', message: 'Go away.' });
    await operate(world.region, 'states', 'SendTaskSuccess', { taskToken, output });
    await world.untilIdle();
    expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect((await world.service()).imageDigests).toEqual([digest]);
  });
});
