import { describe, expect, it } from 'vitest';
import { differenceLines } from '../../../cli/verbs/diff/difference-text.ts';
import { answerTo, cautionsAt, foresee, planOf, pushOf, type SeenWorld } from '../../../cli/verbs/diff/foresee.ts';
import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import { cautionsOf, checkReadiness, type PreflightFacts } from '../../../functions/rollout/preflight.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import {
  config,
  deployment,
  digest,
  execution,
  image,
  ledger,
  MINUTE,
  NOW,
  owner,
  proven,
  quarantined,
  revision,
  target,
} from '../../functions/rollout/given.ts';
import { CAUTIONED, PLAN, READY, REFUSED } from '../../functions/rollout/given-preflight.ts';

const RUNS_A: Partial<LedgerState> = { verified: [proven('a', 1)] };
const PINNED: Partial<LedgerState> = { ...RUNS_A, pin: { since: NOW, rolloutId: 'r1', digest: undefined } };
/** A deployment of image `a` that has ended, as its tasks show. */
const ON_A = {
  deploymentId: deployment(1),
  createdAt: NOW - 60 * MINUTE,
  taskDefinition: revision(1),
  desiredCount: 2,
  proven: proven('a', 1),
};
const { proven: _proven, ...UNPROVEN } = ON_A;

/** What `rollouts diff` says of an image: of what the tag policy selects, or of the tag that is named. */
function told(
  state: Partial<LedgerState>,
  letter: string,
  {
    tag,
    seen = {},
    facts = READY,
    rolled = config(),
  }: { tag?: string; seen?: SeenWorld; facts?: PreflightFacts; rolled?: RolloutConfig } = {},
): string {
  const chosen = { ...image(letter, NOW), tag: tag ?? 'new' };
  const person = { kind: 'person', ...(tag !== undefined && { tag }) } as const;
  const world: SeenWorld = { selected: image(letter, NOW, 'new'), named: chosen, running: ON_A, ...seen };
  const decisions = [pushOf(chosen), person].map((intent) => foresee(ledger(state), world, intent, rolled, NOW));
  const [push, start] = decisions.map((each) => answerTo(each, facts, rolled));
  const [before, after] = [`team/web@${digest('a')}`, `team/web@${chosen.digest}`];
  const changes = before === after ? [] : ['containerDefinitions[app].image'];
  const containers = [{ name: 'app', before, after }];
  const decision = (tag === undefined ? push : start)!;
  const cautions = cautionsAt(decisions[tag === undefined ? 0 : 1]!, facts, rolled);
  const difference = {
    ...{ from: revision(1), image: chosen, decision, push: push!, start: start! },
    ...{ containers, cautions, changes },
  };
  return differenceLines(difference, 'default/web').join('\n');
}

/** Paragraphs are broken into lines where they are too long. */
const said = (text: string): string => text.replace(/\n +/g, ' ');

