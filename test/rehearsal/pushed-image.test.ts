import { expect, it } from 'vitest';
import { createRegion } from '../../region/region.ts';
import { pushImage } from '../../rehearsal/pushed-image.ts';

it('writes the port that an image listens on into its manifest', () => {
  const region = createRegion();
  region.ecr.createRepository({ repositoryName: 'api' });
  const config = { repository: 'api', tagPolicy: { kind: 'exact', tag: 'v1' } } as const;
  const digest = pushImage(region, config, { platform: 'linux/amd64', listensOn: 80 }, 1);
  const image = `${region.account}.dkr.ecr.${region.region}.amazonaws.com/api@${digest}`;
  const pulled = region.ecr.pullImage(image, 'linux/amd64');
  expect(pulled).toMatchObject({ kind: 'pulled', annotations: { 'rehearsal.listens-on': '80' } });
});
