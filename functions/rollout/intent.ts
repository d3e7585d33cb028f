import type { RolloutConfig } from './config.ts';
import { asImageDigest, isImageTag, plainText, TAG_GRAMMAR, type ImageDigest } from './identifiers.ts';

/** Why an execution was started and what it asks for. Times are milliseconds since the epoch. */
export type Intent =
  | {
      readonly kind: 'push';
      readonly tag: string;
      readonly digest: ImageDigest;
      readonly at: number;
      /** What ECR takes it for; undefined for an index. */
      readonly artifactMediaType?: string | undefined;
      /** Somebody started it with an event as input: it may be rolled, but is no second wish for what failed or was left alone. */
      readonly isReplayed?: true | undefined;
    }
  | ({ readonly kind: 'person' } & PersonsRequest)
  | { readonly kind: 'tick' };

/** Who started an execution, as far as its name and its input tell; whoever may start one may also claim to be another. */
export type Trigger = 'push' | 'replayed' | 'person' | 'tick';

/** The execution that an input came with. */
export interface IntentContext {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What a person asks for, kept with the rollout; empty for `{}`, what the tag policy selects. */
export interface PersonsRequest {
  readonly tag?: string;
  readonly digest?: ImageDigest;
  /** Back to a proven image: `true` means the newest one that does not run. Never beside `tag` or `digest`. */
  readonly rollback?: true | { readonly to: ImageDigest };
  /** Roll though it runs already or is quarantined; never without `reason`. */
  readonly force?: true;
  /** Rolls nothing: someone looks at what needs them, and says who they are. Alone, and never without `reason`. */
  readonly acknowledge?: { readonly by: string };
  /** The person's own words: one line of 1 to {@link REASON_MAX} printable characters. */
  readonly reason?: string;
}

/** What could not be understood, with the remedy. */
export interface MalformedInput {
  readonly kind: 'malformed';
  readonly message: string;
  readonly trigger: Exclude<Trigger, 'tick'>;
}

type Refused = Omit<MalformedInput, 'trigger'>;

const REASON_MAX = 256;
const MEMBERS = ['image', 'rollback', 'force', 'acknowledge', 'reason', 'tick'];

/**
 * Reads an execution's input. It says which image, and why; service, cluster and roles come from the deployed configuration.
 * Without an execution, an event is taken as EventBridge's and at its word.
 */
export function parseIntent(
  input: unknown,
  config: Pick<RolloutConfig, 'repository'>,
  execution?: IntentContext,
): Intent | MalformedInput {
  const isByHand = execution !== undefined && !isEventBridges(input, execution);
  const intent = parseInput(input, config);
  if (intent.kind === 'malformed') return { ...intent, trigger: triggerOf(input, isByHand) };
  if (intent.kind !== 'push') return intent;
  // An event tells of what has happened: a time to come would outrank every push until then.
  return { ...intent, at: Math.min(intent.at, execution?.startedAt ?? intent.at), isReplayed: isByHand || undefined };
}

/** Who started the execution of an intent. */
export function triggerOfIntent(intent: Intent | MalformedInput): Trigger {
  if (intent.kind === 'malformed') return intent.trigger;
  return intent.kind === 'push' && intent.isReplayed ? 'replayed' : intent.kind;
}

function triggerOf(input: unknown, isByHand: boolean): MalformedInput['trigger'] {
  if (!isEvent(input)) return 'person';
  return isByHand ? 'replayed' : 'push';
}

/**
 * An event's id is a UUID (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html); the `1` that somebody
 * writes begins many a name.
 */
const EVENT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * EventBridge names an execution by the event's id (observed, https://yufushiro.dev/articles/20250827_eventbridge_sfn_dedup; not
 * documented). A hint, not a proof: a name can be chosen.
 */
function isEventBridges(input: unknown, { name }: Pick<IntentContext, 'name'>): boolean {
  if (!isEvent(input)) return false;
  const { id } = input;
  return typeof id === 'string' && EVENT_ID.test(id) && name.startsWith(id);
}

function isEvent(input: unknown): input is Readonly<Record<string, unknown>> {
  return isRecord(input) && ('detail-type' in input || 'source' in input);
}

function parseInput(input: unknown, config: Pick<RolloutConfig, 'repository'>): Intent | Refused {
  if (!isRecord(input))
    return malformed(`the input is ${describe(input)}, not a JSON object`, 'start with {} or { "image": … }');
  if (isEvent(input)) return parsePush(input, config);
  const unknown = Object.keys(input).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined)
    return malformed(
      `unknown member ${describe(unknown)}`,
      'the members are "image", "rollback", "force", "acknowledge" and "reason"',
    );
  if (!('tick' in input)) return parseRequest(input);
  return input['tick'] === true && Object.keys(input).length === 1
    ? { kind: 'tick' }
    : malformed(`"tick" is ${describe(input['tick'])}`, 'leave "tick" to the schedule');
}

