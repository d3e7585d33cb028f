import { describe, expect, it } from 'vitest';
import { differenceLines } from '../../cli/diff/difference-text.ts';
import { weighNext } from '../../cli/diff/weigh-next.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { config, digest, image, ledger, NOW, proven, quarantined, revision } from './rollout/given.ts';

const RUNS_A = { verified: [proven('a', 1)] };
const HELD = { ...RUNS_A, hold: { since: NOW, rolloutId: 'r1' } };

function told(state: Partial<LedgerState>, letter: string, tag?: string): string {
  const [from, chosen] = [revision(1), image(letter, NOW, 'new')];
  const decision = weighNext(ledger(state), { image: chosen, tag, from }, config());
  const [before, after] = [`team/web@${digest('a')}`, `team/web@${chosen.digest}`];
  const changes = before === after ? [] : ['containerDefinitions[app].image'];
  const containers = [{ name: 'app', before, after }];
  return differenceLines({ from, image: chosen, decision, containers, changes }, 'default/web').join('\n');
}

describe('a difference', () => {
  it('is nothing when the image runs already: nothing is registered', () => {
    for (const tag of [undefined, 'new']) {
      expect(told(RUNS_A, 'a', tag)).toMatch(/^Would roll +nothing: new \(sha256:a{12}\) runs already$/m);
      expect(told(RUNS_A, 'a', tag)).toMatch(/^Changes +none: nothing would be registered$/m);
    }
  });

  it('is held by a quarantine, which naming the image lifts', () => {
    const state = { ...RUNS_A, quarantine: [quarantined('b')] };
    const text = told(state, 'b');
    expect(text).toMatch(/^Would roll +nothing: new \(sha256:b{12}\) is held: quarantined$/m);
    expect(text).toMatch(/failed in\s+rollout failed-before/);
    expect(text).toMatch(/nothing is registered before$/m);
    expect(told(state, 'b', 'new')).toMatch(/^Would roll +new \(sha256:b{12}\)$/m);
  });

  it('is held by a person, which naming the image passes by', () => {
    expect(told(HELD, 'b')).toMatch(/^Would roll +nothing now: new \(sha256:b{12}\)\n +held until rollouts release$/m);
    expect(told(HELD, 'a')).toMatch(/runs already$/m);
    expect(told(HELD, 'b', 'new')).toMatch(/^Would roll +new \(sha256:b{12}\)$/m);
  });

  it('is rolled otherwise; where nothing is proven, the tasks have the last word', () => {
    expect(told(RUNS_A, 'b')).toMatch(/^Would roll +new \(sha256:b{12}\)\nImages/m);
    expect(told({}, 'b')).toMatch(/^Would roll +new \(sha256:b{12}\)\n +what runs was proven by no rollout: if/m);
  });
});
