import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAssembly } from '../../rehearsal/assembly/deploy-assembly.ts';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { createRegion } from '../../region/region.ts';

const directory = mkdtempSync(join(tmpdir(), 'provisioned-'));

/**
 * The template is what aws-cdk-lib 2.276.0 wrote for its own Vpc (public subnets), ApplicationLoadBalancer, FargateService
 * and autoScaleTaskCount, without metadata; synthesizing it takes longer than the rest of this tier. The right to pull is
 * ours: CDK grants none for an image that it is given as a text.
 */
function assembly(): string {
  const fixture = join(import.meta.dirname, '..', 'fixtures', 'provisioned-service.template.json');
  copyFileSync(fixture, join(directory, 'Provisioned.template.json'));
  const properties = { templateFile: 'Provisioned.template.json' };
  const artifacts = { Provisioned: { type: 'aws:cloudformation:stack', properties } };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '48.0.0', artifacts }));
  return directory;
}

describe('a stack with a service of its own', () => {
  it('is created as the CDK writes it, and its tasks become healthy targets', async () => {
    const region = createRegion();
    region.ecr.createRepository({ repositoryName: 'api' });
    region.ecr.pushImage({ repositoryName: 'api', image: imageManifest({ seedText: 'api' }), tag: '1' });
    const until = (isDone: () => boolean, what: string, limitMs: number) =>
      region.kernel.runUntil(isDone, what, limitMs);
    await loadAssembly({ ...region, until, ssmParameter: () => undefined }, assembly());
    // The template says nothing of a count: one task, until the scalable target wants two.
    expect(region.ecs.serviceView('prod', 'api')).toMatchObject({ desiredCount: 1, running: 1, isSteady: true });
    const isScaled = (): boolean => region.ecs.serviceView('prod', 'api').running === 2;
    await region.kernel.runUntil(isScaled, 'two tasks', 600_000);
    await region.kernel.runUntil(() => region.ecs.serviceView('prod', 'api').isSteady, 'healthy targets', 600_000);
    expect(region.ecs.serviceView('prod', 'api').deployments).toMatchObject([{ healthy: 2, failedTasks: 0 }]);
  });
});
