import { describe, expect, it } from 'vitest';
import type { Step } from '../../campaign/plan.ts';
import { emptied, firstLookAt, isHeld, owedToRun, unrolled, unsent, untold } from '../../campaign/watch-rest.ts';

it('finds what is not told of, although nothing is in the way any more', () => {
  const outbox = [{ rolloutId: 'one' }] as never;
  expect(unsent({ outbox })).toEqual(['rest: Rollout one is not told of, an hour after everything was well.']);
  expect(unsent({ outbox: [] })).toEqual([]);
  expect(unsent(undefined)).toEqual([]);
});

it('finds what died while it waited for its turn, and was never closed', () => {
  const pending = { rolloutId: 'two' } as never;
  const sentence = 'rest: Rollout two waits for its turn, and none runs, an hour after everything was well.';
  expect(unsent({ outbox: [], pending })).toEqual([sentence]);
});

describe('a launched service that wants no tasks', () => {
  const launched = { desiredCount: 0, images: ['registry/api@sha256:1'], taskDefinition: 'api:7' };

  it('is found', () => {
    expect(emptied(launched, false)).toEqual([
      'rest: The launched service wants no tasks of api:7, and nobody has scaled it.',
    ]);
  });

  it.each([
    ['somebody has scaled it', launched, true],
    ['it wants some', { ...launched, desiredCount: 1 }, false],
    ['it was never launched', { ...launched, images: ['awaiting-first-push.invalid/none'] }, false],
  ])('is let pass where %s', (_where, service, isScaled) => {
    expect(emptied(service, isScaled)).toEqual([]);
  });
});

describe('the last push', () => {
  const pushed = (at: number, digest: string, tag = 'live') => ({ at, digest, tag });
  const last = { digest: 'sha256:2', tag: 'live' };
  const pushes = [pushed(100, 'sha256:1'), pushed(200, 'sha256:2'), pushed(900, 'sha256:2', 'kept')];
  const now = { imageDigests: ['sha256:1'], records: [{ image: { digest: 'sha256:1' } }, {}], firstLookAt: 150 };

  it('is found where it is neither live nor in any record', () => {
    expect(untold(last, { pushes }, now)).toEqual([
      'liveness: The last push, sha256:2, is neither live nor in any record.',
    ]);
  });

  it.each([
    ['it is live', { imageDigests: ['sha256:2'] }],
    ['some record says what became of it', { records: [{ image: { digest: 'sha256:2' } }] }],
    ['it was there when somebody first looked', { firstLookAt: 200 }],
  ])('is let pass where %s', (_where, changes) => {
    expect(untold(last, { pushes }, { ...now, ...changes })).toEqual([]);
  });

  it('is no news only as it was pushed last', () => {
    const again = [...pushes, pushed(300, 'sha256:2')];
    expect(untold(last, { pushes: again }, { ...now, firstLookAt: 200 })).toHaveLength(1);
  });
});

describe('the first look', () => {
  const started = (at: number, rollout: string) => ({ at, rollout, push: undefined, isTick: true });
  const starts = [started(10, 'one'), started(20, 'two')];
  const went = (rollout: string, ...path: string[]) =>
    ['AcceptIntent', ...path].map((state, index) => ({ at: 30 + index, rollout, state }));
  const ended = (executionArn: string, outcome: string) => ({ executionArn, outcome });
  const second = went('two', 'Accepted?', 'Preflight');

  it.each([
    ['failed', went('one', 'Undecided'), []],
    ['waited and was superseded', went('one', 'Accepted?', 'AwaitTurn', 'Turn?', 'Conclude'), [['one', 'SUPERSEDED']]],
    ['was refused', went('one', 'Accepted?', 'Conclude'), [['one', 'REJECTED']]],
  ])('is not that of one that %s', (_what, first, ends) => {
    const rollouts = ends.map(([executionArn, outcome]) => ended(executionArn!, outcome!));
    expect(firstLookAt({ starts, entries: [...first, ...second] }, rollouts)).toBe(20);
  });

  it.each(['NO_CHANGE', 'HELD', 'SUPERSEDED'])('is that of one that left the service alone: %s', (outcome) => {
    const entries = [...went('one', 'Accepted?', 'Conclude'), ...second];
    expect(firstLookAt({ starts, entries }, [ended('one', outcome)])).toBe(10);
  });

  it('may never be taken', () => {
    expect(firstLookAt({ starts, entries: went('one', 'Undecided') }, [])).toBe(Infinity);
  });
});

