import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../infra/check-configuration.ts';
import type { ServiceConfiguration } from '../../infra/configuration.ts';
import { CPUS, isFargateSize } from '../../infra/fargate-sizes.ts';
import { trustConditions } from '../../infra/github-access.ts';
import { synthesize } from '../../infra/synthesize.ts';

const SERVICE: ServiceConfiguration = { repository: 'team/api', container: 'api', tag: { glob: '*' } };
const FULL: ServiceConfiguration = {
  ...SERVICE,
  registry: {},
  github: { repository: 'octo-org/api', environment: 'production' },
  provision: { port: 8000 },
};
const check = (service: object): unknown => checkConfiguration({ services: [{ ...SERVICE, ...service }] }, 'test');

describe('sizes', () => {
  it('are exactly the 74 pairs that Fargate offers up to 16 vCPU', () => {
    const memories = Array.from({ length: 240 }, (_, index) => (index + 1) * 512);
    const pairs = CPUS.flatMap((cpu) => memories.filter((memoryMiB) => isFargateSize(cpu, memoryMiB)));
    expect(pairs).toHaveLength(74);
  });

  it.each([
    [{ cpu: 256, memoryMiB: 4096 }, 'with cpu 256 take memoryMiB 2048; memoryMiB 4096 goes with cpu 512, 1024, 2048'],
    [{ cpu: 8192, memoryMiB: 17_408 }, 'with cpu 8192 take memoryMiB 16384 or 20480'],
    [{ cpu: 300 }, 'take one of 256, 512, 1024'],
    [{ ephemeralStorageGiB: 20 }, 'give GiB'],
  ])('of %j are refused, and the remedy names what is near', (size, remedy) => {
    expect(() => check({ provision: { port: 8000, ...size } })).toThrow(remedy);
  });
});

describe('a GitHub repository', () => {
  it.each(['*/api', 'octo-org/*', 'octo-org@1/api', 'api', 'octo-org/a/b', '-x/api'])(
    'called %s is refused',
    (name) => {
      expect(() => check({ github: { repository: name, branch: 'main' } })).toThrow('services[0].github.repository');
    },
  );

  it('is trusted word by word when its ids are pinned', () => {
    const origin = 'environment:production';
    const conditions = trustConditions({ owner: 'o', name: 'r', ownerId: '1', repositoryId: '2', origin });
    expect(Object.keys(conditions)).toEqual(['StringEquals']);
    expect(conditions['StringEquals']).toMatchObject({
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': [`repo:o/r:${origin}`, `repo:o@1/r@2:${origin}`],
      'token.actions.githubusercontent.com:repository_id': '2',
      'token.actions.githubusercontent.com:repository_owner_id': '1',
    });
  });

  it('has wildcards only where an id is unknown', () => {
    const conditions = trustConditions({ owner: 'o', name: 'r', origin: 'ref:refs/heads/main' });
    expect(conditions['StringLike']).toEqual({
      'token.actions.githubusercontent.com:sub': ['repo:o/r:ref:refs/heads/main', 'repo:o@*/r@*:ref:refs/heads/main'],
    });
  });
});

it('refuses a service that nobody could call healthy, and two that create one cluster', () => {
  expect(() => check({ provision: { port: 1, healthCheck: false } })).toThrow('nobody who could say');
  const twice = [FULL, { ...FULL, repository: 'team/web', service: 'web', cluster: 'api' }];
  expect(() => checkConfiguration({ services: twice }, 'test')).toThrow('would create the cluster api');
});

it.each<[string, Partial<NonNullable<ServiceConfiguration['provision']>>]>([
  ['of its own', {}],
  ['behind a load balancer, scaled', { loadBalancer: {}, scaling: { minCount: 1, maxCount: 4 } }],
  ['that exists', { cluster: 'existing', network: { vpcId: 'vpc-12345678', subnetIds: ['subnet-12345678'] } }],
])('passes cdk-nag with a network %s', async (_what, changes) => {
  const service = { ...FULL, provision: { port: 8000, ...changes } };
  const outdir = mkdtempSync(join(tmpdir(), 'provisioning-'));
  await expect(
    synthesize(checkConfiguration({ services: [service] }, 'test'), { outdir, validate: true }),
  ).resolves.toBe(outdir);
});
