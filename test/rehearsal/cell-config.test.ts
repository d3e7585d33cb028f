import { expect, it } from 'vitest';
import { satisfies } from 'semver';
import { cellConfig, nextTag } from '../../rehearsal/cell/cell-config.ts';

it.each([
  [{ kind: 'exact', tag: 'live' } as const, ['live', 'live']],
  [{ kind: 'glob', pattern: 'v*' } as const, ['v1', 'v2']],
  [{ kind: 'semver', range: '^2.1.0' } as const, ['2.1.1', '2.1.2']],
])('pushes under %j are tagged %j', (policy, tags) => {
  expect([nextTag(policy, 1), nextTag(policy, 2)]).toEqual(tags);
});

it.each(['1.x', '~0.3.1', '>=1.2', '^4'])('versions made for the range %s satisfy it', (range) => {
  expect(satisfies(nextTag({ kind: 'semver', range }, 3), range)).toBe(true);
});

it('a state machine without its Configure state is refused', () => {
  expect(() => cellConfig('{"States":{}}')).toThrow('no Configure state that assigns "config"');
});
