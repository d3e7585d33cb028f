import { describe, expect, it } from 'vitest';
import { differenceLines } from '../../cli/verbs/diff/difference-text.ts';
import { wouldLetFinish } from '../../cli/verbs/let-finish.ts';
import { weighNext } from '../../cli/verbs/diff/weigh-next.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import {
  config,
  digest,
  owner,
  image,
  ledger,
  NOW,
  proven,
  quarantined,
  revision,
} from '../functions/rollout/given.ts';

const RUNS_A = { verified: [proven('a', 1)] };
const HELD = { ...RUNS_A, pin: { since: NOW, rolloutId: 'r1', digest: undefined } };

function told(state: Partial<LedgerState>, letter: string, tag?: string, isLetFinish = false): string {
  const [from, chosen] = [revision(1), image(letter, NOW, 'new')];
  const decision = weighNext(ledger(state), { image: chosen, tag, from, isLetFinish }, config());
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

  it('is nothing while that very image is being rolled; a person would wait for the turn', () => {
    const state = { ...RUNS_A, owner: owner({ rolloutId: 'r9', image: image('b') }) };
    const text = told(state, 'b');
    expect(text).toMatch(
      /^Would roll +nothing: new \(sha256:b{12}\) is being rolled\n +Rollout r9 is rolling it\. See: /m,
    );
    expect(text).toMatch(/^Changes +none: nothing would be registered$/m);
    expect(told(state, 'b', 'new')).toMatch(
      /^Would roll +nothing now: new \(sha256:b{12}\)\n +Rollout r9 holds the serv/m,
    );
  });

  it('is weighed later while another image is rolled, though the service shows what it was before', () => {
    const state = { ...RUNS_A, owner: owner({ rolloutId: 'r9', image: image('b') }) };
    for (const letter of ['a', 'c'])
      expect(told(state, letter)).toMatch(/^Would roll +nothing now: .*\n +Rollout r9 holds/m);
    const recovering = { ...state, owner: owner({ rolloutId: 'r9', purpose: 'recover', image: image('b') }) };
    expect(told(recovering, 'b')).toMatch(/^Would roll +nothing now: /m);
  });

  it('waits for the end of somebody else’s deployment, unless a person asks', () => {
    expect(told(RUNS_A, 'b', undefined, true)).toMatch(
      /^Would roll +new \(sha256:b{12}\)\n +A push lets ECS's deployment/m,
    );
    expect(told(RUNS_A, 'b', 'new', true)).toMatch(/^Would roll +new \(sha256:b{12}\)\nImages/m);
    expect(told(RUNS_A, 'a', undefined, true)).toMatch(/runs already$/m);
    expect(told(HELD, 'b', undefined, true)).toMatch(/held until rollouts release$/m);
  });
});

describe('a deployment of ECS', () => {
  const MINUTES = 60_000;
  const at = (changes: object, breaker = false) => ({
    desiredCount: 2,
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: breaker, rollback: breaker } },
    deployments: [
      { status: 'PRIMARY', rolloutState: 'IN_PROGRESS' as const, createdAt: new Date(NOW - MINUTES), ...changes },
    ],
  });
  const FAILING = { failedTasks: 1 };

  it.each([
    [true, 'is under way', at({})],
    [false, 'has completed', at({ rolloutState: 'COMPLETED' })],
    [false, 'fails without an end', at(FAILING)],
    [true, 'fails, and the circuit breaker counts', at(FAILING, true)],
    [false, 'takes longer than a rollout may', at({ createdAt: new Date(NOW - 31 * MINUTES) })],
    [false, 'has no tasks to replace', { ...at({}), desiredCount: 0 }],
  ])('is let finish: %s where it %s', (expected, _, service) => {
    expect(wouldLetFinish(service, ledger(), config(), NOW)).toBe(expected);
  });
});
