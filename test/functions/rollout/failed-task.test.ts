import { describe, expect, it } from 'vitest';
import { commit, type Conclusion } from '../../../functions/rollout/conclude.ts';
import type { FailedTask } from '../../../functions/rollout/failed-task.ts';
import { judgeSteadiness } from '../../../functions/rollout/judge-steadiness.ts';
import { recordVerdict } from '../../../functions/rollout/lease.ts';
import type { Owner, Phase } from '../../../functions/rollout/ledger.ts';
import type { Ending } from '../../../functions/rollout/outcome-of.ts';
import type { ServiceFacts, TaskFacts } from '../../../functions/rollout/service-facts.ts';
import { closeDead } from '../../../functions/rollout/take-over.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import {
  AROUND,
  crashed,
  decision,
  deploymentFacts,
  digest,
  execution,
  ledger,
  mutating,
  NOW,
  owner,
  revision,
  service,
  task,
  waiting,
  watch,
} from './given.ts';

const ROLLING = { deployments: [deploymentFacts(2, { rolloutState: 'IN_PROGRESS' })] };
const GIVEN_UP = { deployments: [deploymentFacts(2, { rolloutState: 'FAILED' })] };
const named = (name: string, changes: Partial<FailedTask>): FailedTask => ({
  taskArn: task(name).taskArn,
  taskDefinition: revision(2),
  container: 'app',
  ...changes,
});
const EXITED = { stopCode: 'EssentialContainerExited', reason: 'Essential container in task exited' };

describe('the task that a verdict names', () => {
  const judge = (facts: Partial<ServiceFacts>, running: TaskFacts[], stopped: TaskFacts[], now = NOW) =>
    judgeSteadiness({ service: service(facts), tasks: { running, stopped } }, watch(), AROUND, now);
  const sidecar = { name: 'proxy', exitCode: 137 };
  const told = [
    { name: 'proxy', exitCode: 137 },
    { name: 'app', exitCode: 143 },
  ];
  const ended = {
    name: 'app',
    lastStatus: 'STOPPED',
    imageDigest: digest('b'),
    exitCode: 3,
    reason: 'Error: late\nline',
  };
  const UNHEALTHY = 'Task failed ELB health checks in (target-group x)';
  const NOT_FOUND = 'CannotPullContainerError: failed to resolve ref: not found';
  const BUSY = 'CannotPullContainerError: unexpected status code https://r/x: 503 Service Unavailable';
  const unstarted = { stopCode: 'TaskFailedToStart', containers: [{ name: 'app' }] };

  it.each<[string, ReturnType<typeof judge>, FailedTask]>([
    [
      'is the newest that crashed, with the container that ended it and not one that was told to stop',
      judge(
        ROLLING,
        [],
        [
          crashed('late', { containers: [sidecar, { name: 'app', exitCode: 2 }] }),
          crashed('early', { stoppedAt: NOW - 1 }),
        ],
      ),
      named('late', { exitCode: 2, ...EXITED }),
    ],
    [
      'has no exit code where it was never started',
      judge(ROLLING, [], [crashed('one', { ...unstarted, stoppedReason: NOT_FOUND })]),
      named('one', { stopCode: 'TaskFailedToStart', reason: NOT_FOUND }),
    ],
    [
      'has the rolled container where a load balancer had it stopped',
      judge(
        ROLLING,
        [],
        [
          crashed('one', { stopCode: 'ServiceSchedulerInitiated', stoppedReason: UNHEALTHY, containers: told }),
          crashed('two', { stopCode: 'ServiceSchedulerInitiated', stoppedReason: UNHEALTHY, containers: told }),
        ],
      ),
      named('two', { exitCode: 143, stopCode: 'ServiceSchedulerInitiated', reason: UNHEALTHY }),
    ],
    [
      'is one that stopped where ECS gave the deployment up',
      judge(GIVEN_UP, [], [crashed('one')]),
      named('one', { exitCode: 1, ...EXITED }),
    ],
    [
      'is one that still runs where that runs another image',
      judge({}, [task('one'), task('two', { containers: [{ name: 'app', imageDigest: digest('f') }] })], []),
      named('two', {}),
    ],
    [
      "has the container's own reason, in one line, where the task goes on without it",
      judge({}, [task('one', { containers: [ended] }), task('two', { containers: [ended] })], []),
      named('one', { exitCode: 3, reason: 'Error: late line' }),
    ],
    [
      'is one that could not be pulled until the deadline',
      judge(ROLLING, [], [crashed('one', { ...unstarted, stoppedReason: BUSY })], NOW + 3_600_000),
      named('one', { stopCode: 'TaskFailedToStart', reason: BUSY }),
    ],
  ])('%s', (_case, { word, task: decisive }, expected) => {
    expect(word).toBe('failed');
    expect(decisive).toEqual(expected);
  });

  it('is none where no task decided', () => {
    expect(judge({ status: 'INACTIVE' }, [], [crashed('one')])).not.toHaveProperty('task');
    expect(judge({}, [task('one'), task('two')], [])).not.toHaveProperty('task');
  });
});

