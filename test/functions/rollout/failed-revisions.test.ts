import { describe, expect, it } from 'vitest';
import {
  fateOf,
  mayDeregister,
  rememberFailed,
  unnamed,
  unprovenNewest,
  withoutFailed,
} from '../../../functions/rollout/failed-revisions.ts';
import type { LedgerState, Owner, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import {
  CONCLUDING,
  deploymentFacts,
  ledger,
  MINUTE,
  mutating,
  NOW,
  owner,
  proven,
  record,
  revision,
  service,
  target,
  task,
} from './given.ts';

const WISH = { failedRevisions: 'deregister' } as const;
const FAILED = record({ outcome: 'ROLLED_BACK', taskDefinition: revision(2) });
const OWNER = owner({ targets: [revision(2), revision(1)] });

describe('the revision of an image that failed', () => {
  it('is remembered where it is to go, and its record says what becomes of it', () => {
    const state = rememberFailed(ledger(), OWNER, FAILED, WISH, NOW);
    expect(state.failedRevisions).toEqual([{ taskDefinition: revision(2), since: NOW }]);
    expect(fateOf(ledger(), OWNER, FAILED, WISH)).toBe('web:2 is deregistered once nothing names it.');
  });

  it('is one of ten at most that are remembered, the newest first', () => {
    const failedRevisions = Array.from({ length: 10 }, (_, index) => ({
      taskDefinition: revision(11 + index),
      since: 1,
    }));
    const state = rememberFailed(ledger({ failedRevisions }), OWNER, FAILED, WISH, NOW);
    expect(state.failedRevisions.map(({ taskDefinition }) => taskDefinition)).toEqual(
      [2, 11, 12, 13, 14, 15, 16, 17, 18, 19].map(revision),
    );
  });

  it('stays where nobody wishes anything, and its record says so', () => {
    expect(rememberFailed(ledger(), OWNER, FAILED, {}, NOW).failedRevisions).toEqual([]);
    expect(rememberFailed(ledger(), OWNER, FAILED, undefined, NOW).failedRevisions).toEqual([]);
    expect(fateOf(ledger(), OWNER, FAILED, {})).toMatch(/^web:2 stays registered: whoever runs its family without/);
  });

  it.each<[string, Partial<RolloutRecord>, Partial<Owner>, number[]?]>([
    ['the proven one did not come back', { outcome: 'FAILED_ROLLBACK' }, {}],
    ['the rollout succeeded', { outcome: 'SUCCEEDED' }, {}],
    ['none was put on the service', { taskDefinition: undefined }, {}],
    ['the rollout did not put it there', {}, { targets: [] }],
    ['it is what came back', { taskDefinition: revision(1) }, {}],
    ['it was proven', {}, {}, [2]],
    ['a dead rollout left it', {}, { purpose: 'recover' }],
  ])('is none where %s', (_case, changed, changedOwner, verified = []) => {
    const state = ledger({ verified: verified.map((number) => proven('b', number)) });
    const [mine, its] = [
      { ...OWNER, ...changedOwner },
      { ...FAILED, ...changed },
    ];
    expect(rememberFailed(state, mine, its, WISH, NOW)).toBe(state);
    expect(fateOf(state, mine, its, WISH)).toBeUndefined();
  });

  it('goes once no deployment and no task names it', () => {
    const failed = [2, 3, 4, 5].map((number) => ({ taskDefinition: revision(number), since: NOW }));
    const tasks = [
      task('runs', { taskDefinition: revision(3) }),
      task('stops', { taskDefinition: revision(4), lastStatus: 'DEPROVISIONING' }),
      task('stopped', { taskDefinition: revision(5), lastStatus: 'STOPPED' }),
    ];
    const state = ledger({ failedRevisions: failed });
    expect(unnamed(state, service({ deployments: [deploymentFacts(1), deploymentFacts(2)] }), tasks)).toEqual([
      revision(5),
    ]);
    expect(unnamed(state, undefined, [])).toEqual([]);
    expect(withoutFailed(ledger({ failedRevisions: failed }), [revision(5)]).failedRevisions).toEqual(
      failed.slice(0, 3),
    );
  });

  it.each<[string, Partial<LedgerState>, number[]]>([
    ['the rollback target of whoever owns the service', { owner: owner({ rollbackTarget: target('b', 2) }) }, [3]],
    ['on its way to the service', { owner: owner({ phase: mutating(), targets: [revision(3)] }) }, [2]],
    ['on its way no more', { owner: owner({ phase: CONCLUDING, targets: [revision(3)] }) }, [2, 3]],
    ['proven meanwhile', { verified: [proven('b', 3)] }, [2]],
  ])('stays while it is %s', (_case, changes, gone) => {
    const failedRevisions = [2, 3].map((number) => ({ taskDefinition: revision(number), since: NOW }));
    const deployed = service({ deployments: [deploymentFacts(1)] });
    expect(unnamed(ledger({ failedRevisions, ...changes }), deployed, [])).toEqual(gone.map(revision));
  });

  it('is looked after by the tick for an hour, while nobody owns the service', () => {
    const state = ledger({ failedRevisions: [{ taskDefinition: revision(2), since: NOW }] });
    expect(mayDeregister(state, WISH, NOW + 60 * MINUTE - 1)).toBe(true);
    expect(mayDeregister(state, WISH, NOW + 60 * MINUTE)).toBe(false);
    expect(mayDeregister(state, {}, NOW)).toBe(false);
    expect(mayDeregister({ ...state, owner: owner() }, WISH, NOW)).toBe(false);
  });
});

describe('the newest revision of the family', () => {
  const state = ledger({ verified: [proven('a', 3), proven('b', 1)] });

  it('is told where no rollout has proven it and it does not run', () => {
    expect(unprovenNewest(revision(4), state, revision(3))).toBe(revision(4));
  });

  it.each<[string, Parameters<typeof unprovenNewest>]>([
    ['it was proven', [revision(3), state, revision(2)]],
    ['it runs', [revision(4), state, revision(4)]],
    ['a rollout is under way', [revision(4), { ...state, owner: owner() }, revision(3)]],
    ['nothing was proven yet', [revision(4), ledger(), revision(3)]],
    ['there is none', [undefined, state, revision(3)]],
  ])('is not worth a word where %s', (_case, given) => {
    expect(unprovenNewest(...given)).toBeUndefined();
  });
});
