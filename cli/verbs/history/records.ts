import type { Stay, StepDecision } from '../../../functions/rollout/course.ts';
import { failureText, taskText, type FailedTask } from '../../../functions/rollout/failed-task.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../../../functions/rollout/outcomes.ts';
import type { HistoryEntry, Owner, RolloutRecord, SelectedImage } from '../../../functions/rollout/ledger.ts';
import type { TaskLife } from '../../../functions/rollout/task-lives.ts';
import { TIME_PARTS, timeSpentOf, type TimeSpent } from '../../../functions/rollout/time-spent.ts';
import { z } from 'zod';
import { digest, list, moment, shape } from '../../terminal/document.ts';
import { shortDigest } from '../../terminal/layout.ts';
import { utc } from '../../terminal/moments.ts';

type Named = Pick<SelectedImage, 'digest'> & { readonly tag?: string | undefined };

/** `live (sha256:0123456789ab)`, or the digest alone. */
export function imageText({ digest, tag }: Named): string {
  return tag === undefined ? shortDigest(digest) : `${tag} (${shortDigest(digest)})`;
}

/** Of records, the newest first, the first that people were told of; the others, as acknowledgements, say that nothing was rolled. */
export function lastTold(records: readonly RolloutRecord[]): RolloutRecord | undefined {
  return records.find(({ outcome }) => OUTCOMES[outcome].isAnnounced) ?? records[0];
}

/** An image for machines. */
export const imageSchema = shape('image', {
  digest: digest.describe('The digest that was pushed.'),
  tag: z.string().nullable().describe('The tag by which it was selected; null when a digest was named.'),
});

/** An image for machines. */
export function imageJson({ digest, tag }: Named): z.infer<typeof imageSchema> {
  return { digest, tag: tag ?? null };
}

/** What a person asked for, for machines: as the ledger has it. */
export const requestSchema = shape('request', {
  tag: z.string().optional().describe('The tag that was named.'),
  digest: digest.optional().describe('The digest that was named.'),
  rollback: z
    .union([z.literal(true), z.strictObject({ to: digest.describe('That image.') })])
    .optional()
    .describe('`true`: back to the image before.'),
  force: z.literal(true).optional().describe('Even what ran already or was quarantined.'),
  acknowledge: z
    .strictObject({ by: z.string().describe('Who they said they are.') })
    .optional()
    .describe('Someone looks at what needs them; nothing is rolled.'),
  reason: z.string().optional().describe('Why, in the own words of whoever asked.'),
});

/** A task that a verdict names, for machines. */
const taskSchema = shape('task', {
  taskArn: z.string().describe('ARN of the task; ECS forgets a stopped one after an hour.'),
  taskDefinition: z.string().describe('ARN of the revision that it ran.'),
  container: z.string().nullable().describe('The container that decided, where one did.'),
  exitCode: z.number().nullable().describe('What that container exited with, if it did.'),
  stopCode: z.string().nullable().describe("ECS's word for why the task stopped; null for one that still ran."),
  reason: z.string().nullable().describe('The same in the words of ECS.'),
  logLines: list(z.string())
    .nullable()
    .describe('What the container wrote last, oldest first: at most 20 lines. Null where none could be kept.'),
  logNote: z.string().nullable().describe('Why there are no lines, for people; null where that was not even tried.'),
  logCommand: z.string().nullable().describe('Where there are no lines: what reads them, for a POSIX shell.'),
});

/** A stay in one state, for machines. */
const staySchema = shape('stay', {
  name: z.string().describe('Name of the state.'),
  enteredAt: moment.describe("When it was entered, by Step Functions' clock."),
  leftAt: moment.describe('When the next one was; of `Conclude` when the outcome was committed.'),
});

/** A decision of a step, for machines. */
const decisionSchema = shape('decision', {
  at: moment.describe('Of a watch when it was judged, of any other step when its state was left.'),
  state: z.string().describe('Name of the state.'),
  word: z.string().describe('What it decided; `error` where the step failed.'),
  reason: z.string().nullable().describe("CamelCase, for machines; of an `error` the error's name."),
  message: z.string().nullable().describe('For people.'),
});

const time = moment.nullable();

/** Where the time of a rollout went, for machines. */
export const timeSpentSchema = shape('spent', {
  totalSeconds: z.number().describe('From its start to its end.'),
  turn: z.number().describe('Seconds in which others had the service. Together these parts are the whole.'),
  ours: z.number().describe('Seconds for decisions and changes, and what nobody accounts for.'),
  capacity: z.number().describe('Seconds until Fargate pulls for a task that was created.'),
  pull: z.number().describe('Seconds in which images are pulled.'),
  start: z.number().describe('Seconds until a task with all its images runs.'),
  health: z.number().describe('Seconds until a task that runs is healthy, as far as that shows.'),
  drain: z.number().describe('Seconds in which nothing is waited for but old tasks that drain and stop.'),
  bake: z.number().describe('Seconds of baking.'),
  shortening: shape('shortening', {
    part: z.enum(TIME_PARTS).describe('The longest part that something shortens.'),
    setting: z.string().describe("The setting that does, by its name in AWS's API or in the configuration."),
    advice: z.string().describe('For people.'),
    savesSeconds: z.number().describe('About how much sooner it would have ended.'),
  })
    .nullable()
    .describe('What would shorten the longest part; null where nothing does that is worth it.'),
});

