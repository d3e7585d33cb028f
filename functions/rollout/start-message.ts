import { chatNotification } from './chat-notification.ts';
import { chatText, chatUrl } from './chat-text.ts';
import { plainText, revisionName, shortDigest } from './identifiers.ts';
import { image } from './lead-sentence.ts';
import type { StartedRollout } from './ledger.ts';
import { starterOf, SUBJECT_MAX, type RolloutMessage } from './message.ts';
import { STARTED_KIND } from './message-kind.ts';
import { watchCommand } from './next-command.ts';
import { recordLinks } from './record-links.ts';

const WHY_MAX = 1000;

/** The message that a rollout has put its revision on the service. */
export function startMessage(started: StartedRollout): RolloutMessage {
  return {
    kind: STARTED_KIND,
    subject: `${started.state}: ${started.service}`.slice(0, SUBJECT_MAX),
    bodies: {
      default: JSON.stringify(started, null, 2),
      email: emailText(started),
      https: JSON.stringify(chatBody(started)),
    },
  };
}

/** What happens to which image, and what comes back if it fails. */
function leadOf(started: StartedRollout): string {
  const { service, request, taskDefinition, backTo } = started;
  const does = request?.rollback ? 'is going back to' : 'is rolling out';
  const of = backTo?.digest === undefined ? '' : ` (${shortDigest(backTo.digest)})`;
  const otherwise = backTo
    ? `if it fails, ${revisionName(backTo.taskDefinition)}${of} comes back.`
    : 'nothing proven ran before.';
  return plainText(`${service} ${does} ${image(started)} as ${revisionName(taskDefinition)}; ${otherwise}`, WHY_MAX);
}

function whyOf({ message, reason }: StartedRollout): string {
  return plainText(`${message} (${reason})`, WHY_MAX);
}

function whenOf(started: StartedRollout): string {
  return `started ${utc(started.startedAt)} by ${starterOf(started)}, on the service since ${utc(started.rolledAt)}`;
}

/** Pages of AWS's console, each with its name. */
function linksOf(started: StartedRollout): (readonly [name: string, url: string])[] {
  const links = recordLinks(started, undefined);
  if (!links) return [];
  return [
    ['Execution', links.execution],
    ['Service', links.service],
  ];
}

function emailText(started: StartedRollout): string {
  return [
    leadOf(started),
    '',
    `Why: ${whyOf(started)}`,
    `When: ${whenOf(started)}`,
    `Next: ${watchCommand(started)}`,
    ...linksOf(started).map(([name, url]) => `${name}: ${url}`),
  ].join('\n');
}

/** The end of the rollout follows in the same thread, under another id. */
function chatBody(started: StartedRollout): object {
  const { rolloutId, service, state, executionArn, taskDefinition } = started;
  return chatNotification({
    id: `${rolloutId}-started`,
    rolloutId,
    service,
    word: state,
    lead: leadOf(started),
    description: [
      chatText(leadOf(started), 400),
      `*Why:* ${chatText(whyOf(started), 600)}`,
      `*When:* ${chatText(whenOf(started), 200)}`,
      ...linksOf(started).map(([name, url]) => `*${name}:* ${chatUrl(url)}`),
    ],
    nextCommand: watchCommand(started),
    relatedResources: [executionArn, taskDefinition],
    additionalContext: { rolloutId, service, state },
  });
}

function utc(at: number): string {
  return new Date(at).toISOString();
}
