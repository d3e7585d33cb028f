import type { Chronicle, ChronicledEvent, ChronicledTask } from './chronicle.ts';
import { KIND_WORDS, isBad } from './event-words.ts';
import type { Episode } from './episodes.ts';
import { markup, rendered, type Content, type Markup } from './markup.ts';
import { lookOf } from './outcome-looks.ts';
import { InlineSign } from './scene-svg.tsx';
import { failureOf } from './stages.ts';
import { elapsed, span } from './times.ts';

/** A table that scrolls sideways where it is wider than the window, by keyboard too; its roles stay where a look takes its columns apart. */
export function table(caption: string, heads: readonly string[], rows: readonly Markup[], look = ''): Markup {
  const columns = heads.map((head) => markup`<th scope="col" role="columnheader">${head}</th>`);
  return markup`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table role="table" class="${look}"><caption>${caption}</caption><thead role="rowgroup"><tr role="row">${columns}</tr></thead><tbody role="rowgroup">${rows}</tbody></table></div>`;
}

/** Longer cells than this wrap. */
const LONG = 36;

function row(cells: readonly Content[], id?: string, look = ''): Markup {
  const written = cells.map((cell) =>
    typeof cell === 'string' && cell.length > LONG
      ? markup`<td role="cell" class="long">${cell}</td>`
      : markup`<td role="cell">${cell}</td>`,
  );
  return id === undefined
    ? markup`<tr role="row" class="${look}">${written}</tr>`
    : markup`<tr role="row" id="${id}" class="${look}">${written}</tr>`;
}

/** A moment as the axis shows it, with tenths. */
function moment(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  return seconds < 0 ? 'before' : elapsed(seconds, 1);
}

/** Each rollout with its end and what it said; a number leads to its picture. */
export function endsOf({ rollouts, endedAt: now }: Chronicle, linkOf: (number: number) => string): Markup {
  const ends = rollouts.map(({ startedAt, endedAt = now, outcome, message = '', image = '' }, index) => {
    const look = lookOf(outcome);
    const number = index + 1;
    return markup`<li><a href="#${linkOf(number)}" aria-label="the picture of rollout ${number}">${number}</a><span class="outcome ${look.tone}">${rendered(InlineSign, { shape: `${look.shape} ${look.tone}` })} ${look.word}</span><span class="image">${image}</span><span class="when">${elapsed(startedAt)}, took ${span(endedAt - startedAt)}</span><span class="said">${message}</span></li>`;
  });
  return markup`<ol class="ends">${ends}</ol>`;
}

/** Each rollout, with all that is known of it. */
export function rolloutTable({ rollouts }: Chronicle): Markup {
  const rows = rollouts.map(({ id, startedAt, endedAt, outcome, message = '–', image = '–' }, index) =>
    row([
      index + 1,
      outcome,
      image,
      moment(startedAt),
      moment(endedAt),
      endedAt === undefined ? '–' : span(endedAt - startedAt),
      markup`<span class="mono">${id}</span>`,
      message,
    ]),
  );
  return table('Rollouts', ['Rollout', 'Outcome', 'Image', 'Started', 'Ended', 'Took', 'Id', 'What it said'], rows);
}

/** What happened in an episode, numbered as in its picture. */
export function eventTable(events: readonly ChronicledEvent[], prefix: string): Markup {
  const rows = events.map((event, index) => {
    const { at, until, kind, text } = event;
    const lasted = until === undefined ? '' : ` (${span(until - at)})`;
    return row(
      [index + 1, moment(at), at.toFixed(1), KIND_WORDS[kind], `${text}${lasted}`],
      `${prefix}${index + 1}`,
      isBad(event) ? 'bad' : '',
    );
  });
  return table('What happened', ['No.', 'At', 'Seconds', 'What', 'In words'], rows, 'events');
}

