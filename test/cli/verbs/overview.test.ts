import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { DeployedCell } from '../../../cli/account/deployed-cell.ts';
import { overviewLines } from '../../../cli/verbs/status/overview-text.ts';
import { CONDITIONS, readOverview, type Brief, type Condition } from '../../../cli/verbs/status/overview.ts';
import type { LedgerState, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import {
  digest,
  image,
  ledger,
  NOW,
  owner,
  pending,
  proven,
  record,
  revision,
  waiting,
} from '../../functions/rollout/given.ts';
import { cannedCell, SERVICE, type Answers } from './canned-cell.ts';

const PIN = { since: NOW, rolloutId: 'chosen', digest: digest('c') };
const ACKNOWLEDGED = { by: 'arn:aws:iam::111122223333:user/ann', at: NOW, reason: 'mine' } as const;
const NEED = { since: NOW, rolloutId: 'left', outcome: 'FAILED_ROLLBACK' } as const;
const STOPPED = { outcome: 'ABORTED', reason: 'StoppedByPerson' } as const;
const PUT_BACK = { outcome: 'ROLLED_BACK', reason: 'RolloutStopped' } as const;
const HEALTHY = { lastStatus: 'RUNNING', startedBy: 'ecs-svc/1' };

/** An account with the service whose ledger and tasks are these. */
function answers(
  state: Partial<LedgerState>,
  records: readonly Partial<RolloutRecord>[] = [],
  tasks: readonly object[] = [HEALTHY, HEALTHY],
): Answers {
  const ended = records.map((each, index) => ({ ...record(each), entry: `ended#${index}` }));
  const items = [{ ...ledger(state), entry: 'state' }, ...ended];
  return {
    'dynamodb:Query': () => ({ Items: items.map((item) => marshall(item, { removeUndefinedValues: true })) }),
    'ecs:DescribeServices': () => ({ services: [{ ...SERVICE, serviceName: 'web', runningCount: 2 }] }),
    'ecs:DescribeTasks': () => ({ tasks }),
  };
}

/** The only service of that account. */
async function briefOf(given: Answers): Promise<Brief> {
  const [brief] = await readOverview([cannedCell(given).cell]);
  return brief!;
}

const UNHEALTHY = { ...HEALTHY, healthStatus: 'UNHEALTHY' };
const STRANGER = { ...HEALTHY, startedBy: 'ecs-svc/of-another' };
const DEAD = { 'states:DescribeExecution': () => ({ status: 'ABORTED', startDate: new Date(NOW) }) };

describe('a service is', () => {
  it.each<[Condition, string, Answers]>([
    ['well', 'all its tasks are healthy', answers({}, [{ outcome: 'SUCCEEDED' }])],
    ['pinned', 'somebody chose an image', answers({ pin: PIN }, [{ outcome: 'SUCCEEDED' }])],
    ['rolling', 'a rollout holds it, however many are healthy', answers({ owner: owner() }, [], [HEALTHY])],
    ['failed', 'its last rollout was taken back', answers({}, [{ outcome: 'ROLLED_BACK' }])],
    [
      'failed',
      'a push that concerned nothing came later',
      answers({}, [{ outcome: 'NO_CHANGE' }, { outcome: 'ROLLED_BACK' }, { outcome: 'SUCCEEDED' }]),
    ],
    ['well', 'what failed has been fixed', answers({}, [{ outcome: 'SUCCEEDED' }, { outcome: 'ROLLED_BACK' }])],
    ['degraded', 'a task fails its health check', answers({ pin: PIN }, [], [HEALTHY, UNHEALTHY])],
    ['degraded', 'a task beside it is another one', answers({}, [], [HEALTHY, STRANGER])],
    ['broken', 'its rollback failed', answers({}, [{ outcome: 'FAILED_ROLLBACK' }])],
    ['broken', 'someone is needed, whatever ended later', answers({ needsSomeone: NEED }, [{ outcome: 'REJECTED' }])],
    [
      'broken',
      'someone is needed, even while the next rollout goes on',
      answers({ needsSomeone: NEED, owner: owner() }),
    ],
    [
      'rolling',
      'someone looks at what needed them',
      answers({ needsSomeone: { ...NEED, acknowledged: ACKNOWLEDGED }, owner: owner() }),
    ],
    ['well', 'someone stopped its last rollout', answers({}, [STOPPED, { outcome: 'SUCCEEDED' }])],
    ['well', 'what was stopped has been put back', answers({}, [PUT_BACK, STOPPED, { outcome: 'SUCCEEDED' }])],
    ['failed', 'its last rollout died', answers({}, [{ ...STOPPED, reason: 'ExecutionEnded' }])],
    ['well', 'someone asked for what there is not', answers({}, [{ outcome: 'REJECTED', request: { tag: 'nope' } }])],
    ['failed', 'what was pushed is refused', answers({}, [{ outcome: 'REJECTED' }])],
    ['failed', 'what failed before is only asked for again', answers({}, [STOPPED, { outcome: 'ROLLED_BACK' }])],
    ['broken', 'its rollout died', { ...answers({ owner: owner() }), ...DEAD }],
    ['down', 'no task is healthy', answers({ owner: owner() }, [], [UNHEALTHY])],
    ['down', 'ECS has none such', { ...answers({}), 'ecs:DescribeServices': () => ({ services: [] }) }],
    ['unknown', 'its ledger may not be read', { ...answers({}), 'dynamodb:Query': () => undefined }],
  ])('%s when %s', async (condition, _, given) => {
    expect((await briefOf(given)).condition).toBe(condition);
  });

  it('counted by ECS where its tasks may not be looked at', async () => {
    const { running } = await briefOf({ ...answers({}), 'ecs:ListTasks': () => undefined });
    expect(running).toMatchObject({ runningCount: 2, healthyCount: undefined });
  });

  it.each([
    ['has passed none yet', 'UNKNOWN', 'curl', { healthyCount: 0, otherHealthyCount: 2 }],
    ['passes it', 'HEALTHY', 'curl', { healthyCount: 2, otherHealthyCount: 2 }],
    ['has none', 'UNKNOWN', undefined, { healthyCount: 2, otherHealthyCount: 2 }],
  ])(
    'counted by its health check, apart from what it replaces: a container %s',
    async (_, healthStatus, check, counts) => {
      const newer = { ...HEALTHY, startedBy: 'ecs-svc/2', containers: [{ name: 'app', healthStatus }] };
      const [primary] = SERVICE.deployments;
      const deployments = [
        { ...primary, id: 'ecs-svc/2', taskDefinition: revision(2), rolloutState: 'IN_PROGRESS' },
        { ...primary, status: 'ACTIVE' },
      ];
      const containerDefinitions = [{ name: 'app', image: 'web', healthCheck: check && { command: [check] } }];
      const brief = await briefOf({
        ...answers({ owner: owner() }, [], [newer, newer, HEALTHY, HEALTHY]),
        'ecs:DescribeServices': () => ({
          services: [{ ...SERVICE, serviceName: 'web', runningCount: 4, deployments }],
        }),
        'ecs:DescribeTaskDefinition': () => ({ taskDefinition: { containerDefinitions } }),
      });
      expect(brief).toMatchObject({ condition: 'rolling', running: counts });
    },
  );

  it('counted by what its other tasks show once ECS has deployed it, for no call more', async () => {
    const task = (healthStatus: string) => ({ ...HEALTHY, containers: [{ name: 'app', healthStatus }] });
    const brief = await briefOf({
      ...answers({}, [], [task('HEALTHY'), task('UNKNOWN')]),
      'ecs:DescribeTaskDefinition': () => expect.fail('asked'),
    });
    expect(brief).toMatchObject({ condition: 'degraded', running: { healthyCount: 1 } });
  });

  it('named by the tag with which its image was rolled', async () => {
    const { running } = await briefOf(answers({ verified: [proven('a', 1)] }, [{ image: image('a') }]));
    expect(running).toMatchObject({ image: { digest: digest('a'), tag: image('a').tag }, isProven: true });
  });
});

describe('the overview', () => {
  const brief = (service: string, changes: Partial<Brief> = {}): Brief => {
    const { cell } = cannedCell();
    const [cluster, serviceName] = service.split('/') as [string, string];
    const named = { ...cell, config: { ...cell.config, service, cluster, serviceName } } as DeployedCell;
    const running = {
      taskDefinition: revision(7),
      image: undefined,
      isProven: false,
      desiredCount: 2,
      runningCount: 2,
      healthyCount: 2,
      otherHealthyCount: 0,
    };
    return { cell: named, condition: 'well', ledger: ledger(), running, ...changes };
  };

  it('has a line for each service, which says who holds it and what holds pushes back', () => {
    const busy = ledger({ owner: owner(), pending: pending('next'), pin: PIN });
    const lines = overviewLines(
      [
        brief('prod/api', { ledger: busy, isOwnerRunning: true }),
        brief('staging/api', { ledger: busy, isOwnerRunning: false }),
        brief('prod/web', { ledger: ledger({ needsSomeone: { ...NEED, acknowledged: ACKNOWLEDGED } }) }),
        brief('prod/with-quite-a-name', {
          ledger: ledger({ needsSomeone: NEED }),
          last: record({ outcome: 'ROLLED_BACK', endedAt: NOW - 60_000 }),
        }),
      ],
      'here',
      [],
      NOW,
    );
    expect(lines).toEqual([
      '4 services in here, the worst first',
      '',
      'SERVICE            RUNS   HEALTHY  LAST                   NOW',
      'prod/api           web:7  2 of 2   -                      rolling build-b, one',
      '                                                          waits, pinned to',
      '                                                          cccccccccccc',
      'staging/api        web:7  2 of 2   -                      dead rollout of',
      '                                                          build-b, one waits,',
      '                                                          pinned to cccccccccccc',
      'web                web:7  2 of 2   -                      acknowledged',
      'with-quite-a-name  web:7  2 of 2   ROLLED_BACK 1 min ago  needs someone',
      '',
      'One in full: rollouts status --service NAME',
    ]);
  });

  it('counts as healthy no more than are wanted, and says what serves beside them', () => {
    const healthy = (healthyCount: number | undefined, otherHealthyCount: number, runningCount = 2): string => {
      const running = { ...brief('prod/api').running!, healthyCount, otherHealthyCount, runningCount };
      return overviewLines([brief('prod/api', { running })], 'here', [], NOW)[3]!
        .slice(16)
        .split('  ')[0]!;
    };
    expect([healthy(0, 2), healthy(2, 0), healthy(3, 0), healthy(undefined, 0, 4)]).toEqual([
      '0 of 2, 2 other',
      '2 of 2',
      '2 of 2 + 1',
      '2 of 2 + 2 run',
    ]);
  });

  it.each<[string, Partial<LedgerState>, boolean, string]>([
    ['rolls', { owner: owner() }, true, 'rolling build-b'],
    ['is taken back', { owner: owner({ phase: waiting({ kind: 'rollback' }) }) }, true, 'rolling back from build-b'],
    ['is recovered', { owner: owner({ purpose: 'recover' }) }, true, 'recovering from build-b'],
    ['died', { owner: owner() }, false, 'dead rollout of build-b'],
    ['is pinned', { pin: { ...PIN, digest: digest('b') }, seen: image('b') }, true, 'pinned to build-b'],
    ['is pinned and unknown', { pin: PIN }, true, `pinned to ${digest('c').slice(7, 19)}`],
  ])('names the image that %s', (_case, state, isOwnerRunning, text) => {
    const lines = overviewLines([brief('prod/api', { ledger: ledger(state), isOwnerRunning })], 'here', [], NOW);
    expect(
      lines
        .slice(3, -2)
        .map((line) => line.slice(31).trim())
        .join(' '),
    ).toContain(text);
  });

  it('cuts no name where a line has no room for it, and says why a service could not be looked at', () => {
    const long = `prod/${'n'.repeat(70)}`;
    const refused = { ledger: undefined, running: undefined, refused: 'someone may not dynamodb:Query' };
    const lines = overviewLines([brief('prod/api', refused), brief(long)], 'here', ['/rollouts-cells/x/y'], NOW);
    expect(lines.slice(2)).toEqual([
      'api',
      '    could not be looked at',
      'n'.repeat(70),
      '    runs web:7; 2 of 2 healthy; no rollout has ended yet',
      '',
      'api: someone may not dynamodb:Query',
      '',
      '/rollouts-cells/x/y says nothing that this release reads.',
      '',
      'One in full: rollouts status --service NAME',
    ]);
  });

  it('has the worst first, and then goes by name', async () => {
    const named = (serviceName: string, given: Answers): DeployedCell => {
      const { cell } = cannedCell(given);
      return { ...cell, config: { ...cell.config, serviceName, service: `default/${serviceName}` } };
    };
    const services = ['a', 'web', 'c'].map((serviceName) => ({ ...SERVICE, serviceName, runningCount: 2 }));
    const common = { 'ecs:DescribeServices': () => ({ services }) };
    const cells = [
      named('web', { ...answers({ pin: PIN }), ...common }),
      named('c', { ...answers({}, [{ outcome: 'FAILED_ROLLBACK' }]), ...common }),
      named('a', { ...answers({ pin: PIN }), ...common }),
    ];
    const briefs = await readOverview(cells);
    expect(briefs.map(({ cell }) => cell.config.serviceName)).toEqual(['c', 'a', 'web']);
    const ranks = briefs.map(({ condition }) => CONDITIONS.indexOf(condition));
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  });
});
