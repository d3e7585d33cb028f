import { describe, expect, it, vi } from 'vitest';
import type { DeployedCell } from '../../../cli/account/deployed-cell.ts';
import { explainFailure } from '../../../cli/account/failures.ts';
import type { Told } from '../../../cli/terminal/command.ts';
import type { Event, Live } from '../../../cli/terminal/events.ts';
import { followRollout } from '../../../cli/verbs/watch/follow-rollout.ts';
import { reportRollout, type RolloutDocument } from '../../../cli/verbs/watch/rollout-report.ts';
import type { TimelineEntry } from '../../../timeline/scenario-report.ts';
import { arnElsewhere } from '../../elsewhere.ts';
import { owner } from '../../functions/rollout/given.ts';
import { ledgerThat, type Answers } from './canned-cell.ts';

const AT = new Date(5000);
const EXECUTION = arnElsewhere('states', 'execution:rollouts-api:one');

/** A cell whose execution has succeeded, behind an AWS that fails so many looks at it first. */
function cellBehind(failures: number, fault: string): DeployedCell {
  let left = failures;
  const answers: Record<string, () => object> = {
    DescribeExecutionCommand: () => ({
      status: 'SUCCEEDED',
      startDate: AT,
      stopDate: AT,
      output: '{"outcome":"STAGED"}',
    }),
    GetExecutionHistoryCommand: () => {
      if (left-- > 0) throw Object.assign(new Error('again'), { name: fault, $fault: 'client', $metadata: {} });
      return { events: [{ id: 1, type: 'ExecutionSucceeded', timestamp: AT }] };
    },
    DescribeServicesCommand: () => ({ services: [] }),
    QueryCommand: () => ({}),
  };
  const client = { send: async (command: object) => answers[command.constructor.name]!() };
  const clients = { sfn: client, ecs: client, dynamodb: client };
  const config = { service: 'prod/api', cluster: 'prod', serviceName: 'api' };
  return { clients, ledger: { client }, config } as unknown as DeployedCell;
}

async function follow(cell: DeployedCell) {
  const entries: TimelineEntry[] = [];
  const clock = { now: () => 0, sleep: async () => {} };
  const { signal } = new AbortController();
  return {
    ended: await followRollout(cell, EXECUTION, { clock, signal, onEntry: (entry) => entries.push(entry) }),
    entries,
  };
}

it('a watch outlives a network or an account that fails for a while', async () => {
  const { ended, entries } = await follow(cellBehind(5, 'ThrottlingException'));
  expect(ended).toMatchObject({ rolloutId: 'one', outcome: 'STAGED', startedAt: 5000 });
  expect(entries).toEqual([{ virtualSeconds: 0, kind: 'ended', text: 'STAGED' }]);
});

describe('what the service did by the last look', () => {
  const followed = async (deployedAt: Date) => {
    const cell = cellBehind(0, '');
    const { send } = cell.clients.ecs;
    const at = (milliseconds: number) => new Date(AT.getTime() + milliseconds);
    const services = [
      {
        deployments: [
          {
            id: 'd',
            status: 'PRIMARY',
            taskDefinition: 'api:2',
            runningCount: 2,
            createdAt: deployedAt,
            updatedAt: at(9),
          },
        ],
        events: [
          { id: '2', createdAt: at(5), message: '(service api) has begun the next.' },
          { id: '1', createdAt: at(0), message: '(service api) has reached a steady state.' },
        ],
      },
    ];
    const client = {
      send: async (command: object) =>
        command.constructor.name === 'DescribeServicesCommand'
          ? { services }
          : await (send as (command: object) => Promise<object>)(command),
    };
    const clients = { sfn: client, ecs: client, dynamodb: client } as unknown as DeployedCell['clients'];
    return (await follow({ ...cell, clients })).entries.map(({ virtualSeconds, text }) => [virtualSeconds, text]);
  };
  const STEADY = [0, 'has reached a steady state.'];

  it('is told as long as it is this rollout’s', async () => {
    expect(await followed(AT)).toEqual([STEADY, [0, 'new :2 2 running'], [0, 'STAGED']]);
  });

  it('is left to the next rollout where that had begun', async () => {
    expect(await followed(new Date(AT.getTime() + 4))).toEqual([STEADY, [0, 'STAGED']]);
  });
});

