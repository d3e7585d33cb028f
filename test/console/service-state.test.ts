import { describe, expect, it } from 'vitest';
import type { ServiceDocument } from '../../console/documents.ts';
import { headlineOf, stateOf } from '../../console/page/service-state.ts';
import { at, badPush, DAY, digest, OWNER, record, service, standing } from './given-rollouts.ts';

const NOW = DAY + 600_000;
const FAILED = badPush().record!;

describe('how a service stands', () => {
  it.each<{ what: string; document: ServiceDocument; group: string; word: string; say: string | RegExp }>([
    {
      what: 'quiet',
      document: service({ history: [record()] }),
      group: 'quiet',
      word: 'Proven',
      say: 'Every task runs exactly this image.',
    },
    {
      what: 'never rolled',
      document: service(),
      group: 'quiet',
      word: 'Never rolled',
      say: 'Waits for its first push.',
    },
    {
      what: 'rolled back',
      document: service({ history: [FAILED] }),
      group: 'failed',
      word: 'Rolled back',
      say: '1.2.3: api exited with code 1.',
    },
    {
      what: 'a failure that a held push came after',
      document: service({ history: [record({ outcome: 'HELD' }), record({ outcome: 'NO_CHANGE' }), FAILED] }),
      group: 'failed',
      word: 'Rolled back',
      say: /^1\.2\.3: /,
    },
    {
      what: 'a failure that a success came after',
      document: service({ history: [record(), FAILED] }),
      group: 'quiet',
      word: 'Proven',
      say: /./,
    },
    {
      what: 'a rollback that failed',
      document: service({ history: [record({ outcome: 'FAILED_ROLLBACK', message: 'No capacity.' })] }),
      group: 'attention',
      word: 'Needs attention',
      say: 'No capacity.',
    },
    {
      what: 'a launch that nothing was behind, which needs someone',
      document: service({
        history: [record({ rolloutId: 'n', outcome: 'FAILED_NO_ROLLBACK_TARGET', message: 'The first image failed.' })],
        standing: standing({
          needsSomeone: { rolloutId: 'n', outcome: 'FAILED_NO_ROLLBACK_TARGET', since: at(0), acknowledged: null },
        }),
      }),
      group: 'attention',
      word: 'Needs attention',
      say: 'The first image failed.',
    },
    {
      what: 'what someone looks at',
      document: service({
        history: [record({ rolloutId: 'n', outcome: 'FAILED_ROLLBACK' })],
        standing: standing({
          needsSomeone: {
            rolloutId: 'n',
            outcome: 'FAILED_ROLLBACK',
            since: at(0),
            acknowledged: { by: 'arn:aws:sts::1:assumed-role/oncall/mara', at: at(1), reason: 'on it' },
          },
        }),
      }),
      group: 'failed',
      word: 'Acknowledged',
      say: 'mara looks at it: on it',
    },
    {
      what: 'pinned',
      document: service({
        standing: standing({ pin: { rolloutId: 'r', since: at(0) }, held: { digest: digest('4'), tag: '1.2.4' } }),
        history: [record({ rolloutId: 'r', intent: 'rollback', request: { rollback: true, reason: 'p99 doubled' } })],
      }),
      group: 'held',
      word: 'Pinned',
      say: 'p99 doubled. 1.2.4 waits.',
    },
    {
      what: 'rolling although a rollback failed before',
      document: service({ standing: standing({ rollout: OWNER }), history: [record({ outcome: 'FAILED_ROLLBACK' })] }),
      group: 'rolling',
      word: 'Rolling',
      say: '1.2.3 is being rolled out.',
    },
    {
      what: 'a rollout that died',
      document: service({ standing: standing({ rollout: { ...OWNER, executionStatus: 'FAILED' } }) }),
      group: 'rolling',
      word: 'Recovering',
      say: /died/,
    },
    {
      what: 'not permitted',
      document: {
        service: 'a/b',
        history: [],
        trouble: { kind: 'denied', message: 'You may not look.', since: at(0) },
      },
      group: 'unreadable',
      word: 'Cannot be read',
      say: 'You may not look.',
    },
    {
      what: 'silent, with what was read before',
      document: service({ history: [record()], trouble: { kind: 'silent', message: 'AWS is silent.', since: at(0) } }),
      group: 'quiet',
      word: 'Proven',
      say: /./,
    },
    { what: 'not read yet', document: { service: 'a/b', history: [] }, group: 'quiet', word: 'Reading…', say: '' },
    {
      what: 'gone from ECS',
      document: service({ standing: standing({ running: null }) }),
      group: 'unreadable',
      word: 'No service',
      say: 'ECS has no such service.',
    },
  ])('$what', ({ document, group, word, say }) => {
    const state = stateOf(document, NOW);
    expect([state.group, state.word]).toEqual([group, word]);
    expect(state.say).toMatch(say);
  });

  it('counts the tasks of both images while one is rolled', () => {
    const { record: _, ...running } = badPush();
    const upTo = 45;
    const states = running.chronicle.rollouts[0]!.states.slice(0, 3).map(({ leftAt, ...one }) =>
      one.name === 'AwaitSteadyState' ? one : { ...one, leftAt: leftAt! },
    );
    const { endedAt: _end, ...rollout } = running.chronicle.rollouts[0]!;
    const chronicle = { ...running.chronicle, endedAt: upTo, rollouts: [{ ...rollout, outcome: 'RUNNING', states }] };
    const document = service({ standing: standing({ rollout: OWNER }), rolling: { ...running, chronicle } });
    const state = stateOf(document, DAY + upTo * 1000);
    expect(state).toMatchObject({
      word: 'Rolling',
      counts: { proven: 2, trial: 0, desired: 2 },
      say: '1.2.3: 0 of 2 serve it, 2 still serve 1.2.2',
    });
  });
});

describe('the headline', () => {
  const states = (...groups: string[]) => groups.map((group) => ({ group }) as never);
  it.each([
    [states('quiet', 'held'), 'Nothing needs attention.'],
    [states('attention'), '1 service needs attention.'],
    [
      states('attention', 'rolling', 'rolling', 'failed', 'unreadable'),
      '1 service needs attention, 2 are rolling, 1 failed last and runs what was proven before, 1 cannot be read.',
    ],
    [states('failed', 'failed', 'quiet'), '2 services failed last and run what was proven before.'],
  ])('%#: says the worst first', (given, said) => {
    expect(headlineOf(given)).toBe(said);
  });
});