/** Where the time of a rollout went, for machines. */
export function timeSpentJson({ totalSeconds, parts, shortening }: TimeSpent): z.infer<typeof timeSpentSchema> {
  return { totalSeconds, ...parts, shortening: shortening ?? null };
}

/** A task of a rollout, for machines. */
const taskLifeSchema = shape('life', {
  taskId: z.string().describe('The last part of its ARN.'),
  role: z
    .enum(['before', 'new', 'back', 'other'])
    .describe('It ran before, is new, was put back, or is of a deployment that somebody else made.'),
  revision: z.string().describe('Family and revision of its task definition.'),
  deploymentId: z.string().nullable().describe('The ECS deployment that started it.'),
  createdAt: time.describe('When ECS created it. This and all times but `healthyAt` are those of ECS.'),
  pullStartedAt: time.describe('When the first image began to be pulled.'),
  pullStoppedAt: time.describe('When the last image had been pulled.'),
  startedAt: time.describe('When it was RUNNING.'),
  healthyAt: time.describe(
    'When it was healthy at the latest: ECS dates no health, but tells an old task to stop once enough others have it. Null where nothing shows it.',
  ),
  healthyWithinSeconds: z.number().nullable().describe('How many seconds before `healthyAt` it may have been healthy.'),
  stoppingAt: time.describe('When it was told to stop, or an essential container ended.'),
  executionStoppedAt: time.describe('When its containers had ended, after what drains and what they took to stop.'),
  stoppedAt: time.describe('When it was gone.'),
  stopCode: z.string().nullable().describe("ECS's word for why it stopped."),
  containers: list(
    shape('ending', {
      name: z.string().describe('Name of the container.'),
      exitCode: z.number().nullable().describe('What it exited with, if it did.'),
      reason: z.string().nullable().describe('What ECS says of its end, if anything.'),
    }),
  ).describe('Its containers, at most ten.'),
});

/** A finished rollout for machines. */
export const recordSchema = shape('record', {
  rolloutId: z.string().describe('Name of the execution.'),
  executionArn: z.string().describe('ARN of the execution.'),
  outcome: z.enum(EVERY_OUTCOME).describe('One of the outcomes in README.'),
  reason: z.string().describe('CamelCase, for machines.'),
  message: z.string().describe('For people; its wording is not part of the contract.'),
  intent: z
    .enum(['push', 'replayed', 'tick', 'start', 'rollback', 'acknowledge'])
    .describe(
      "Why it was started; `start`, `rollback` and `acknowledge` are a person's, `replayed` is an event that somebody gave as input.",
    ),
  request: requestSchema.nullable().describe('What a person asked for; null for pushes and the tick.'),
  image: imageSchema.nullable().describe('The image that was meant, if one was.'),
  taskDefinition: z.string().nullable().describe('ARN of the revision that was put on the service, if one was.'),
  startedAt: moment.describe('When the execution started.'),
  endedAt: moment.describe('When the outcome was committed.'),
  detectionLagSeconds: z.number().nullable().describe('From the moment at which ECS knew to the verdict.'),
  failedTasks: list(taskSchema).describe(
    'The tasks that the verdicts name: of the image, then of the way back; none where no task decided.',
  ),
  states: list(staySchema)
    .nullable()
    .optional()
    .describe(
      'Where its execution was, in the order of time; visits that follow one another are one. Null where it was not kept, absent but in `history`.',
    ),
  decisions: list(decisionSchema)
    .nullable()
    .optional()
    .describe('What its steps decided, in the order of time. Null where it was not kept, absent but in `history`.'),
  desiredCount: z
    .number()
    .nullable()
    .optional()
    .describe('Tasks that the service wanted when it ended. Null where it was not kept, absent but in `history`.'),
  tasks: list(taskLifeSchema)
    .nullable()
    .optional()
    .describe(
      'The tasks that it had to do with, in the order of their creation: each that failed, as far as there is room, and 40 others. Null where they were not kept, absent but in `history`.',
    ),
  tasksLeftOut: shape('omitted', {
    before: z.number().describe('Of those that ran before.'),
    new: z.number().describe('Of the new ones.'),
    back: z.number().describe('Of those that were put back.'),
    other: z.number().describe("Of somebody else's."),
  })
    .nullable()
    .optional()
    .describe('How many more tasks there were than are in `tasks`.'),
  timeSpent: timeSpentSchema
    .nullable()
    .optional()
    .describe('Where the time went. Null where its tasks were not kept, absent but in `history`.'),
});

