import { App, Stack } from 'aws-cdk-lib/core';
import { expect, it } from 'vitest';
import { RegistryRepository } from '../../infra/registry.ts';
import { temporaryDirectory } from './temporary.ts';

/** The repository's properties in the template. */
function repositoryWith(movingTags: readonly string[]): unknown {
  const app = new App({
    outdir: temporaryDirectory(),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new Stack(app, 'Foundation');
  new RegistryRepository(stack, 'Repository', { repositoryName: 'team/api', movingTags, imagesKept: 9 });
  const { template } = app.synth().getStackByName('Foundation') as {
    template: { readonly Resources: Readonly<Record<string, { readonly Properties: unknown }>> };
  };
  return Object.values(template.Resources)[0]!.Properties;
}

it.each([[[]], [['live']], [['live', 'edge-*']]])('lets no tag move but the ones that keep images and %j', (tags) => {
  expect(repositoryWith(tags)).toMatchObject({
    ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    ImageTagMutabilityExclusionFilters: ['rollouts-keep-*', ...tags].map((tag) => ({
      ImageTagMutabilityExclusionFilterType: 'WILDCARD',
      ImageTagMutabilityExclusionFilterValue: tag,
    })),
  });
});
