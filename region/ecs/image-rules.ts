import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { refuse } from './client-exception.ts';

/** An image in a private registry of ECR. */
export const ECR_IMAGE = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//;

/** API reference, ContainerDefinition.image: what may stand in it, and its length up to a digest. */
const CHARACTERS = /^[A-Za-z0-9_.:/#@-]+$/;
const MAX_LENGTH = 255;
/** A path as registries take it, behind a host that has a dot, a port or the name localhost. */
const REPOSITORY =
  /^((?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?|[A-Za-z0-9-]+:\d+|localhost)\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Refuses an image that names none, and credentials for a registry where ECS has its own. */
export function checkImage({ name, image, repositoryCredentials }: ContainerDefinition): void {
  if (!image) refuse('Container.image should not be null or empty.');
  if (!CHARACTERS.test(image)) refuse('Container.image contains invalid characters.');
  const [tagged = '', ...digests] = image.split('@');
  if (tagged.length > MAX_LENGTH)
    refuse(`Container.image of container '${name}' is longer than ${MAX_LENGTH} characters.`);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  const repository = colon < 0 ? tagged : tagged.slice(0, colon);
  if (!REPOSITORY.test(repository)) refuse('Container.image repository contains invalid characters.');
  if (colon >= 0 && !TAG.test(tagged.slice(colon + 1))) refuse('Container.image tag contains invalid characters.');
  if (digests.length > 1 || digests.some((digest) => !DIGEST.test(digest)))
    refuse(`Container.image digest of container '${name}' is not sha256: and 64 hexadecimal digits.`);
  if (repositoryCredentials && ECR_IMAGE.test(image))
    refuse('Private repository credentials are not a supported authentication method for ECR repositories.');
}
