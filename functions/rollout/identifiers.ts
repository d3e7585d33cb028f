declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** `sha256:` and 64 lower-case hexadecimal digits. */
export type ImageDigest = Brand<'ImageDigest'>;
/** `arn:aws:ecs:…:task-definition/family:revision`. */
export type TaskDefinitionArn = Brand<'TaskDefinitionArn'>;
/** ECS's id of a deployment, `ecs-svc/…`. */
export type DeploymentId = Brand<'DeploymentId'>;

/** How a digest is written, all of it. */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** The text as a digest, or undefined when it is none. */
export function asImageDigest(text: unknown): ImageDigest | undefined {
  return typeof text === 'string' && DIGEST.test(text) ? (text as ImageDigest) : undefined;
}

/** What AWS names as a task definition revision, taken at its word. */
export function asTaskDefinitionArn(text: string): TaskDefinitionArn {
  return text as TaskDefinitionArn;
}

/** What ECS names as a deployment, taken at its word. */
export function asDeploymentId(text: string): DeploymentId {
  return text as DeploymentId;
}

/** The digest by which an image is pinned, `repository@sha256:…`; undefined when it is not. */
export function digestIn(image: string | undefined): ImageDigest | undefined {
  return asImageDigest(image?.split('@')[1]);
}

/** What {@link isImageTag} asks for, in words (https://docs.docker.com/reference/cli/docker/image/tag/). */
export const TAG_GRAMMAR = 'a tag has 1 to 128 letters, digits, "_", "." and "-", and begins with none of the last two';

/** True for what Docker's tag grammar allows (ECR's model alone would allow 300 arbitrary characters). */
export function isImageTag(text: unknown): text is string {
  return typeof text === 'string' && TAG.test(text);
}

/** Text from outside made fit for logs and messages: one line, bounded, with nothing that steers a terminal or turns its direction. */
export function plainText(text: string, maxLength = 500): string {
  const line = text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ').trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}

/** A digest as people read it: `sha256:` and twelve digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

/** `api:42` of an ARN. */
export function revisionName(taskDefinitionArn: string): string {
  return taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1);
}
