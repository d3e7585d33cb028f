import { containersIn } from './task-definition-facts.ts';
import { plainText } from './identifiers.ts';
import type { RawTaskDefinition } from './next-revision.ts';

/** What is kept of a container's log beside the task that a verdict names. */
export interface TaskLog {
  /** Its last lines, oldest first; at most {@link LINES_KEPT}. */
  readonly logLines?: readonly string[] | undefined;
  /** Why there are none, in a sentence. */
  readonly logNote?: string | undefined;
  /** Where there are none and it is known where they are: what reads them, for a shell. */
  readonly logCommand?: string | undefined;
}

/** Where a container writes by the driver `awslogs`. */
export interface LogPlace {
  readonly group: string;
  readonly stream: string;
  readonly region: string;
}

/** Lines that are kept of one container, and that its log is read for. */
export const LINES_KEPT = 20;
/** What they take at most, in UTF-8 and with a line end each: an e-mail of 256 KB holds them, and so does an item of DynamoDB. */
const BYTES_KEPT = 4096;

/**
 * The last lines of log events, oldest first: whole ones as far as they fit, and the beginning of the last where it alone does
 * not. An event may hold several lines. Nothing in them moves a cursor or turns the direction of text.
 */
export function lastLines(messages: readonly string[], count = LINES_KEPT, bytesMax = BYTES_KEPT): string[] {
  const lines = messages.flatMap(linesOf).slice(-count);
  let bytes = 0;
  const begin = 1 + lines.findLastIndex((line) => (bytes += Buffer.byteLength(line) + 1) > bytesMax);
  const last = lines.at(-1);
  if (last === undefined || begin < lines.length) return lines.slice(begin);
  return [beginningOf(last, bytesMax - 1)];
}

const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

function linesOf(message: string): string[] {
  return message
    .split(LINE_END)
    .map(plainLine)
    .filter((line) => line !== '');
}

/** What colours text and moves the cursor (ECMA-48), all of it: without its first character the rest would stay as litter. */
const SEQUENCES = new RegExp(
  String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c\u009d]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]`,
  'gu',
);
const CONTROLS = /[\p{Cc}\p{Bidi_Control}]+/gu;
/** Half a character, which UTF-8 does not have. */
const LONE_SURROGATES = /\p{Cs}/gu;

/** A line as it only says something; its indentation tells what belongs to what. */
function plainLine(line: string): string {
  return line.replace(SEQUENCES, '').replace(CONTROLS, ' ').replace(LONE_SURROGATES, '\ufffd').trimEnd();
}

/** As many whole characters as fit, an ellipsis included. */
function beginningOf(line: string, bytesMax: number): string {
  let [kept, bytes] = ['', Buffer.byteLength('…')];
  for (const sign of line) {
    bytes += Buffer.byteLength(sign);
    if (bytes > bytesMax) break;
    kept += sign;
  }
  return `${kept}…`;
}

/** A container's log configuration as a raw task definition has it. */
interface LogConfiguration {
  readonly logDriver?: string;
  readonly options?: Readonly<Record<string, string>> | null;
}

/** The log group that a container's log configuration names for `awslogs`; undefined with another driver, or without a name. */
export function awslogsGroup(configuration: unknown): string | undefined {
  const { logDriver, options } = (configuration ?? {}) as LogConfiguration;
  return (logDriver === 'awslogs' && options?.['awslogs-group']) || undefined;
}

/**
 * Where a container of a task writes, or why nobody can say, in a sentence. ECS names a stream
 * `prefix-name/container-name/ecs-task-id` (developer guide, "Send Amazon ECS logs to CloudWatch"); Fargate wants the prefix.
 */
export function logPlaceOf(definition: RawTaskDefinition, container: string, taskArn: string): LogPlace | string {
  const described = containersIn(definition).find(({ name }) => name === container);
  const { logDriver, options } = (described?.logConfiguration ?? {}) as LogConfiguration;
  if (logDriver === undefined) return `Container ${container} has no log configuration.`;
  if (logDriver !== 'awslogs')
    return `Container ${container} logs through ${plainText(logDriver, 50)}, not to CloudWatch Logs.`;
  const [group, prefix] = [awslogsGroup(described?.logConfiguration), options?.['awslogs-stream-prefix']];
  if (!group || !prefix)
    return `Container ${container} names no log group and stream prefix among the options of awslogs.`;
  const [, , , ownRegion = ''] = taskArn.split(':');
  const stream = `${prefix}/${container}/${taskArn.slice(taskArn.lastIndexOf('/') + 1)}`;
  return { group, stream, region: options?.['awslogs-region'] ?? ownRegion };
}

/** What reads the last lines of a log, for a POSIX shell. */
export function logCommand({ group, stream, region }: LogPlace): string {
  const options = { region, 'log-group-name': group, 'log-stream-name': stream, limit: String(LINES_KEPT) };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, shellWord(value)]);
  return `aws logs get-log-events ${words.join(' ')} --query 'events[].message' --output text`;
}

function shellWord(text: string): string {
  const word = plainText(text, 512);
  return /^[\w./:#-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
