import { describe, expect, it } from 'vitest';
import { putAgain, rolledAgain, touched, type Rolls } from '../../campaign/watch-rolls.ts';

const recordOf = (rolloutId: string, outcome: string, endedAt: number, digest = 'sha256:bad', more: object = {}) => ({
  ...{ rolloutId, outcome, endedAt, startedAt: 0, executionArn: '', reason: '', message: '' },
  ...{ image: { digest }, taskDefinition: `api:${rolloutId}` },
  ...more,
});

/** Rollout 2 rolled the bad image, its tasks failed, and rollout 3 rolled it again at 900 s. */
const ROLLS: Rolls = {
  registered: ['2', '3'].map((id) => ({ taskDefinition: `api:${id}`, rolloutId: id, images: ['x/api@sha256:bad'] })),
  put: [
    { at: 100_000, taskDefinition: 'api:2', deploymentId: 'ecs-svc/2' },
    { at: 900_000, taskDefinition: 'api:3', deploymentId: 'ecs-svc/3' },
  ],
  failed: [{ at: 150_000, taskDefinition: 'api:2' }],
  pushed: [{ at: 99_000, digest: 'sha256:bad' }],
  inputs: new Map<string, unknown>([
    ['2', { source: 'aws.ecr' }],
    ['3', { tick: true }],
  ]),
};
const FAILED = [recordOf('2', 'ROLLED_BACK', 300_000)];
const CALM = { isDisturbed: false, isRelaunching: false };

describe('an image that failed', () => {
  it('is not rolled again by itself', () => {
    expect(rolledAgain(ROLLS, FAILED, CALM)).toEqual([
      'quarantine: sha256:bad failed in rollout 2, and api:3 rolled it again, for which nobody had asked.',
    ]);
    // That its record promises another try is no excuse where nothing else went wrong.
    const promised = [recordOf('2', 'ROLLED_BACK', 300_000, 'sha256:bad', { triedAgainAt: 900_000 })];
    expect(rolledAgain(ROLLS, promised, CALM)).toHaveLength(1);
    expect(rolledAgain(ROLLS, promised, { ...CALM, isDisturbed: true })).toEqual([]);
    // Nor does it count as a wish that somebody started an execution which names no image.
    expect(rolledAgain({ ...ROLLS, inputs: new Map([['3', {}]]) }, FAILED, CALM)).toHaveLength(1);
    expect(rolledAgain({ ...ROLLS, pushed: [{ at: 149_999, digest: 'sha256:bad' }] }, FAILED, CALM)).toHaveLength(1);
  });

  it.each<[string, Partial<Rolls>]>([
    ['somebody pushed it since', { pushed: [{ at: 400_000, digest: 'sha256:bad' }] }],
    ['somebody pushed it while it was taken back', { pushed: [{ at: 150_000, digest: 'sha256:bad' }] }],
    ['somebody named it', { inputs: new Map([['3', { image: { digest: 'sha256:bad' } }]]) }],
    ['somebody insisted', { inputs: new Map([['3', { force: true, reason: 'so' }]]) }],
    ['no task of it failed by itself', { failed: [] }],
    ['its tasks failed in another rollout', { failed: [{ at: 150_000, taskDefinition: 'api:1' }] }],
    [
      'another image is rolled',
      { registered: [ROLLS.registered[0]!, { ...ROLLS.registered[1]!, images: ['x/api@sha256:good'] }] },
    ],
  ])('may be where %s', (_why, more) => {
    expect(rolledAgain({ ...ROLLS, ...more }, FAILED, CALM)).toEqual([]);
  });

  it('may be brought back to a service that was emptied, if it was ever proven', () => {
    const records = [recordOf('1', 'SUCCEEDED', 50_000), ...FAILED];
    expect(rolledAgain(ROLLS, records, { ...CALM, isRelaunching: true })).toEqual([]);
    expect(rolledAgain(ROLLS, records, CALM)).toHaveLength(1);
  });
});

it('finds a revision that was put on the service twice before it was proven', () => {
  const put = [...ROLLS.put, { at: 200_000, taskDefinition: 'api:2', deploymentId: 'ecs-svc/9' }];
  expect(putAgain(ROLLS, FAILED)).toEqual([]);
  expect(putAgain({ ...ROLLS, put }, FAILED)).toEqual(['effects: Rollout 2 put api:2 on the service 2 times.']);
  expect(putAgain({ ...ROLLS, put }, [recordOf('2', 'SUCCEEDED', 150_000)])).toEqual([]);
  // What somebody deployed anew, and a rollout left in place, is what the next one goes back to.
  expect(putAgain({ ...ROLLS, put }, [recordOf('2', 'ABORTED_EXTERNAL', 150_000)])).toEqual([]);
  expect(putAgain({ ...ROLLS, put }, [])).toHaveLength(1);
  // The same call again changes nothing.
  expect(putAgain({ ...ROLLS, put: [...ROLLS.put, { ...ROLLS.put[0]!, at: 101_000 }] }, FAILED)).toEqual([]);
});

it('finds a rollout that says that it changed nothing, and did', () => {
  expect(touched(ROLLS, FAILED)).toEqual([]);
  expect(touched(ROLLS, [recordOf('2', 'REJECTED', 300_000)])).toEqual([
    'untouched: Rollout 2 ended REJECTED, and had put api:2 on the service.',
  ]);
  expect(touched({ ...ROLLS, put: [] }, [recordOf('2', 'REJECTED', 300_000)])).toEqual([]);
});
