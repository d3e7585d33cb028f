import { expect, it } from 'vitest';
import { registryHints } from '../../../cli/verbs/sandbox/registry-hints.ts';
import type { World } from '../../../rehearsal/world.ts';

it.each([
  [{ kind: 'exact', tag: 'live' } as const, 'live'],
  [{ kind: 'glob', pattern: 'v*' } as const, 'v3'],
])('the sandbox says how to push an image, with the names of its service: %o', (tagPolicy, tag) => {
  const config = { repository: 'team/api', tagPolicy } as World['config'];
  const image = `127.0.0.1:4567/team/api:${tag}`;
  const lines = registryHints([{ config, platform: 'linux/arm64' }], '127.0.0.1:4567');
  expect(lines.filter((line) => line.startsWith('  '))).toEqual([
    '  aws ecr get-login-password | docker login --username AWS --password-stdin 127.0.0.1:4567',
    `  docker build --platform linux/arm64 -t ${image} .`,
    `  docker push ${image}`,
    `  skopeo copy --dest-tls-verify=false --dest-creds "AWS:$(aws ecr get-login-password)" docker-daemon:${image} docker://${image}`,
  ]);
  expect(lines.join(' ')).toMatch(/With Docker Desktop, .* use skopeo instead of docker push:/);
});

it('the sandbox says for each of several services how to push, and once how to log in', () => {
  const worlds = ['team/api', 'team/web'].map((repository) => ({
    config: { repository, tagPolicy: { kind: 'exact', tag: 'live' } } as World['config'],
    platform: 'linux/amd64',
  }));
  const lines = registryHints(worlds, '127.0.0.1:4567').filter((line) => line.startsWith('  '));
  expect(lines.map((line) => line.trim().split(' ').slice(0, 2).join(' '))).toEqual([
    'aws ecr',
    ...['docker build', 'docker push', 'docker build', 'docker push'],
    ...['skopeo copy', 'skopeo copy'],
  ]);
  expect(lines.filter((line) => line.includes('/team/web:live'))).toHaveLength(3);
});
