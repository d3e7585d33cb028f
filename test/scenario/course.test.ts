import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { Stay } from '../../functions/rollout/course.ts';
import type { HistoryEntry, LedgerState } from '../../functions/rollout/ledger.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();

async function lastEntry(world: World): Promise<HistoryEntry> {
  return (await world.history()).at(-1) as unknown as HistoryEntry;
}

/** The same from Step Functions, which forgets it after 90 days: what was entered and when, without choices and what begins it. */
async function toldByStepFunctions(
  { region }: World,
  executionArn: string,
): Promise<Pick<Stay, 'name' | 'enteredAt'>[]> {
  const { events = [] } = await operate<GetExecutionHistoryOutput>(region, 'states', 'GetExecutionHistory', {
    executionArn,
    maxResults: 1000,
  });
  const stays = events.flatMap(({ type, timestamp, stateEnteredEventDetails: entered }) =>
    entered && !['ChoiceStateEntered', 'PassStateEntered', 'SucceedStateEntered', 'FailStateEntered'].includes(type!)
      ? [{ name: entered.name!, enteredAt: Number(timestamp) }]
      : [],
  );
  return stays.filter(({ name }, index) => stays[index - 1]?.name !== name);
}

describe('the history entry', () => {
  it.each([
    ['succeeded', {}, 'SUCCEEDED'],
    ['was rolled back', { behaviour: 'crash', afterSeconds: 40 } as const, 'ROLLED_BACK'],
  ])(
    'of a rollout that %s has the states that Step Functions tells of, to the millisecond',
    async (_how, image, end) => {
      const world = await openWorld();
      await proveAnImage(world);
      await world.push(image);
      const { outcome } = await world.untilRolloutEnds();
      const { course, executionArn, endedAt } = await lastEntry(world);
      expect(outcome).toBe(end);
      const told = await toldByStepFunctions(world, executionArn);
      expect(course!.states.map(({ name, enteredAt }) => ({ name, enteredAt }))).toEqual(told);
      expect(course!.states.map(({ leftAt }) => leftAt)).toEqual([
        ...told.slice(1).map(({ enteredAt }) => enteredAt),
        endedAt,
      ]);
    },
  );

  it('says what each step decided, and when', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 40 });
    await world.untilRolloutEnds();
    const { decisions } = (await lastEntry(world)).course!;
    expect(decisions.map(({ state, word, reason }) => `${state}: ${word} (${reason})`)).toEqual([
      'AcceptIntent: roll (Selected)',
      'Preflight: go (Ready)',
      'RollService: rolled (Updated)',
      'AwaitSteadyState: failed (EssentialContainerExited)',
      'RollBack: rolled (Updated)',
      'AwaitRollback: steady (EvidenceComplete)',
    ]);
    expect(decisions.map(({ at }) => at)).toEqual(decisions.map(({ at }) => at).toSorted((one, other) => one - other));
  });

  it('never says what somebody answered in the name of a watch', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 40 });
    await world.region.kernel.runUntil(
      () => world.rollouts().at(-1)?.path.at(-1) === 'AwaitSteadyState',
      'wait',
      600_000,
    );
    await world.advance(3);
    const { events = [] } = await operate<GetExecutionHistoryOutput>(world.region, 'states', 'GetExecutionHistory', {
      executionArn: world.rollouts().at(-1)!.executionArn,
      reverseOrder: true,
    });
    const { parameters } = events.find(({ type }) => type === 'TaskScheduled')!.taskScheduledEventDetails!;
    const { token } = (JSON.parse(parameters!) as { Payload: { token: string } }).Payload;
    const forged = { word: 'steady', reason: 'Forged', message: 'It is fine, believe me.' };
    await operate(world.region, 'states', 'SendTaskSuccess', { taskToken: token, output: JSON.stringify(forged) });
    await world.untilRolloutEnds();
    expect(JSON.stringify(await lastEntry(world))).not.toMatch(/Forged|believe me/);
  });

  it('alone has it: what waits to be told does not, nor does any message', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    world.excuse('outbox', /still waits/, 'nobody may be told');
    world.removePermission({ role: 'Conclude', action: 'sns:Publish' });
    await world.push();
    await world.untilRolloutEnds();
    const { outbox } = (await world.ledgerState()) as unknown as LedgerState;
    expect(outbox.map(({ rolloutId }) => rolloutId)).toEqual([(await lastEntry(world)).rolloutId]);
    expect(Object.keys(outbox[0]!)).not.toContain('course');
    expect((await lastEntry(world)).course!.states.map(({ name }) => name)).toContain('Bake');
  });
});
