import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { once, setting } from './setting.ts';

const openWorld = setting();
const openBakingLong = setting({ bakeTimeSeconds: 600 });

const HEALTHY = { word: 'steady', reason: 'Forged', message: 'It is fine, believe me.', at: 1 };
const BROKEN = { word: 'failed', reason: 'Forged', message: 'It is broken, believe me.', at: 1 };

/** Waits until a step of the last rollout waits for an answer, and answers it: whoever reads the ledger may. */
async function forge(world: World, step: string, output: unknown, afterSeconds = 3): Promise<void> {
  await untilIn(world, step);
  await world.advance(afterSeconds);
  await send(world, step, 'SendTaskSuccess', { output: JSON.stringify(output) });
}

async function untilIn(world: World, step: string): Promise<void> {
  const isThere = (): boolean => world.rollouts().at(-1)?.path.at(-1) === step;
  await world.region.kernel.runUntil(isThere, step, 3_600_000);
}

/** Sends something for the task that waits there: whoever reads the execution's history may know its token. */
async function send(world: World, step: string, operation: string, more: object): Promise<void> {
  const { executionArn } = world.rollouts().at(-1)!;
  const { events = [] } = await operate<GetExecutionHistoryOutput>(world.region, 'states', 'GetExecutionHistory', {
    executionArn,
    reverseOrder: true,
    maxResults: 100,
  });
  const scheduled = events.find(({ type }) => type === 'TaskScheduled')!.taskScheduledEventDetails!;
  const { Payload } = JSON.parse(scheduled.parameters!) as { Payload: { state?: string; token: string } };
  expect(Payload.state ?? 'AwaitTurn').toBe(step);
  await operate(world.region, 'states', operation, { taskToken: Payload.token, ...more });
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

  it.each([
    ['once it stands in the queue', 3],
    // Nothing is written of it yet, and nobody else waits.
    ['before anybody has looked', 0],
  ])('does not end a rollout that waits for its turn, %s', async (_when, afterSeconds) => {
    const world = await openWorld();
    await proveAnImage(world);
    await world.push();
    await world.advance(20);
    const digest = await world.push();
    await forge(world, 'AwaitTurn', { word: 'superseded', reason: 'Forged', message: 'Go away.' }, afterSeconds);
    await world.untilIdle();
    expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect((await world.service()).imageDigests).toEqual([digest]);
  });
});

/** What may be sent in the name of a task that waits. */
const FORGERIES: readonly (readonly [what: string, operation: string, more: object])[] = [
  ['failure', 'SendTaskFailure', { error: 'Nobody.Knows', cause: 'It is broken, believe me.' }],
  ['success', 'SendTaskSuccess', { output: JSON.stringify(HEALTHY) }],
  ['verdict of a failure', 'SendTaskSuccess', { output: JSON.stringify(BROKEN) }],
  ['error as an answer', 'SendTaskSuccess', { output: '{"word": "error", "reason": "AwsRefused", "message": "So."}' }],
  ['answer of the greatest length', 'SendTaskSuccess', { output: JSON.stringify({ word: 'x'.repeat(262_000) }) }],
  ['heartbeat', 'SendTaskHeartbeat', {}],
  // The words with which a function sends the state machine elsewhere.
  ...['unjudged', 'again', 'lost', 'superseded', 'wait'].map(
    (word) => [`answer ${word}`, 'SendTaskSuccess', { output: JSON.stringify({ ...HEALTHY, word }) }] as const,
  ),
  ...[
    undefined,
    'AwsRefused',
    'AwsUnavailable',
    'LedgerUnreadable',
    'Lambda.Unknown',
    'Lambda.AWSLambdaException',
    'States.Timeout',
    'States.TaskFailed',
    'States.DataLimitExceeded',
  ].map((error) => [`failure ${error}`, 'SendTaskFailure', { error, cause: 'It is broken, believe me.' }] as const),
];

/** How a world is left. */
async function endOf(world: World): Promise<object> {
  const { verified = [], quarantine = [], owner, pending } = (await world.ledgerState()) ?? {};
  const { taskDefinition, imageDigests } = await world.service();
  const told = (await world.history()).map(({ outcome, reason, image, taskDefinition: rolled }) => [
    ...[outcome, reason, image?.digest, rolled],
  ]);
  const live = world.region.ssm.valueOf(world.config.liveImageParameter);
  const proven = verified.map((revision) => [revision.taskDefinition, revision.digest]);
  return {
    ...{ owner, pending, taskDefinition, imageDigests, told, live, proven },
    quarantine: quarantine.map(({ digest }) => digest),
    outcomes: world.rollouts().map(({ outcome }) => outcome),
  };
}