describe('how a rollout stands', () => {
  const OWNER = owner({
    executionArn: EXECUTION,
    phase: { name: 'preparing' },
    deadline: AT.getTime() + 90_000,
  });

  /** Follows a rollout that is over by the third look; answers what was told of its standing, the naps, and what was asked. */
  async function stood(isHeard: boolean, ledger: Answers = ledgerThat([{ owner: OWNER }]), begunAfterMs = 0) {
    const cell = cellBehind(0, '');
    const { send } = cell.clients.ecs;
    const asked: string[] = [];
    let looks = 0;
    const client = {
      send: async (command: object) => {
        const name = command.constructor.name;
        asked.push(name);
        if (name === 'GetItemCommand') return ledger['dynamodb:GetItem']!({} as never) as object;
        if (name === 'GetExecutionHistoryCommand') {
          const isOver = ++looks >= 3;
          const entered = {
            id: 1,
            type: 'TaskStateEntered',
            timestamp: AT,
            stateEnteredEventDetails: { name: isOver ? 'Done' : 'Roll' },
          };
          if (isOver) return { events: [entered, { id: 2, type: 'ExecutionSucceeded', timestamp: AT }] };
          return { events: [entered, { id: 2, type: 'ChoiceStateEntered', stateEnteredEventDetails: { name: '?' } }] };
        }
        return await (send as (command: object) => Promise<object>)(command);
      },
    };
    const clients = { sfn: client, ecs: client, dynamodb: client } as unknown as DeployedCell['clients'];
    const live: Live[] = [];
    const naps: number[] = [];
    let now = AT.getTime() + begunAfterMs;
    const clock = {
      now: () => now,
      sleep: async (ms: number) => {
        naps.push(ms);
        now += ms;
      },
    };
    const { signal } = new AbortController();
    const following = { clock, signal, onEntry: () => {}, ...(isHeard && { onLive: (one: Live) => live.push(one) }) };
    const table = { ...cell.ledger, client: client as never };
    await followRollout({ ...cell, clients, ledger: table }, EXECUTION, following);
    return { live: live.slice(0, -1), last: live.at(-1), naps, asked };
  }

  it('is that it awaits nothing more, before its end is told', async () => {
    expect((await stood(true)).last?.parts).toEqual(['Done']);
  });

  it('is told every second between two looks, as its owner in the ledger says', async () => {
    const { live, naps } = await stood(true);
    expect(naps).toEqual([1000, 1000, 1000, 1000, 1000]);
    expect(live.map(({ seconds, parts }) => [seconds, ...parts])).toEqual(
      [90, 89, 88, 87, 86].map((left, second) => [
        second,
        'Roll',
        `deadline in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`,
      ]),
    );
  });

  it('is told as of the present, also when the newest stamp is old', async () => {
    const { live } = await stood(true, undefined, 40_000);
    expect(live[0]).toEqual({ seconds: 40, parts: ['Roll', 'deadline in 0:50'] });
  });

  it('has no deadline of another rollout that owns the service', async () => {
    const { live } = await stood(true, ledgerThat([{ owner: { ...OWNER, executionArn: `${EXECUTION}-other` } }]));
    expect(live[0]?.parts).toEqual(['Roll']);
  });

  it('is told without a deadline where the ledger cannot be read, and the rollout is followed all the same', async () => {
    const unreadable = ledgerThat([{ schema: 9 as never }]);
    const { live } = await stood(true, unreadable);
    expect(live.map(({ parts }) => parts)).toEqual(Array(5).fill(['Roll']));
  });

  it('costs nothing where nobody sees it', async () => {
    const { naps, asked } = await stood(false);
    expect(naps).toEqual([2000, 3000]);
    expect(asked).not.toContain('GetItemCommand');
  });
});

it.each([
  ['one that goes on failing', 6, 'ThrottlingException'],
  ['one that refuses', 1, 'AccessDeniedException'],
])('a watch ends at %s', async (_, failures, fault) => {
  await expect(follow(cellBehind(failures, fault))).rejects.toThrow('again');
});

it('a rollout that cannot be followed any further goes on, which the last sentence says; its document has no outcome', async () => {
  const told: Told<RolloutDocument>[] = [];
  const events: Event[] = [];
  const error: unknown = await reportRollout(cellBehind(1, 'ExpiredTokenException'), EXECUTION, {
    env: {},
    clock: { now: () => 0, sleep: async () => {} },
    interrupted: () => new Promise(() => {}),
    emit: (event) => events.push(event),
    tell: (one) => told.push(one),
  }).catch((thrown: unknown) => thrown);
  expect(explainFailure(error, {})?.message).toMatch(
    /^the AWS credentials have expired: .*, then try again\. The rollout goes on: rollouts watch$/,
  );
  expect(events).toEqual([]);
  expect(told).toEqual([
    {
      document: expect.objectContaining({
        rollout: expect.objectContaining({ rolloutId: 'one', outcome: null, endedAt: null }) as unknown,
        timeline: [],
      }) as unknown,
      lines: [],
    },
  ]);
});

it.each(['DescribeExecutionCommand', 'GetExecutionHistoryCommand', 'DescribeServicesCommand', 'QueryCommand'])(
  'a watch can be interrupted while AWS is silent: %s',
  async (silent) => {
    const stop = new AbortController();
    const cell = cellBehind(0, '');
    const { send } = cell.clients.ecs;
    const waiting = vi.fn((command: object, { abortSignal }: { readonly abortSignal: AbortSignal }) => {
      if (command.constructor.name !== silent) return (send as (command: object) => Promise<unknown>)(command);
      setImmediate(() => stop.abort());
      return new Promise((_, reject) =>
        abortSignal.addEventListener('abort', () => reject(new Error('Request aborted'))),
      );
    });
    const client = { send: waiting };
    const clients = { sfn: client, ecs: client, dynamodb: client } as unknown as DeployedCell['clients'];
    const onEntry = vi.fn();
    const clock = { now: () => 0, sleep: async () => {} };
    expect(await followRollout({ ...cell, clients }, EXECUTION, { clock, signal: stop.signal, onEntry })).toBe(
      undefined,
    );
    expect(onEntry).not.toHaveBeenCalled();
  },
);
