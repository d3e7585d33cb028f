import { describe, expect, it } from 'vitest';
import { LONGEST_WAIT_SECONDS } from '../../functions/rollout/ledger.ts';
import { readDefinition, type Retrier } from '../../infra/definition.ts';

const TASKS = Object.entries(readDefinition().States).filter(([, { Type }]) => Type === 'Task');

/** Gone at the next try: what the developer guide says of Lambda, how a function can break off, and two errors of ours. */
const TRANSIENT = [
  // https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  // Out of memory; a time-out; a process that exits.
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'AwsUnavailable',
  'LedgerContended',
];

/** With full jitter, as many executions may be throttled at once; 2, 4, 8, 16, 30, 30 … seconds at most. */
const transient = (MaxAttempts: number): Retrier => ({
  ErrorEquals: TRANSIENT,
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts,
  MaxDelaySeconds: 30,
  JitterStrategy: 'FULL',
});

/** An earlier attempt of the same rollout, or the last one of another that was stopped, is over when its function has timed out, and two looks may follow: evenly, 90 s in all. */
const stillMutating: Retrier = { ErrorEquals: ['StillMutating'], IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 9 };

/**
 * Many services may be pushed at once: as long as the rollout's deadline allows, which the function sees to with the lease. Five
 * seconds on average, so that the last ones are not late when there is room again, and more than an hour in all.
 */
const throttled: Retrier = {
  ...transient(1000),
  // https://docs.aws.amazon.com/lambda/latest/dg/API_Invoke.html: an invocation that was refused so has not run.
  ErrorEquals: ['AwsThrottled', 'Lambda.TooManyRequestsException'],
  MaxDelaySeconds: LONGEST_WAIT_SECONDS,
};

/** A repository has at most a hundred pages of images, and each attempt lists one or more. */
const listing: Retrier = { ErrorEquals: ['ImagesNotListed'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 100 };

/** Trouble may last until the last deadline, hours away, and a history holds 25,000 events. */
const patient: Retrier = { ...transient(6), MaxDelaySeconds: 60 };

/** Where giving up leaves the service half way, or the lease taken, there are eight tries and not five. */
const RETRIES: Readonly<Record<string, readonly Retrier[]>> = {
  AcceptIntent: [throttled, transient(5), listing],
  AwaitTurn: [stillMutating, throttled, transient(5)],
  Preflight: [throttled, transient(5)],
  RegisterRevision: [throttled, transient(5)],
  RollService: [stillMutating, throttled, transient(5)],
  AwaitSteadyState: [throttled, patient],
  Bake: [throttled, patient],
  RollBack: [stillMutating, throttled, transient(8)],
  AwaitRollback: [throttled, patient],
  Conclude: [throttled, transient(8)],
};

describe('Retry', () => {
  it.each(TASKS)('of %s is what its step needs, number by number', (name, { Retry }) => {
    expect(Retry).toEqual(RETRIES[name]);
  });
});