interface Play {
  readonly step: string;
  readonly begin: (world: World) => Promise<unknown>;
}

const PLAYS: Readonly<Record<string, Play>> = {
  'a good push': { step: 'AwaitSteadyState', begin: (world) => world.push() },
  'a bad push': { step: 'AwaitSteadyState', begin: (world) => world.push({ behaviour: 'crash', afterSeconds: 40 }) },
  'a bake': { step: 'Bake', begin: (world) => world.push() },
  'a bake that goes wrong': { step: 'Bake', begin: (world) => world.push({ behaviour: 'crash', afterSeconds: 100 }) },
  'a rollback': { step: 'AwaitRollback', begin: (world) => world.push({ behaviour: 'crash', afterSeconds: 5 }) },
  'a queue': {
    step: 'AwaitTurn',
    async begin(world) {
      await world.push();
      await world.advance(20);
      await world.push();
    },
  },
};

async function play({ step, begin }: Play, meddle: (world: World) => Promise<void>): Promise<object> {
  const world = await openWorld();
  await proveAnImage(world);
  await begin(world);
  await untilIn(world, step);
  await meddle(world);
  await world.untilIdle();
  return endOf(world);
}

/** The first are played everywhere, and of the others a third each. */
const forgeriesIn = (play: number) => FORGERIES.filter((_, index) => index < 3 || index % 3 === play % 3);

describe.each(Object.entries(PLAYS).map(([name, of], index) => [name, of, index] as const))(
  'in %s',
  (_name, of, index) => {
    let undisturbed: Promise<object> | undefined;

    it.each(forgeriesIn(index))(
      'a forged %s costs a look, and the end is the undisturbed one',
      async (_what, operation, more) => {
        undisturbed ??= play(of, async () => {});
        const disturbed = await play(of, async (world) => {
          await world.advance(2);
          await send(world, of.step, operation, more);
        });
        expect(disturbed).toEqual(await undisturbed);
      },
    );
  },
);

it.each(['AwaitSteadyState', 'Bake', 'AwaitRollback'])(
  'failures that are forged again and again in %s change nothing either',
  async (step) => {
    const behaviour = step === 'AwaitRollback' ? ({ behaviour: 'crash', afterSeconds: 5 } as const) : {};
    const of: Play = { step, begin: (world) => world.push(behaviour) };
    const disturbed = await play(of, async (world) => {
      const end = world.region.kernel.now + 7200_000;
      for (let sent = 0; sent < 40 && world.isRolling() && world.region.kernel.now < end; sent++) {
        if (world.rollouts().at(-1)?.path.at(-1) === step)
          await send(world, step, 'SendTaskFailure', { error: sent % 2 === 0 ? 'Nope' : 'States.Timeout' }).catch(
            () => undefined,
          );
        await world.advance(1 + (sent % 5) * 7);
      }
    });
    expect(disturbed).toEqual(await play(of, async () => {}));
  },
);

it('a bake that was judged is not begun anew, whatever is sent in its name', async () => {
  const world = await openBakingLong();
  const good = await proveAnImage(world);
  const bad = await world.push({ behaviour: 'crash', afterSeconds: 120 });
  await untilIn(world, 'Bake');
  // The bell of the verdict is not heard.
  world.removePermission({ role: 'WakeRollout', action: 'states:SendTaskSuccess' });
  const isJudged = async (): Promise<boolean> =>
    ((await world.ledgerState()) as LedgerState).quarantine.some(({ digest }) => digest === bad);
  for (let waited = 0; waited < 600 && !(await isJudged()); waited++) await world.advance(1);
  const before = world.rollouts().at(-1)!.path.length;
  await send(world, 'Bake', 'SendTaskSuccess', { output: '{"word": "unjudged"}' });
  const { outcome, path } = await world.untilRolloutEnds();

  expect(outcome).toBe('ROLLED_BACK');
  expect(once(path.slice(before)).slice(0, 6)).toEqual([
    ...['Passed?', 'AwaitSteadyState', 'Steady?', 'Bake', 'Passed?', 'RollbackTarget?'],
  ]);
  expect((await world.service()).imageDigests).toEqual([good]);
});