describe('what somebody chose', () => {
  const INPUTS: Readonly<Record<string, unknown>> = {
    named: { image: { digest: 'sha256:1' } },
    back: { rollback: true },
    follows: {},
    insists: { force: true, reason: 'Now.' },
    tick: { tick: true },
    push: { source: 'aws.ecr', detail: {} },
  };
  const ended = (executionArn: string, outcome: string, startedAt: number, digest = 'sha256:1') => ({
    executionArn,
    outcome,
    image: { digest },
    startedAt,
    endedAt: startedAt + 50,
  });
  const held = ended('push', 'HELD', 900, 'sha256:2');
  const isIt = (...records: Parameters<typeof isHeld>[1]): boolean =>
    isHeld('sha256:2', [...records, held], (arn) => INPUTS[arn]);

  it.each([
    ['named', 'SUCCEEDED'],
    ['named', 'NO_CHANGE'],
    ['back', 'SUCCEEDED'],
  ])('holds the service against pushes: %s %s', (arn, outcome) => {
    expect(isIt(ended(arn, outcome, 100))).toBe(true);
  });

  it.each(['follows', 'insists', 'tick', 'push'])('does not where it is no choice: %s', (arn) => {
    expect(isIt(ended(arn, 'SUCCEEDED', 100))).toBe(false);
  });

  it.each(['ROLLED_BACK', 'REJECTED', 'STAGED', 'ABORTED'])('does not where it came to nothing: %s', (outcome) => {
    expect(isIt(ended('named', outcome, 100))).toBe(false);
  });

  it('does so until somebody follows pushes again', () => {
    const named = ended('named', 'SUCCEEDED', 100);
    expect(isIt(named, ended('follows', 'NO_CHANGE', 151))).toBe(false);
    expect(isIt(named, ended('insists', 'ROLLED_BACK', 151))).toBe(false);
    expect(isIt(named, ended('tick', 'NO_CHANGE', 151), ended('push', 'HELD', 151))).toBe(true);
    expect(isIt(named, ended('follows', 'SUPERSEDED', 120))).toBe(true);
    expect(isIt(named, ended('follows', 'NO_CHANGE', 151), ended('back', 'SUCCEEDED', 300))).toBe(true);
  });

  it('does so only where that is told', () => {
    const records = [ended('named', 'SUCCEEDED', 100)];
    expect(isHeld('sha256:3', [...records, held], (arn) => INPUTS[arn])).toBe(false);
  });
});

describe('a good image that was pushed last', () => {
  const push = { kind: 'push', image: {}, afterSeconds: 0 } as const;
  const crashing = { ...push, image: { behaviour: 'crash' } } as const;
  const fault = (name: string): Step => ({ kind: 'fault', fault: name, lastsSeconds: 60, afterSeconds: 0 });

  it.each<[string, Step[], boolean]>([
    ['is owed to run', [crashing, push], true],
    ['is owed to run after trouble that passed', [push, fault('throttling')], true],
    ['is not, where another came after it', [push, crashing], false],
    ['is not, where ECS may have shown it wrongly', [push, fault('ecs-other-image')], false],
    ['is not, where somebody stopped a rollout', [push, { kind: 'stop', afterSeconds: 0 }], false],
    ['is not, under a tag of its own', [{ ...push, image: { tag: 'v9' } }], false],
    ['is none, where nothing was pushed', [fault('throttling')], false],
  ])('%s', (_what, steps, isOwed) => {
    expect(owedToRun(steps)).toBe(isOwed);
  });

  it('is found where it does not run, unless nothing is wanted, or it was refused', () => {
    const last = { digest: 'sha256:2' };
    const service = { images: ['team/api@sha256:1', 'agent:7'], desiredCount: 2 };
    const ended = (outcome: string, digest = 'sha256:2') => [{ outcome, image: { digest } }];
    expect(unrolled(last, service, ended('NO_CHANGE'))).toEqual([expect.stringContaining('; it ended NO_CHANGE.')]);
    expect(unrolled(last, service, [])).toEqual([expect.stringContaining('; no record tells of it.')]);
    expect(unrolled(last, service, ended('REJECTED', 'sha256:1'))).toHaveLength(1);
    expect(unrolled(last, service, [...ended('REJECTED'), ...ended('NO_CHANGE')])).toEqual([]);
    expect(unrolled(last, { ...service, desiredCount: 0 }, [])).toEqual([]);
    expect(unrolled(last, { ...service, images: ['team/api@sha256:2', 'agent:7'] }, [])).toEqual([]);
  });
});
