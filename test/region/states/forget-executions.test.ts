import { describe, expect, it } from 'vitest';
import type { StatesState } from '../../../region/states/model.ts';
import { machine, refusal, waitingTask, world, type World } from './states-fixture.ts';

const DAY_MS = 24 * 3_600_000;
const ONE = machine({ Only: { Type: 'Pass', End: true } });

const listed = async ({ ask }: World, stateMachineArn: string): Promise<number> =>
  (await ask<{ executions: unknown[] }>('ListExecutions', { stateMachineArn })).executions.length;

describe('an execution that has ended', () => {
  it('is known for 90 days', async () => {
    const of = world();
    const flow = of.create(ONE);
    const executionArn = await of.start(flow);
    await of.finish(executionArn);
    await of.kernel.runFor(90 * DAY_MS - 1_000);
    expect(await listed(of, flow)).toBe(1);
    await of.kernel.runFor(1_000);
    for (const operation of ['DescribeExecution', 'GetExecutionHistory', 'RedriveExecution'])
      expect(await refusal(() => of.ask(operation, { executionArn }))).toMatchObject({ code: 'ExecutionDoesNotExist' });
    expect(await listed(of, flow)).toBe(0);
    expect((of.states.state as StatesState).executions.size).toBe(0);
  });

  it('gives its name free with its history', async () => {
    const of = world();
    const flow = of.create(ONE);
    await of.finish(await of.start(flow, {}, 'mine'));
    await of.kernel.runFor(90 * DAY_MS);
    await of.finish(await of.start(flow, {}, 'mine'));
    expect(await listed(of, flow)).toBe(1);
  });

  it('goes before those that are younger once all have a hundred thousand events, with its tokens', async () => {
    const of = world(() => 'never');
    const flow = of.create(machine({ Ask: waitingTask({ End: true, TimeoutSeconds: 10 }) }));
    const { executions, attempts } = of.states.state as StatesState;
    const withHistory = async (events: number): Promise<string> => {
      const arn = await of.start(flow);
      await of.finish(arn);
      const { history } = executions.get(arn)!;
      for (let added = 0; added < events; added++) history.push(history[0]!);
      return arn;
    };
    const [first, second] = [await withHistory(60_000), await withHistory(60_000)];
    expect([...executions.keys()]).toEqual([first, second]);
    const last = await of.start(flow);
    expect([...executions.keys()]).toEqual([second, last]);
    expect([...attempts.values()].map(({ visit }) => visit.execution.arn)).toEqual([second]);
  });
});

it('an execution that runs is known for as long as it does', async () => {
  const of = world();
  const flow = of.create(machine({ Hold: { Type: 'Wait', Seconds: 200 * 24 * 3600, End: true } }));
  const executionArn = await of.start(flow);
  await of.kernel.runFor(199 * DAY_MS);
  expect(await of.ask('DescribeExecution', { executionArn })).toMatchObject({ status: 'RUNNING' });
});
