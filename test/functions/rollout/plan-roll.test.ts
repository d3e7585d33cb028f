import { describe, expect, it } from 'vitest';
import type { Owner } from '../../../functions/rollout/ledger.ts';
import { goalBack, goalForward, planRoll, type Goal } from '../../../functions/rollout/plan-roll.ts';
import type { ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import { BASELINE, deployment, deploymentFacts, emptyService, owner, revision, service } from './given.ts';

const on = (number: number, taskDefinition = revision(number)): ServiceFacts =>
  service({ deployments: [deploymentFacts(number, { taskDefinition })] });
const to = (number: number, desiredCount?: number): Goal => ({ taskDefinition: revision(number), desiredCount });
const ROLLED = owner({ targets: [revision(2)] });
const KNOWING: Owner = { ...ROLLED, baseline: { ...BASELINE, older: [deployment(7)] } };

describe('what RollService does', () => {
  it.each<[string, ServiceFacts, Owner, number, object]>([
    ['updates the service that still runs the baseline', on(1), owner(), 2, { word: 'update' }],
    [
      'adopts an update of its own whose answer was lost',
      on(2),
      ROLLED,
      2,
      { word: 'adopt', deploymentId: deployment(2) },
    ],
    ['takes its own revision back', on(2), ROLLED, 1, { word: 'update' }],
    ["adopts ECS's own rollback to the target", on(1), ROLLED, 1, { word: 'adopt', deploymentId: deployment(1) }],
    ["goes on from ECS's own rollback to another revision than the target", on(1), ROLLED, 9, { word: 'update' }],
    [
      "goes on from ECS's own rollback to a deployment that is older than the baseline",
      on(7),
      KNOWING,
      9,
      { word: 'update' },
    ],
    [
      'goes on from what ECS says that it rolls back to, whatever that is',
      service({ deployments: [deploymentFacts(8, { rolloutStateReason: 'rolling back to deploymentId ecs-svc/8.' })] }),
      KNOWING,
      9,
      { word: 'update' },
    ],
    ['takes back what a dead rollout left, under whatever id', on(5, revision(2)), ROLLED, 1, { word: 'update' }],
    ['leaves a foreign deployment alone', on(7), ROLLED, 1, { word: 'foreign', reason: 'ForeignDeployment' }],
    [
      "leaves a foreign deployment of the baseline's revision alone, going forward",
      on(7, revision(1)),
      owner(),
      2,
      { word: 'foreign', reason: 'ForeignDeployment' },
    ],
  ])('%s', (_case, looked, mine, target, plan) => {
    expect(planRoll(looked, mine, to(target))).toMatchObject(plan);
  });

  it('takes what ECS has taken back meanwhile for made, and does not make it again', () => {
    const failed = deploymentFacts(2, { taskDefinition: revision(2), status: 'ACTIVE', rolloutState: 'FAILED' });
    const looked = (primary: number): ServiceFacts =>
      service({ deployments: [deploymentFacts(primary, { taskDefinition: revision(primary) }), failed] });
    expect(planRoll(looked(1), ROLLED, to(2))).toEqual({ word: 'adopt', deploymentId: deployment(2) });
    expect(planRoll(looked(7), KNOWING, to(2))).toEqual({ word: 'adopt', deploymentId: deployment(2) });
    // Somebody else's deployment replaced it.
    expect(planRoll(looked(9), ROLLED, to(2))).toMatchObject({ word: 'foreign' });
    // What replaces the target, on the way back, is still there beside it.
    const replacing = service({
      deployments: [
        deploymentFacts(2, {
          taskDefinition: revision(2),
          rolloutStateReason: 'rolling back to deploymentId ecs-svc/2.',
        }),
        deploymentFacts(1, { taskDefinition: revision(1), status: 'ACTIVE' }),
      ],
    });
    expect(planRoll(replacing, ROLLED, to(1))).toEqual({ word: 'update' });
  });

  it.each<[string, ServiceFacts | undefined]>([
    ['is missing', undefined],
    ['drains', service({ status: 'DRAINING' })],
    ['has a status of the future', service({ status: 'MIGRATING' })],
    ['has no PRIMARY deployment', service({ deployments: [] })],
  ])('touches nothing when the service %s', (_case, looked) => {
    expect(planRoll(looked, ROLLED, to(2))).toMatchObject({ word: 'foreign', reason: 'ServiceVanished' });
  });

  it('touches nothing when the rollout knows no baseline and something runs', () => {
    expect(planRoll(on(1), owner({ baseline: undefined }), to(2)).word).toBe('foreign');
  });
});

describe('what RollBack does after a launch', () => {
  const failed = (desiredCount: number, number: number): ServiceFacts => ({ ...on(number), desiredCount });

  it('empties the service again although ECS has put the provisioned revision back', () => {
    expect(planRoll(failed(3, 1), ROLLED, to(1, 0))).toEqual({ word: 'update' });
  });

  it('adopts a service that is empty again already', () => {
    expect(planRoll(failed(0, 1), ROLLED, to(1, 0))).toEqual({ word: 'adopt', deploymentId: deployment(1) });
  });

  it('does not launch a second time when the answer was lost, whatever autoscaling made of the count', () => {
    expect(planRoll(failed(5, 2), ROLLED, to(2, 3))).toEqual({ word: 'adopt', deploymentId: deployment(2) });
  });
});

describe('the goal of a roll', () => {
  const launching = owner({ rollbackTarget: emptyService(1) });

  it('forward is the registered revision, with a count only where it launches', () => {
    expect(goalForward(owner(), revision(2))).toEqual(to(2));
    expect(goalForward(launching, revision(2))).toEqual(to(2, 3));
  });

  it('back is the rollback target, with zero tasks after a launch', () => {
    expect(goalBack(owner())).toEqual(to(1));
    expect(goalBack(launching)).toEqual(to(1, 0));
    expect(goalBack(owner({ rollbackTarget: undefined }))).toBeUndefined();
  });
});
