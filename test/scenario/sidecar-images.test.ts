import { expect, it } from 'vitest';
import { deleteAgent, deployBesideAgent } from './beside-agent.ts';
import { once, setting } from './setting.ts';

const REFUSED = [
  'Configure',
  'AcceptIntent',
  'Accepted?',
  'Preflight',
  'Cleared?',
  'Conclude',
  'Ended well?',
  'Failed',
];

it('refuses a roll, before anything changes, whose sidecar nobody can pull any more', async () => {
  const world = await setting()();
  await deployBesideAgent(world);
  await deleteAgent(world);
  const before = await world.service();
  await world.push();
  const { outcome, message, path } = await world.untilRolloutEnds();
  expect({ outcome, path: once(path) }).toEqual({ outcome: 'REJECTED', path: REFUSED });
  expect(message).toMatch(/ECR has no image agent:1 any more, which the container agent needs: push it again/);
  expect(await world.service()).toEqual(before);
});

it.each([undefined, 'public.ecr.aws/datadog/agent:7'])(
  'lets a roll go whose sidecar is there, or in another registry: %s',
  async (image) => {
    const world = await setting()();
    await deployBesideAgent(world, image);
    await world.push();
    expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  },
);
