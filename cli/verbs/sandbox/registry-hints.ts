import { nextTag } from '../../../rehearsal/cell/cell-config.ts';
import type { World } from '../../../rehearsal/world.ts';
import { wrapped } from '../../terminal/layout.ts';

/** After the two sample images. */
const PUSH = 3;

/** How to push an image that someone has built into the region behind `host` (`127.0.0.1:4566`), for each service, as lines to paste. */
export function registryHints(worlds: readonly Pick<World, 'config' | 'platform'>[], host: string): string[] {
  const builds = worlds.map(({ config, platform }) => ({
    platform,
    image: `${host}/${config.repository}:${nextTag(config.tagPolicy, PUSH)}`,
  }));
  const login = '--dest-tls-verify=false --dest-creds "AWS:$(aws ecr get-login-password)"';
  return [
    '',
    ...wrapped(
      'To push an image of your own (a line LABEL rehearsal.behaviour=crash in its Dockerfile makes it fail):',
    ),
    `  aws ecr get-login-password | docker login --username AWS --password-stdin ${host}`,
    ...builds.flatMap(({ image, platform }) => [
      `  docker build --platform ${platform} -t ${image} .`,
      `  docker push ${image}`,
    ]),
    ...wrapped('With Docker Desktop, whose daemon cannot reach your loopback, use skopeo instead of docker push:'),
    ...builds.map(({ image }) => `  skopeo copy ${login} docker-daemon:${image} docker://${image}`),
  ];
}
