import type { RolloutConfig } from './config.ts';
import { asImageDigest, isImageTag, plainText, type ImageDigest } from './identifiers.ts';

/** Why an execution was started and what it asks for. Times are milliseconds since the epoch. */
export type Intent =
  | { readonly kind: 'push'; readonly tag: string; readonly digest: ImageDigest; readonly at: number }
  | { readonly kind: 'person'; readonly tag?: string; readonly digest?: ImageDigest }
  | { readonly kind: 'tick' };

/** What could not be understood, with the remedy. */
export interface MalformedInput {
  readonly kind: 'malformed';
  readonly message: string;
}

const LATER: Readonly<Record<string, string>> = {
  rollback: 'name the image to go back to instead: { "image": { "digest": "sha256:…" } }',
  force: 'name the image instead: { "image": { "digest": "sha256:…" } }',
};

/** Reads an execution's input. It can only say which image; service, cluster and roles come from the deployed configuration. */
export function parseIntent(input: unknown, config: Pick<RolloutConfig, 'repository'>): Intent | MalformedInput {
  if (!isRecord(input))
    return malformed(`the input is ${describe(input)}, not a JSON object`, 'start with {} or { "image": … }');
  if ('detail-type' in input || 'source' in input) return parsePush(input, config);
  const unsupported = Object.keys(input).find((key) => Object.hasOwn(LATER, key));
  if (unsupported) return malformed(`"${unsupported}" is not supported yet`, LATER[unsupported]!);
  const unknown = Object.keys(input).filter((key) => key !== 'image' && key !== 'tick');
  if (unknown.length > 0) return malformed(`unknown member ${describe(unknown[0])}`, 'the only member is "image"');
  if (input['tick'] === true && !('image' in input)) return { kind: 'tick' };
  if ('tick' in input) return malformed(`"tick" is ${describe(input['tick'])}`, 'leave "tick" to the schedule');
  return 'image' in input ? parseImage(input['image']) : { kind: 'person' };
}

function parseImage(image: unknown): Intent | MalformedInput {
  if (!isRecord(image))
    return malformed(
      `"image" is ${describe(image)}`,
      'write { "image": { "tag": "…" } } or { "image": { "digest": "sha256:…" } }',
    );
  const keys = Object.keys(image);
  if (keys.length !== 1)
    return malformed(`"image" has the members ${describe(keys)}`, 'give exactly one of "tag" and "digest"');
  if (keys[0] === 'tag') {
    const { tag } = image;
    return isImageTag(tag)
      ? { kind: 'person', tag }
      : malformed(`"image.tag" is ${describe(tag)}`, 'a tag has 1 to 128 of A-Z a-z 0-9 _ . -');
  }
  if (keys[0] === 'digest') {
    const digest = asImageDigest(image['digest']);
    return digest
      ? { kind: 'person', digest }
      : malformed(`"image.digest" is ${describe(image['digest'])}`, 'write sha256: and 64 hexadecimal digits');
  }
  return malformed(`"image" has the unknown member ${describe(keys[0])}`, 'give "tag" or "digest"');
}

/** An ECR Image Action event as EventBridge passes it whole (Amazon ECR user guide, "Amazon ECR events and EventBridge"). */
function parsePush(
  event: Readonly<Record<string, unknown>>,
  config: Pick<RolloutConfig, 'repository'>,
): Intent | MalformedInput {
  const detail = isRecord(event['detail']) ? event['detail'] : {};
  if (event['source'] !== 'aws.ecr' || event['detail-type'] !== 'ECR Image Action') {
    return malformed(
      `the event is ${describe(event['detail-type'])} from ${describe(event['source'])}`,
      'only "ECR Image Action" events of aws.ecr start a rollout',
    );
  }
  if (detail['action-type'] !== 'PUSH' || detail['result'] !== 'SUCCESS') {
    return malformed(
      `the action is ${describe(detail['action-type'])} ${describe(detail['result'])}`,
      'only a successful PUSH starts a rollout',
    );
  }
  if (detail['repository-name'] !== config.repository) {
    return malformed(
      `the event concerns repository ${describe(detail['repository-name'])}`,
      `this service follows ${config.repository}`,
    );
  }
  const digest = asImageDigest(detail['image-digest']);
  const tag = detail['image-tag'];
  const at = typeof event['time'] === 'string' ? Date.parse(event['time']) : Number.NaN;
  if (!digest || !isImageTag(tag) || Number.isNaN(at)) {
    return malformed(
      `digest, tag and time are ${describe([detail['image-digest'], tag, event['time']])}`,
      'an event needs all three',
    );
  }
  return { kind: 'push', tag, digest, at };
}

function malformed(found: string, remedy: string): MalformedInput {
  return { kind: 'malformed', message: `${found}: ${remedy}.` };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  return plainText(JSON.stringify(value) ?? 'undefined', 120);
}