describe('a difference', () => {
  it('is nothing when the image runs already: nothing is registered', () => {
    for (const tag of [undefined, 'new']) {
      expect(told(RUNS_A, 'a', { ...(tag && { tag }) })).toMatch(
        /^Would roll +nothing: new \(sha256:a{12}\) runs already$/m,
      );
      expect(told(RUNS_A, 'a', { ...(tag && { tag }) })).toMatch(/^Changes +none: nothing would be registered$/m);
    }
  });

  it('is nothing when the tasks of a revision that no rollout proved show the image already', () => {
    expect(told({}, 'a')).toMatch(/^Would roll +nothing: new \(sha256:a{12}\) runs already$/m);
    expect(told({}, 'a', { seen: { running: UNPROVEN } })).toMatch(/^Would roll +new \(sha256:a{12}\)\nImages/m);
  });

  it('is held by a quarantine, which naming the image lifts', () => {
    const state = { ...RUNS_A, quarantine: [{ ...quarantined('b'), since: NOW }] };
    const text = told(state, 'b');
    expect(text).toMatch(/^Would roll +nothing: new \(sha256:b{12}\) is held: quarantined$/m);
    expect(text).toMatch(/failed in\s+rollout failed-before/);
    expect(text).toMatch(/nothing is registered before$/m);
    expect(told(state, 'b', { tag: 'new' })).toMatch(/^Would roll +new \(sha256:b{12}\)\nImages/m);
  });

  it('is held by a person, which naming the image passes by', () => {
    expect(told(PINNED, 'b')).toMatch(
      /^Would roll +nothing now: new \(sha256:b{12}\)\n +held until rollouts release\n +rollouts start would roll it now$/m,
    );
    expect(told(PINNED, 'a')).toMatch(/runs already$/m);
    expect(told(PINNED, 'b', { tag: 'new' })).toMatch(/^Would roll +new \(sha256:b{12}\)$/m);
    expect(said(told(PINNED, 'b', { tag: 'new' }))).toContain('by hand only; a push of it would not roll: new (');
  });

  it('is rolled otherwise', () => {
    expect(told(RUNS_A, 'b')).toMatch(/^Would roll +new \(sha256:b{12}\)\nImages/m);
  });

  it('is nothing when it is older than what was seen, or was dealt with: only a person rolls it then', () => {
    const newer = { ...RUNS_A, seen: image('c', NOW + MINUTE) };
    const text = said(told(newer, 'b'));
    expect(text).toMatch(/^Would roll +nothing: new \(sha256:b{12}\) new \(sha256:b{12}\) is older than build-c/m);
    expect(text).toContain('rollouts start would roll it now');
    expect(text).toMatch(/^Changes +none: nothing would be registered$/m);
    const seen = { ...RUNS_A, seen: image('b', NOW) };
    expect(said(told(seen, 'b'))).toContain('was dealt with before. rollouts start would roll it now');
    expect(said(told(seen, 'b', { facts: REFUSED.WrongPlatform }))).toContain(
      'rollouts start would be rejected: The image',
    );
    expect(told({ ...RUNS_A, seen: image('a', NOW) }, 'a')).toMatch(/runs already$/m);
  });

  it('tells that nobody follows pushes of a tag which the policy does not select', () => {
    const tag = 'rollouts-keep-web-1';
    expect(said(told(RUNS_A, 'b', { tag }))).toMatch(
      /by hand only; a push of it would not roll: The tag policy does not select rollouts-keep-web-1\.$/m,
    );
  });

  it('is nothing while that very image is being rolled; a person would wait for the turn', () => {
    const state = { ...RUNS_A, owner: owner({ rolloutId: 'r9', image: image('b') }) };
    const text = told(state, 'b');
    expect(text).toMatch(
      /^Would roll +nothing: new \(sha256:b{12}\) is being rolled\n +Rollout r9 is rolling this image\. See: /m,
    );
    expect(text).toMatch(/^Changes +none: nothing would be registered$/m);
    expect(told(state, 'b', { tag: 'new' })).toMatch(
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

  it('waits until what a dead rollout left half way is put back', () => {
    const dead = owner({ rolloutId: 'r9', executionArn: execution('r9'), image: image('b'), targets: [revision(2)] });
    const seen = { isOwnerRunning: false, running: { ...UNPROVEN, taskDefinition: revision(2) } };
    const left = { ...dead, rollbackTarget: target('a', 1) };
    const text = said(told({ ...RUNS_A, owner: left }, 'c', { seen }));
    expect(text).toMatch(/^Would roll +nothing now: .* Rollout r9 died while .*; its rollback target is put back\.$/m);
    expect(text).toMatch(/nothing is registered before$/m);
  });

  it('waits for the end of somebody else’s deployment, unless a person asks', () => {
    const seen = { running: { ...ON_A, createdAt: NOW - MINUTE, underWay: 'sound' as const } };
    expect(said(told(RUNS_A, 'b', { seen }))).toMatch(
      /^Would roll +new \(sha256:b{12}\) ECS still deploys web:1 .* rollouts start would roll it now$/m,
    );
    expect(told(RUNS_A, 'b', { tag: 'new', seen })).toMatch(/^Would roll +new \(sha256:b{12}\)$/m);
    expect(told(RUNS_A, 'a', { seen })).toMatch(/runs already$/m);
    expect(told(PINNED, 'b', { seen })).toMatch(/held until rollouts release$/m);
  });

  it.each(Object.entries(REFUSED))('is what Preflight would refuse: %s', (reason, facts) => {
    const decision = foresee(
      ledger(RUNS_A),
      { selected: image('b', NOW, 'new'), running: ON_A },
      pushOf({ ...image('b', NOW), tag: 'new' }),
      config(),
      NOW,
    );
    const { message } = checkReadiness(facts, planOf(decision)!, config());
    expect(answerTo(decision, facts, config())).toEqual({ word: 'rejected', reason, message });
    const text = said(told(RUNS_A, 'b', { facts }));
    expect(text).toMatch(/^Would roll +nothing: new \(sha256:b{12}\) would be rejected /m);
    expect(text).toContain(message.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/g, '$1'));
    expect(text).toMatch(/^Changes +none: nothing would be registered$/m);
    expect(text).not.toMatch(/^Cautions/m);
  });

  it.each(Object.entries(CAUTIONED))('has what Preflight would say beside letting it go: %s', (subject, given) => {
    const rolled = config(given.config);
    const caution = cautionsOf(given.facts, PLAN, rolled).find((each) => each.subject === subject)!;
    expect(checkReadiness(given.facts, PLAN, rolled).message).toContain(`${caution.found}.`);
    expect(said(told(RUNS_A, 'b', { facts: given.facts, rolled }))).toMatch(/^Cautions /m);
    expect(said(told(RUNS_A, 'b', { facts: given.facts, rolled }))).toContain(`${caution.found}.`);
  });
});
