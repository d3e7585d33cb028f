import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Template } from '../../../region/cloudformation/template.ts';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion } from '../../../region/region.ts';

/**
 * The template is what aws-cdk-lib 2.276.0 wrote for its own Vpc (public subnets), ApplicationLoadBalancer, FargateService
 * and autoScaleTaskCount, without metadata; synthesizing it takes longer than the rest of this tier. The right to pull is
 * ours: CDK grants none for an image that it is given as a text.
 */
const template = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'provisioned-service.template.json'), 'utf8'),
) as Template;

describe('a stack with a service of its own', () => {
  it('is created as the CDK writes it, and its tasks become healthy targets', async () => {
    const region = createRegion();
    region.ecr.createRepository({ repositoryName: 'api' });
    region.ecr.pushImage({ repositoryName: 'api', image: imageManifest({ seedText: 'api' }), tag: '1' });
    await region.deployStack({ name: 'Provisioned', template, assets: new Map() });
    // The template says nothing of a count: one task, until the scalable target wants two.
    expect(region.ecs.serviceView('prod', 'api')).toMatchObject({ desiredCount: 1, running: 1, isSteady: true });
    const isScaled = (): boolean => region.ecs.serviceView('prod', 'api').running === 2;
    await region.kernel.runUntil(isScaled, 'two tasks', 600_000);
    await region.kernel.runUntil(() => region.ecs.serviceView('prod', 'api').isSteady, 'healthy targets', 600_000);
    expect(region.ecs.serviceView('prod', 'api').deployments).toMatchObject([{ healthy: 2, failedTasks: 0 }]);
  });
});
