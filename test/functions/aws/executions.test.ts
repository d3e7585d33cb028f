import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  SFNClient,
  SFNServiceException,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sfn } from '../../../functions/aws/clients.ts';
import {
  answerToken,
  executionStanding,
  isExecutionRunning,
  startExecution,
} from '../../../functions/aws/executions.ts';
import { execution } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';
import { arnElsewhere } from '../../elsewhere.ts';

const states = mockClient(SFNClient);
useEnvironment();
afterAll(() => states.restore());
const shape = { message: 'x', $metadata: {} };
const denied = new SFNServiceException({ name: 'AccessDeniedException', $fault: 'client', ...shape });
beforeEach(() => states.reset());

/** Long since. */
const KNOWN = { executionArn: execution('r1'), startedAt: 0 };

describe('an execution', () => {
  it.each([
    ['RUNNING', true],
    ['SUCCEEDED', false],
    ['FAILED', false],
    ['TIMED_OUT', false],
    ['ABORTED', false],
    ['PENDING_REDRIVE', false],
  ] as const)('that is %s runs: %s', async (status, isRunning) => {
    states.on(DescribeExecutionCommand, { executionArn: execution('r1') }).resolves({ status });
    expect(await isExecutionRunning(sfn, KNOWN)).toBe(isRunning);
  });

  it('that a person stopped tells why in one line that fits a message', async () => {
    states.on(DescribeExecutionCommand).resolves({ status: 'ABORTED', error: 'ABORTED', cause: 'wrong\none' });
    expect(await executionStanding(sfn, KNOWN)).toEqual({ isRunning: false, stop: { cause: 'wrong one' } });
    states.on(DescribeExecutionCommand).resolves({ status: 'ABORTED' });
    expect(await executionStanding(sfn, KNOWN)).toEqual({ isRunning: false, stop: {} });
    states.on(DescribeExecutionCommand).resolves({ status: 'ABORTED', cause: 'x'.repeat(32_768) });
    expect((await executionStanding(sfn, KNOWN)).stop?.cause).toHaveLength(300);
  });

  it('that failed was not stopped by anyone, whatever its cause', async () => {
    states.on(DescribeExecutionCommand).resolves({ status: 'FAILED', error: 'ABORTED', cause: 'x' });
    expect(await executionStanding(sfn, KNOWN)).toEqual({ isRunning: false, hasConcluded: true });
  });

  it.each([
    ['SUCCEEDED', undefined, true],
    ['FAILED', 'ROLLED_BACK', true],
    ['FAILED', 'AwsRefused', undefined],
    ['TIMED_OUT', undefined, undefined],
  ] as const)('that is %s with the error %s has concluded: %s', async (status, error, hasConcluded) => {
    states.on(DescribeExecutionCommand).resolves({ status, error });
    expect(await executionStanding(sfn, KNOWN)).toEqual({ isRunning: false, hasConcluded });
  });

  it('that Step Functions has forgotten does not run', async () => {
    states.on(DescribeExecutionCommand).rejects(new ExecutionDoesNotExist(shape));
    expect(await isExecutionRunning(sfn, KNOWN)).toBe(false);
    // What has just started may not be seen yet.
    expect(await isExecutionRunning(sfn, { ...KNOWN, startedAt: Date.now() - 50_000 })).toBe(true);
    expect(await isExecutionRunning(sfn, { ...KNOWN, startedAt: Date.now() - 70_000 })).toBe(false);
  });

  it('that cannot be looked at is not declared dead', async () => {
    states.on(DescribeExecutionCommand).rejects(denied);
    await expect(isExecutionRunning(sfn, KNOWN)).rejects.toBe(denied);
  });

  it('is started without a name, which Step Functions gives', async () => {
    states.on(StartExecutionCommand).resolves({ executionArn: execution('r1') });
    const machine = arnElsewhere('states', 'stateMachine:rollout-web');
    expect(await startExecution(sfn, machine, { tick: true })).toBe(execution('r1'));
    expect(states.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
      stateMachineArn: arnElsewhere('states', 'stateMachine:rollout-web'),
      input: '{"tick":true}',
    });
  });
});

describe('a task token', () => {
  it('is answered with the verdict as JSON', async () => {
    states.on(SendTaskSuccessCommand).resolves({});
    await answerToken(sfn, 'token-1', { word: 'steady' });
    expect(states.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input).toEqual({
      taskToken: 'token-1',
      output: '{"word":"steady"}',
    });
  });

  it.each([new TaskTimedOut(shape), new TaskDoesNotExist(shape), new InvalidToken(shape)])(
    'that is over is no error: %s',
    async (error) => {
      states.on(SendTaskSuccessCommand).rejects(error);
      await expect(answerToken(sfn, 'token-1', {})).resolves.toBeUndefined();
    },
  );

  it('that could not be answered is an error', async () => {
    states.on(SendTaskSuccessCommand).rejects(denied);
    await expect(answerToken(sfn, 'token-1', {})).rejects.toBe(denied);
  });
});
