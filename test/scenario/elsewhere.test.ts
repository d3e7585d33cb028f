import { expect, it } from 'vitest';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { pushFromGitHub } from '../../rehearsal/github-push.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { setting } from './setting.ts';

/** Neither the account, nor the Region, nor the partition of all other scenarios. */
const place = { account: '210987654321', region: 'us-gov-west-1' };
const REGISTRY = '210987654321.dkr.ecr.us-gov-west-1.amazonaws.com/team/api';
const OF_ANOTHER_PLACE = /arn:aws:|us-east-1|123456789012/;

const openAdopted = setting();
const openProvisioned = setting({
  registry: {},
  github: { repository: 'owner/api', branch: 'main', waits: true },
  provision: { port: 8000, secrets: { KEY: { secret: 'team/key' }, URL: { parameter: '/team/url' } } },
});

/** Everything that the product wrote or said in a world. */
async function told(world: World): Promise<string> {
  const { taskDefinition } = await world.service();
  const revision = await operate(world.region, 'ecs', 'DescribeTaskDefinition', { taskDefinition });
  const liveImage = world.region.ssm.valueOf(world.config.liveImageParameter);
  const [history, ledger] = [await world.history(), await world.ledgerState()];
  const machine = await operate(world.region, 'states', 'DescribeStateMachine', {
    stateMachineArn: world.cell.outputs['StateMachineArn'],
  });
  return JSON.stringify([revision, liveImage, history, ledger, machine, world.notifications(), world.logLines()]);
}

it('rolls a good push in aws-us-gov, takes a bad one back, and has its tick find a lost one', async () => {
  const world = await openAdopted({ place, hasTicks: true });
  const good = await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  expect((await world.service()).images).toEqual([`${REGISTRY}@${good}`]);
  expect(world.region.ssm.valueOf('/rollouts/api/image')).toBe(`${REGISTRY}@${good}`);

  await world.push({ behaviour: 'crash' });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
  expect((await world.service()).images).toEqual([`${REGISTRY}@${good}`]);
  await world.untilIdle();

  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? 'never' : 'once'));
  const lost = await world.push();
  await world.advance(900);
  expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
  expect((await world.service()).images).toEqual([`${REGISTRY}@${lost}`]);

  expect(world.refusals()).toEqual([]);
  expect(world.deadLetters()).toEqual([]);
  expect(await told(world)).not.toMatch(OF_ANOTHER_PLACE);
});

it('launches a provisioned service in aws-us-gov by a push from GitHub, and takes a bad one back', async () => {
  const world = await openProvisioned({ place });
  const first = await pushFromGitHub(world.region, {
    claims: { aud: 'sts.amazonaws.com', sub: 'repo:owner/api:ref:refs/heads/main', repository: 'owner/api' },
    roleArn: 'arn:aws-us-gov:iam::210987654321:role/rollouts-api-push',
    repository: 'team/api',
    tag: 'live',
    image: imageManifest({ seedText: 'built by GitHub' }),
  });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  await world.untilIdle();
  await world.push({ behaviour: 'crash' });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });

  expect(await world.service()).toMatchObject({ images: [`${REGISTRY}@${first}`], runningCount: 1 });
  expect(world.refusals()).toEqual([]);
  expect(await told(world)).not.toMatch(OF_ANOTHER_PLACE);
});
