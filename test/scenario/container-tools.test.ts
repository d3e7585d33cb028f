import { describe, expect, it } from 'vitest';
import { readPlatform } from '../../rehearsal/cell/running-service.ts';
import type { World } from '../../rehearsal/world.ts';
import { containerTools, MISSING_TOOLS, type ContainerTools } from '../region/registry/container-tools.ts';
import { setting } from './setting.ts';

const openWorld = setting();

const DOCKERFILE = 'FROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\n';

async function pushed(world: World, tools: ContainerTools, dockerfile: string): Promise<void> {
  const image = await tools.build(dockerfile, await readPlatform(world.region, world.config));
  const credentials = ['--dest-tls-verify=false', '--dest-creds', tools.credentials];
  await tools.skopeo('copy', ...credentials, tools.stored(image), `docker://${tools.host}/team/api:live`);
}

describe.skipIf(MISSING_TOOLS.length > 0)(
  'images built by buildah (skipped where it and skopeo are not installed)',
  () => {
    it('roll out when they are pushed, and roll back when a label of their Dockerfile says that they crash', async () => {
      const world = await openWorld();
      const tools = await containerTools(world.region);
      await pushed(world, tools, DOCKERFILE);
      expect(await world.untilRolloutEnds()).toMatchObject({ status: 'SUCCEEDED', outcome: 'SUCCEEDED' });
      await world.untilIdle();
      const proven = await world.service();
      expect(proven.images).toEqual([expect.stringMatching(/\/team\/api@sha256:/)]);

      await pushed(world, tools, `${DOCKERFILE}LABEL rehearsal.behaviour=crash\n`);
      await world.region.kernel.runUntil(() => world.rollouts().length === 2, 'a second rollout', 600_000);
      expect(await world.untilRolloutEnds()).toMatchObject({ status: 'FAILED', outcome: 'ROLLED_BACK' });
      await world.untilIdle();
      expect((await world.service()).images).toEqual(proven.images);
    });
  },
);