function parseRequest(input: Readonly<Record<string, unknown>>): Intent | Refused {
  if ('image' in input && 'rollback' in input)
    return malformed('both "image" and "rollback" are given', 'name an image, or go back to a proven one');
  const parts = [
    'image' in input ? parseImage(input['image']) : {},
    'rollback' in input ? parseRollback(input['rollback']) : {},
    'reason' in input ? parseReason(input['reason']) : {},
    'force' in input ? parseForce(input) : {},
    'acknowledge' in input ? parseAcknowledgement(input) : {},
  ];
  const request: PersonsRequest = Object.assign({}, ...parts);
  return parts.find(isMalformed) ?? { ...request, kind: 'person' };
}

function parseRollback(rollback: unknown): PersonsRequest | Refused {
  if (rollback === true) return { rollback };
  const digest = isRecord(rollback) && Object.keys(rollback).length === 1 ? asImageDigest(rollback['to']) : undefined;
  if (digest) return { rollback: { to: digest } };
  return malformed(
    `"rollback" is ${describe(rollback)}`,
    'write { "rollback": true } or { "rollback": { "to": "sha256:… and 64 hexadecimal digits" } }',
  );
}

function parseForce({ force, reason }: Readonly<Record<string, unknown>>): PersonsRequest | Refused {
  if (force !== true) return malformed(`"force" is ${describe(force)}`, 'write true, or leave it out');
  if (reason === undefined) return malformed('"force" is given without "reason"', 'say why: { …, "reason": "…" }');
  return { force };
}

/** Whoever may start executions may claim to be anybody; who they are is in CloudTrail. */
function parseAcknowledgement(input: Readonly<Record<string, unknown>>): PersonsRequest | Refused {
  const { acknowledge, reason } = input;
  const others = Object.keys(input).filter((key) => key !== 'acknowledge' && key !== 'reason');
  if (others.length > 0) return malformed(`"acknowledge" is given beside ${describe(others)}`, 'give it alone');
  if (reason === undefined)
    return malformed('"acknowledge" is given without "reason"', 'say why: { …, "reason": "…" }');
  const by = isRecord(acknowledge) && Object.keys(acknowledge).length === 1 ? acknowledge['by'] : undefined;
  if (isPlainLine(by)) return { acknowledge: { by: by.trim() } };
  return malformed(`"acknowledge" is ${describe(acknowledge)}`, 'write { "acknowledge": { "by": "your name" } }');
}

/** Text that could pass for a JSONata expression of the state machine stays out. */
function isPlainLine(text: unknown): text is string {
  const isPlain = typeof text === 'string' && /\S/.test(text) && !/[\p{C}\p{Zl}\p{Zp}]|\{%/u.test(text);
  return isPlain && text.length <= REASON_MAX;
}

/** A reason ends up in logs, history and messages. */
function parseReason(reason: unknown): PersonsRequest | Refused {
  if (isPlainLine(reason)) return { reason: reason.trim() };
  return malformed(
    `"reason" is ${describe(reason)}`,
    `write one line of 1 to ${REASON_MAX} printable characters, without "{%"`,
  );
}

function parseImage(image: unknown): PersonsRequest | Refused {
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
    return isImageTag(tag) ? { tag } : malformed(`"image.tag" is ${describe(tag)}`, TAG_GRAMMAR);
  }
  if (keys[0] === 'digest') {
    const digest = asImageDigest(image['digest']);
    return digest
      ? { digest }
      : malformed(`"image.digest" is ${describe(image['digest'])}`, 'write sha256: and 64 hexadecimal digits');
  }
  return malformed(`"image" has the unknown member ${describe(keys[0])}`, 'give "tag" or "digest"');
}

/** What brings an image: a push here, or one elsewhere that ECR replicates to this registry. */
const ACTIONS: ReadonlyMap<unknown, string> = new Map([
  ['ECR Image Action', 'PUSH'],
  ['ECR Replication Action', 'REPLICATE'],
]);

/** An event of ECR as EventBridge passes it whole (Amazon ECR user guide, "Amazon ECR events and EventBridge"). */
function parsePush(
  event: Readonly<Record<string, unknown>>,
  config: Pick<RolloutConfig, 'repository'>,
): Intent | Refused {
  const detail = isRecord(event['detail']) ? event['detail'] : {};
  const action = ACTIONS.get(event['detail-type']);
  if (event['source'] !== 'aws.ecr' || action === undefined) {
    return malformed(
      `the event is ${describe(event['detail-type'])} from ${describe(event['source'])}`,
      'only "ECR Image Action" and "ECR Replication Action" events of aws.ecr start a rollout',
    );
  }
  if (detail['action-type'] !== action || detail['result'] !== 'SUCCESS') {
    return malformed(
      `the action is ${describe(detail['action-type'])} ${describe(detail['result'])}`,
      `only a successful ${action} starts a rollout`,
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
  const type = detail['artifact-media-type'];
  return { kind: 'push', tag, digest, at, artifactMediaType: typeof type === 'string' ? type : undefined };
}

function malformed(found: string, remedy: string): Refused {
  return { kind: 'malformed', message: `${found}: ${remedy}.` };
}

function isMalformed(part: object): part is Refused {
  return 'kind' in part;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  return plainText(JSON.stringify(value) ?? 'undefined', 120);
}
