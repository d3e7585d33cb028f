import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../../cli/account/failures.ts';
import { abort } from '../../../cli/verbs/abort.ts';
import { OUTCOMES } from '../../../functions/rollout/outcomes.ts';
import { owner } from '../../functions/rollout/given.ts';
import { cannedCell, documentOf, endedWith, executionOf, ledgerThat, session } from './canned-cell.ts';

const OWNED = { owner: owner({ executionArn: executionOf('r1') }) };

/** Aborts `r1`, whose successor ends so; nobody owns the service after it, unless it stays as it is. */
async function aborted(outcome: string, isClosed = true) {
  const states = isClosed ? [OWNED, OWNED, {}] : [OWNED];
  const { cell } = cannedCell({ ...ledgerThat(states), ...endedWith({ outcome }) });
  const heard = session();
  return { answer: await abort.runIn(cell, abort.ask({}), heard), events: heard.events };
}

describe('the exit code of an abort', () => {
  const BACK = ['SUCCEEDED', 'NO_CHANGE', 'STAGED', 'SUPERSEDED', 'HELD', 'ROLLED_BACK', 'ROLLED_BACK_BY_ECS'];

  it.each(BACK)('is 0 where the service is as it was, or further on: %s', async (outcome) => {
    expect((await aborted(outcome)).answer.exitCode).toBe(0);
  });

  const NOT_BACK = Object.entries(OUTCOMES).filter(([outcome]) => !BACK.includes(outcome));

  it.each(NOT_BACK)('is that of the outcome where it is not: %s', async (outcome, { exitCode }) => {
    expect(exitCode).toBeGreaterThanOrEqual(20);
    expect((await aborted(outcome)).answer.exitCode).toBe(exitCode);
  });

  it('is not 0 where the successor could not say how it ended', async () => {
    expect((await aborted('LedgerUnreadable')).answer.exitCode).toBe(1);
  });

  it('is not 0 while the stopped rollout still owns the service, though its successors ended well', async () => {
    const { answer, events } = await aborted('SUCCEEDED', false);
    expect(answer.exitCode).toBe(1);
    expect(events.filter(({ kind }) => kind === 'ended')).toHaveLength(4);
  });
});

it('an abort that is interrupted ends with 130, and says which rollout it stopped', async () => {
  const { cell } = cannedCell({ ...ledgerThat([OWNED]), ...endedWith({ outcome: 'SUCCEEDED' }) });
  const interrupted = { ...session(), interrupted: () => Promise.resolve() };
  const answer = await abort.runIn(cell, abort.ask({}), interrupted);
  expect(answer.exitCode).toBe(130);
  expect(documentOf(answer)).toMatchObject({ aborted: { rolloutId: 'r1' }, running: null });
});

it('an abort that loses sight of a successor still answers which rollout it stopped, and which goes on', async () => {
  const seen = endedWith({ outcome: 'SUCCEEDED' });
  let looks = 0;
  const { cell } = cannedCell({
    ...ledgerThat([OWNED]),
    ...seen,
    // The first successor is seen to its end, which did not close the stopped rollout; the second is not.
    'states:GetExecutionHistory': () => (looks++ === 0 ? seen['states:GetExecutionHistory']!({} as never) : undefined),
  });
  const heard = session();
  const error: unknown = await Promise.resolve(abort.runIn(cell, abort.ask({}), heard)).catch(
    (thrown: unknown) => thrown,
  );
  expect(explainFailure(error, {})?.message).toMatch(/The rollout goes on: rollouts watch$/);
  expect(heard.told).toHaveLength(1);
  const document = abort.document.schema.parse(heard.told[0]);
  expect(document).toMatchObject({
    aborted: { rolloutId: 'r1' },
    rollout: { rolloutId: 'started', outcome: null, endedAt: null },
    running: null,
  });
  expect(document.timeline.map(({ kind }) => kind)).toContain('ended');
});