describe('the record', () => {
  const FIRST = named('one', { exitCode: 1, ...EXITED });
  const SECOND = named('two', { taskDefinition: revision(1), exitCode: 137 });
  const failed = (decisive: FailedTask) => verdict('failed', 'EssentialContainerExited', 'It crashed.', decisive);
  const watching = (kind: 'steady' | 'rollback', decisive: FailedTask): Phase => waiting({ kind }, failed(decisive));
  const owned = (changes: Partial<Owner>): Owner => owner({ targets: [revision(2), revision(1)], ...changes });
  const ending = (step: Ending['step'], word: string): Ending => ({ step, word, reason: 'Because', message: 'So.' });
  const recordOf = (mine: Owner, how: Pick<Conclusion, 'ending' | 'cause'>) => {
    const state = commit(
      ledger({ owner: mine }),
      {
        ...how,
        rolloutId: 'r1',
        executionArn: execution('r1'),
        service: 'default/web',
        startedAt: NOW,
        decision: decision(),
        rolled: null,
      },
      NOW,
    );
    return state?.outbox[0];
  };
  const CAUSE = ending('AwaitSteadyState', 'failed');

  it('has the task for which the rollout was taken back, although the way back went well', () => {
    const back = owned({ failure: failed(FIRST), phase: waiting({ kind: 'rollback' }, verdict('steady', 'X', 'x')) });
    const record = recordOf(back, { ending: ending('AwaitRollback', 'steady'), cause: CAUSE });
    expect(record).toMatchObject({ outcome: 'ROLLED_BACK', failedTasks: [FIRST] });
  });

  it('has that of the way back behind it where that failed, too', () => {
    const lost = owned({ failure: failed(FIRST), phase: watching('rollback', SECOND) });
    const record = recordOf(lost, { ending: ending('AwaitRollback', 'failed'), cause: CAUSE });
    expect(record).toMatchObject({ outcome: 'FAILED_ROLLBACK', failedTasks: [FIRST, SECOND] });
  });

  it('has a task once, though two verdicts name it', () => {
    const lost = owned({ failure: failed(FIRST), phase: watching('rollback', FIRST) });
    expect(recordOf(lost, { ending: ending('AwaitRollback', 'failed'), cause: CAUSE })?.failedTasks).toEqual([FIRST]);
  });

  it('has it where there was nothing to go back to', () => {
    const judged = recordVerdict(ledger({ owner: owned({ phase: waiting() }) }), 'token-1', failed(FIRST), NOW);
    expect(recordOf(judged!.owner!, { ending: CAUSE, cause: null })?.failedTasks).toEqual([FIRST]);
  });

  it('has it also of a rollout that died on its way back', () => {
    const dead = owned({ failure: failed(FIRST), phase: mutating() });
    const { outbox } = closeDead(ledger({ owner: dead }), dead, { rolloutId: 'r2', service: 'default/web' }, NOW);
    expect(outbox).toMatchObject([{ outcome: 'ABORTED', failedTasks: [FIRST] }]);
  });

  it('has none where the image came up', () => {
    const well = owned({ phase: waiting({ kind: 'bake' }, verdict('steady', 'X', 'x')) });
    expect(recordOf(well, { ending: ending('Bake', 'steady'), cause: null })).toMatchObject({
      outcome: 'SUCCEEDED',
      failedTasks: undefined,
    });
  });
});
