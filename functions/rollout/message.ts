import { failureText, taskText, type FailedTask } from './failed-task.ts';
import { chatNotification } from './chat-notification.ts';
import { chatText, chatUrl } from './chat-text.ts';
import { plainText } from './identifiers.ts';
import { leadSentence } from './lead-sentence.ts';
import type { RolloutRecord } from './ledger.ts';
import { kindOf, type ToldKind } from './message-kind.ts';
import { nextCommand, statusCommand } from './next-command.ts';
import { recordLinks } from './record-links.ts';
import type { Telling } from './telling.ts';

/** What is published of a rollout: one message, a body for each kind of reader. */
export interface RolloutMessage {
  readonly kind: ToldKind;
  /** ASCII, fewer than 100 characters (SNS API reference, Publish). */
  readonly subject: string;
  readonly bodies: {
    /** For queues, functions and whatever else reads JSON: the record, or what is known at the start. */
    readonly default: string;
    /** For people: plain text. */
    readonly email: string;
    /** For chat: the schema of custom notifications of Amazon Q Developer in chat applications. */
    readonly https: string;
  };
}

/** SNS takes 262,144 bytes, the object with all bodies and what is in the attributes together. */
const BYTES_MAX = 250_000;
/** Of a subject. */
export const SUBJECT_MAX = 99;
/** Of why a rollout ended as it did: more than any of our sentences, and little enough to be read. */
const WHY_MAX = 1000;

/** Slack shows 3,000 characters in a block (https://docs.slack.dev/reference/block-kit/blocks/section-block); the e-mail has all. */
const CHAT_MAX = 2900;
/** Of links, which are whole or not there: with the longest names of ECS there is room for all. */
const CHAT_LINKS_MAX = 1800;
/** Of the rest, with all that it may have. */
const CHAT_TEXT_MAX = 2300;
const CHAT_LINES = 5;
/** Of a command, which is whole, too. */
const CHAT_COMMAND_MAX = 1000;

/** The message about a rollout that has ended. */
export function messageFor(telling: Telling): RolloutMessage {
  const { record } = telling;
  const bodies = { email: emailText(telling), https: JSON.stringify(chatBody(telling)) };
  const whole = { default: JSON.stringify(record, null, 2), ...bodies };
  const fits = new TextEncoder().encode(JSON.stringify(whole)).length <= BYTES_MAX;
  const subject = `${record.outcome}: ${record.service}`.slice(0, SUBJECT_MAX);
  return {
    kind: kindOf(record),
    subject,
    bodies: fits ? whole : { default: JSON.stringify(shortened(record), null, 2), ...bodies },
  };
}

/** No record of ours is as long as that: whoever reads one that is finds the rest in the history. */
function shortened(record: RolloutRecord): RolloutRecord {
  const { message, reason, failedTasks } = record;
  return {
    ...record,
    reason: plainText(reason, WHY_MAX),
    message: plainText(message, 10 * WHY_MAX),
    failedTasks: failedTasks?.slice(0, 2),
  };
}

/** What people are told of a record, whatever they read it with. */
interface Told {
  readonly lead: string;
  readonly why: string;
  /** The task that decided. */
  readonly task: FailedTask | undefined;
  readonly evidence: string | undefined;
  /** The last that its container wrote, as far as the record has it. */
  readonly logLines: readonly string[];
  readonly when: string;
}

function toldOf({ record, aftermath }: Telling): Told {
  const { reason, failedTasks: [task] = aftermath?.failedTasks ?? [] } = record;
  const message = [record.message, aftermath?.message].filter(Boolean).join(' ');
  const isDone = record.outcome === 'SUCCEEDED';
  return {
    lead: plainText(leadSentence(record), WHY_MAX),
    why: plainText(isDone ? message : `${message} (${reason})`, WHY_MAX),
    task,
    evidence: task && plainText(`${failureText(task)}; task ${taskText(task)}`, WHY_MAX),
    logLines: task?.logLines ?? [],
    when: `started ${utc(record.startedAt)} by ${starterOf(record)}, ended ${utc(record.endedAt)}`,
  };
}

/** Pages of AWS's console, each with its name. */
function linksOf(record: RolloutRecord, task: FailedTask | undefined): (readonly [name: string, url: string])[] {
  const links = recordLinks(record, task);
  if (!links) return [];
  const { execution, service, task: ofTask, log } = links;
  return [
    ['Execution', execution],
    ['Service', service],
    ['Task', ofTask],
    ['Log', log],
  ];
}

/** Ten lines: the sentence, why, what proves it, when, what to type, and where to look; log lines come on top. */
function emailText(telling: Telling): string {
  const { record } = telling;
  const { lead, why, task, evidence, when, logLines } = toldOf(telling);
  return [
    lead,
    '',
    `Why: ${why}`,
    ...(evidence === undefined ? [] : [`Evidence: ${evidence}`]),
    ...logLines.map((line) => `  | ${plainText(line)}`),
    `When: ${when}`,
    `Next: ${nextCommand(record)}`,
    ...linksOf(record, task).map(([name, url]) => `${name}: ${url}`),
  ].join('\n');
}

function chatBody(telling: Telling): object {
  const { record } = telling;
  const { rolloutId, service, outcome, executionArn, taskDefinition } = record;
  const told = toldOf(telling);
  return chatNotification({
    id: rolloutId,
    rolloutId,
    service,
    word: outcome,
    lead: told.lead,
    description: chatDescription(record, told),
    nextCommand: nextInChat(record),
    relatedResources: [executionArn, ...(taskDefinition === undefined ? [] : [taskDefinition])],
    additionalContext: { rolloutId, service, outcome },
  });
}

/** All of it where it fits, else each text in proportion; the links at its end are never cut. */
function chatDescription(record: RolloutRecord, told: Told): readonly string[] {
  const links = chatLinks(record, told.task);
  const room = CHAT_MAX - links.join('\n').length;
  const whole = chatLines(told, 1);
  const fits = whole.join('\n').length < room;
  return [...(fits ? whole : chatLines(told, room / CHAT_TEXT_MAX)), ...links];
}

function chatLines({ lead, why, evidence, when, logLines }: Told, share: number): string[] {
  const text = (of: string, maxLength: number): string => chatText(of, Math.floor(maxLength * share));
  return [
    text(lead, 400),
    `*Why:* ${text(why, 600)}`,
    ...(evidence === undefined ? [] : [`*Evidence:* ${text(evidence, 400)}`]),
    ...logLines.slice(-CHAT_LINES).map((line) => `> ${text(line, 120)}`),
    `*When:* ${text(when, 200)}`,
  ];
}

function chatLinks(record: RolloutRecord, task: FailedTask | undefined): string[] {
  let length = 0;
  const links = linksOf(record, task).map(([name, url]) => `*${name}:* ${chatUrl(url)}`);
  return links.filter((link) => {
    const fits = length + link.length <= CHAT_LINKS_MAX;
    if (fits) length += link.length;
    return fits;
  });
}

function nextInChat(record: RolloutRecord): string {
  const command = nextCommand(record);
  return command.length > CHAT_COMMAND_MAX ? statusCommand(record) : command;
}

function utc(at: number): string {
  return new Date(at).toISOString();
}

/** Who started a rollout. An event that somebody gave as input is theirs. */
export function starterOf({ trigger, request, isTick }: Pick<RolloutRecord, 'trigger' | 'request' | 'isTick'>): string {
  if (request || trigger === 'person' || trigger === 'replayed') return 'someone';
  return isTick || trigger === 'tick' ? 'the tick' : 'a push';
}