/** When each rollout was in which state. */
export function stateTable({ rollouts }: Chronicle): Markup {
  const rows = rollouts.flatMap(({ states, endedAt }, index) =>
    states.map(({ name, enteredAt, leftAt = endedAt }) =>
      row([index + 1, name, moment(enteredAt), moment(leftAt), leftAt === undefined ? '–' : span(leftAt - enteredAt)]),
    ),
  );
  return table('States of the machine', ['Rollout', 'State', 'Entered', 'Left', 'Took'], rows);
}

const TASK_TIMES: readonly (readonly [string, keyof ChronicledTask & `${string}At`])[] = [
  ['Created', 'createdAt'],
  ['Pull', 'pullStartedAt'],
  ['Pulled', 'pullStoppedAt'],
  ['Started', 'startedAt'],
  ['Healthy', 'healthyAt'],
  ['Told to stop', 'stoppingAt'],
  ['Draining', 'drainingAt'],
  ['Drained', 'drainedAt'],
  ['Ended', 'executionStoppedAt'],
  ['Stopped', 'stoppedAt'],
];

/** The life of each task. */
export function taskTable({ tasks, deployments }: Chronicle): Markup {
  const heads = [
    'Task',
    'Revision',
    'Image',
    ...TASK_TIMES.map(([head]) => head),
    'Failed',
    'Stop code',
    'Reason',
    'Containers',
  ];
  const rows = tasks.map((task) => {
    const deployment = deployments.find(({ id }) => id === task.deploymentId);
    return row([
      markup`<span class="mono">${task.taskId}</span>`,
      deployment?.revision ?? '–',
      deployment?.image ?? '–',
      ...TASK_TIMES.map(([, member]) => moment(task[member])),
      failureOf(task) ?? '–',
      task.stopCode ?? '–',
      task.stoppedReason ?? '–',
      containersOf(task),
    ]);
  });
  return table('Tasks', heads, rows, 'tasks');
}

function containersOf({ containers }: ChronicledTask): string {
  const told = containers.flatMap(({ name, exitCode, reason }) => {
    const exit = exitCode === undefined ? [] : [`exit ${exitCode}`];
    const why = reason === undefined ? [] : [reason];
    return exit.length + why.length === 0 ? [] : [`${name}: ${[...exit, ...why].join(', ')}`];
  });
  return told.join('; ') || '–';
}

/** What ECS deployed, and who made it. */
export function deploymentTable({ deployments }: Chronicle): Markup {
  const rows = deployments.map(({ id, revision, image = '–', by, beganAt }) =>
    row([
      markup`<span class="mono">${id}</span>`,
      revision,
      image,
      by === 'before' ? 'ran before' : by,
      moment(beganAt),
    ]),
  );
  return table('Deployments', ['Deployment', 'Revision', 'Image', 'By', 'Began'], rows);
}

/** How many tasks were wanted. */
export function desiredTable({ desiredCounts }: Chronicle): Markup {
  return table(
    'Tasks wanted',
    ['From', 'Tasks'],
    desiredCounts.map(({ at, count }) => row([moment(at), count])),
  );
}

/** The least that served in an episode, in a sentence. */
export function servedSentence(
  shortfalls: readonly { readonly from: number; readonly to: number; readonly have: number; readonly want: number }[],
  leastServed: number,
  mostWanted: number,
): string {
  if (mostWanted === 0) return 'No task was wanted.';
  if (shortfalls.length === 0) return `As many tasks as wanted served at every moment: at least ${leastServed}.`;
  const seconds = shortfalls.reduce((total, { from, to }) => total + to - from, 0);
  const worst = shortfalls.reduce((one, other) => (other.have - other.want < one.have - one.want ? other : one));
  return `Fewer tasks than wanted served for ${span(seconds)}: ${worst.have} of ${worst.want} at the least.`;
}

/** When and with which rollouts an episode was, for its heading. */
export function episodeTitle({ rollouts, from, to }: Episode): string {
  const numbers = rollouts.map(({ number }) => number);
  const which =
    numbers.length === 0
      ? 'Between rollouts'
      : numbers.length === 1
        ? `Rollout ${numbers[0]}`
        : `Rollouts ${numbers[0]} to ${numbers.at(-1)}`;
  return `${which}, ${span(to - from)}`;
}
