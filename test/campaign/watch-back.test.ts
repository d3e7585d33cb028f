import { expect, it } from 'vitest';
import { notBack } from '../../campaign/watch-back.ts';

const RECORD = {
  rolloutId: '2',
  outcome: 'ROLLED_BACK',
  taskDefinition: 'arn:aws:ecs:::task-definition/api:3',
  startedAt: 100,
};
const BACK = { record: RECORD, primary: 'api:2', isForeign: false, desiredCount: 2, soundAt: 400 };

it('finds a rollout that is said to be back, and is not', () => {
  expect(notBack(BACK)).toEqual([]);
  expect(notBack({ ...BACK, primary: 'api:3' })).toEqual([
    'back: Rollout 2 ended ROLLED_BACK, and its own revision api:3 is on the service.',
  ]);
  const never = ['back: Rollout 2 ended ROLLED_BACK, and 2 tasks of api:2 were never sound at once.'];
  expect(notBack({ ...BACK, soundAt: 99 })).toEqual(never);
  expect(notBack({ ...BACK, soundAt: undefined })).toEqual(never);
});

it.each([
  ['somebody else has deployed since', { isForeign: true, primary: 'api:3' }],
  ['no task is wanted', { desiredCount: 0, soundAt: undefined }],
])('says nothing where %s', (_why, more) => {
  expect(notBack({ ...BACK, ...more })).toEqual([]);
});