/** A finished rollout with how it went, for machines. */
export function entryJson(entry: HistoryEntry): z.infer<typeof recordSchema> {
  const spent = timeSpentOf(entry);
  const { states, decisions, desiredCount = null, tasks, tasksLeftOut = null } = entry.course ?? {};
  return {
    ...recordJson(entry),
    states: states?.map(stayJson) ?? null,
    decisions: decisions?.map(decisionJson) ?? null,
    desiredCount,
    tasks: tasks?.map(taskLifeJson) ?? null,
    tasksLeftOut,
    timeSpent: spent ? timeSpentJson(spent) : null,
  };
}

function taskLifeJson(life: TaskLife): z.infer<typeof taskLifeSchema> {
  const { taskId, role, revision, deploymentId, stopCode, healthyWithinSeconds, containers } = life;
  const at = (time: number | undefined): string | null => (time === undefined ? null : utc(time));
  return {
    taskId,
    role,
    revision,
    deploymentId: deploymentId ?? null,
    createdAt: at(life.createdAt),
    pullStartedAt: at(life.pullStartedAt),
    pullStoppedAt: at(life.pullStoppedAt),
    startedAt: at(life.startedAt),
    healthyAt: at(life.healthyAt),
    healthyWithinSeconds: healthyWithinSeconds ?? null,
    stoppingAt: at(life.stoppingAt),
    executionStoppedAt: at(life.executionStoppedAt),
    stoppedAt: at(life.stoppedAt),
    stopCode: stopCode ?? null,
    containers: containers.map(({ name, exitCode, reason }) => ({
      name,
      exitCode: exitCode ?? null,
      reason: reason ?? null,
    })),
  };
}

function stayJson({ name, enteredAt, leftAt }: Stay): z.infer<typeof staySchema> {
  return { name, enteredAt: utc(enteredAt), leftAt: utc(leftAt) };
}

function decisionJson(told: StepDecision): z.infer<typeof decisionSchema> {
  const { at, state, word, reason, message } = told;
  return { at: utc(at), state, word, reason: reason ?? null, message: message ?? null };
}

/** A finished rollout for machines. */
export function recordJson(record: RolloutRecord): z.infer<typeof recordSchema> {
  const { rolloutId, executionArn, outcome, reason, message, image, startedAt, endedAt } = record;
  return {
    rolloutId,
    executionArn,
    outcome,
    reason,
    message,
    intent: intentOf(record),
    request: record.request ?? null,
    image: image ? imageJson(image) : null,
    taskDefinition: record.taskDefinition ?? null,
    startedAt: utc(startedAt),
    endedAt: utc(endedAt),
    detectionLagSeconds: record.detectionLagSeconds ?? null,
    failedTasks: (record.failedTasks ?? []).map(failedTaskJson),
  };
}

function failedTaskJson(task: FailedTask): z.infer<typeof taskSchema> {
  const { taskArn, taskDefinition, container = null, exitCode = null, stopCode = null, reason = null } = task;
  const { logLines = null, logNote = null, logCommand = null } = task;
  return { taskArn, taskDefinition, container, exitCode, stopCode, reason, logLines, logNote, logCommand };
}

/** A task that a verdict names: its id, and `container api, exit code 1, EssentialContainerExited: …`. */
export function failedTaskTexts(task: FailedTask): string[] {
  return [taskText(task), failureText(task)];
}

/** Why a rollout was started, in one word: a person's verb, else what started it by itself. */
export function intentOf({
  request,
  isTick,
  trigger,
}: Pick<RolloutRecord, 'request' | 'isTick' | 'trigger'>): z.infer<typeof recordSchema>['intent'] {
  if (request?.acknowledge) return 'acknowledge';
  if (request) return request.rollback === undefined ? 'start' : 'rollback';
  if (trigger === 'replayed') return trigger;
  // What could not be understood asks for nothing.
  if (trigger === 'person') return 'start';
  return isTick ? 'tick' : 'push';
}

/** What a person asked for, in words; undefined for pushes and the tick. */
export function requestText({ request }: Partial<Pick<RolloutRecord, 'request'>>): string | undefined {
  if (!request) return undefined;
  const { tag, digest, rollback, force, acknowledge, reason } = request;
  if (acknowledge) return `acknowledged by ${acknowledge.by}: ${reason}`;
  const what =
    rollback === true ? 'back to the image before' : (tag ?? digest ?? rollback?.to ?? 'what the tag selects');
  return `${shortDigest(what)}${force ? ', forced' : ''}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Who started a rollout: `started by a push`, or a person and what they asked for; a recovery rolls something else than that. */
export function starterText(owner: Pick<Owner, 'request' | 'isTick' | 'trigger' | 'purpose'>): string {
  const asked = requestText(owner);
  const event = owner.trigger === 'replayed' ? "an event by somebody's hand" : 'a push';
  if (asked === undefined) return `started by ${owner.isTick ? 'the tick' : event}`;
  return owner.purpose === 'recover' ? 'started by a person' : `asked for by a person: ${asked}`;
}
