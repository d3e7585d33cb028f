import { expect, it } from 'vitest';
import { taskCounts, type DeploymentCounts } from '../../timeline/task-counts.ts';

const of = (id: string, revision: string, running: number, pending = 0): DeploymentCounts => ({
  id,
  revision,
  running,
  pending,
});

it('tells the PRIMARY deployment first, and leaves out what has drained', () => {
  const tell = taskCounts();
  expect(tell([of('b', 'api:3', 1, 1), of('a', 'api:2', 2)])).toBe('new :3 1 running 1 pending, old :2 2 running');
  expect(tell([of('b', 'api:3', 2), of('a', 'api:2', 0)])).toBe('new :3 2 running');
});

it('tells a return to an earlier revision, also after the later one has drained', () => {
  const tell = taskCounts();
  expect(tell([of('c', 'api:2', 0, 2), of('b', 'api:3', 1)])).toBe('back :2 0 running 2 pending, old :3 1 running');
  expect(tell([of('c', 'api:2', 2)])).toBe('back :2 2 running');
});

it('tells a return when nothing is left of the later revision, whose tasks never started', () => {
  const tell = taskCounts();
  tell([of('b', 'api:3', 0, 1), of('a', 'api:2', 2)]);
  expect(tell([of('c', 'api:2', 0, 1), of('a', 'api:2', 2)])).toBe('back :2 0 running 1 pending, old :2 2 running');
});

it('takes the same revision once more for no return: that is what --force-new-deployment does', () => {
  expect(taskCounts()([of('b', 'api:2', 0, 2), of('a', 'api:2', 2)])).toBe(
    'new :2 0 running 2 pending, old :2 2 running',
  );
});

it('never calls new what was there before, and knows a return of which nobody saw the beginning', () => {
  expect(taskCounts()([{ ...of('a', 'api:2', 2), age: 'old' }])).toBe('old :2 2 running');
  expect(taskCounts()([{ ...of('c', 'api:2', 2), age: 'back' }])).toBe('back :2 2 running');
  const tell = taskCounts();
  tell([of('b', 'api:3', 1), { ...of('a', 'api:2', 2), age: 'old' }]);
  // ECS itself puts the former deployment back under its own id.
  expect(tell([{ ...of('a', 'api:2', 2), age: 'old' }, of('b', 'api:3', 1)])).toBe(
    'back :2 2 running, old :3 1 running',
  );
});
