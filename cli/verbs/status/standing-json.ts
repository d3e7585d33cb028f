import { z } from 'zod';
import { waitingOf } from '../../../functions/rollout/lease.ts';
import type { LedgerState, Owner, PendingRollout } from '../../../functions/rollout/ledger.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { EVERY_OUTCOME } from '../../../functions/rollout/outcomes.ts';
import { digest, list, moment, serviceDocument, shape } from '../../terminal/document.ts';
import { utc } from '../../terminal/moments.ts';
import { imageJson, imageSchema, recordJson, recordSchema, requestSchema } from '../history/records.ts';
import { causeOf } from './cause-of.ts';
import { dueOf } from './due-of.ts';
import { notRolled, type NotRolled } from './not-rolled.ts';
import { imageBehindPin, type Running, type Standing } from './standing.ts';

/** What runs, for machines. */
export const runningSchema = shape('running', {
  taskDefinition: z.string().describe('ARN of the revision of the PRIMARY deployment.'),
  digest: digest
    .nullable()
    .describe('Image of the first configured container; null when the revision does not pin it.'),
  tags: list(z.string()).describe("The image's tags now."),
  desiredCount: z.number().describe('Of the service.'),
  runningCount: z.number().describe('Of the PRIMARY deployment.'),
  pendingCount: z.number().describe('Of the PRIMARY deployment.'),
  since: moment.describe('When ECS began that deployment.'),
  rolloutState: z
    .string()
    .describe("ECS's word for it: `COMPLETED`, `IN_PROGRESS`, `FAILED`; `UNKNOWN` when ECS says nothing."),
  proven: z.boolean().describe('Whether a rollout proved this revision.'),
});

/** What needs someone, for machines. */
export const needSchema = shape('need', {
  rolloutId: z.string().describe('The last rollout that left it so.'),
  outcome: z.enum(EVERY_OUTCOME).describe('How that ended.'),
  since: moment.describe('When that was.'),
  untold: z.boolean().describe('True where nobody could be told of that outcome for hours.'),
  acknowledged: z
    .strictObject({
      by: z.string().describe('Who said that they look at it: the ARN of their credentials.'),
      at: moment.describe('When.'),
      reason: z.string().describe('Why, in their own words.'),
    })
    .nullable()
    .describe('Null while the alarm `NeedsSomeone` is red.'),
});

/** The pin, for machines. */
export const pinSchema = shape('pin', {
  rolloutId: z.string().describe('The rollout in which the image was chosen.'),
  since: moment.describe('When its outcome was committed.'),
});

const ownerSchema = z.strictObject({
  rolloutId: z.string().describe('Name of the execution.'),
  executionArn: z.string().describe('ARN of the execution.'),
  executionStatus: z
    .string()
    .describe("Step Functions' word; `GONE` when it has forgotten the execution. Not `RUNNING`: it is dead."),
  purpose: z.enum(['roll', 'recover']).describe('`recover` puts things back after a rollout that died.'),
  phase: z
    .enum(['preparing', 'mutating', 'waiting', 'concluding'])
    .describe('How far it is; `mutating` while a change may be in flight.'),
  request: requestSchema.nullable().describe('What a person asked for; null for pushes and the tick.'),
  image: imageSchema.describe('The image that is rolled, or put back.'),
  startedAt: moment.describe('When the execution started.'),
  deadline: moment.describe('When waiting for the steady state turns into failure, unless there is progress.'),
  bake: z
    .strictObject({
      seconds: z.number().describe('How long it bakes.'),
      startedAt: moment.describe('When it was seen steady, from which that counts.'),
    })
    .nullable()
    .describe('Null unless it bakes.'),
  verdict: z
    .strictObject({
      word: z.string().describe('What was judged.'),
      reason: z.string().describe('CamelCase, for machines.'),
      message: z.string().describe('For people.'),
    })
    .nullable()
    .describe('What was judged, once it was.'),
  cause: z
    .strictObject({
      reason: z.string().describe('CamelCase, for machines.'),
      message: z.string().describe('For people.'),
    })
    .nullable()
    .describe('Why what ran before is put back; null while the image is rolled, and when a step failed.'),
});

const waiterMembers = {
  rolloutId: z.string().describe('Name of the execution.'),
  startedAt: moment.describe('When it started.'),
  image: imageSchema.nullable().describe('What was pushed; null where a person or the tick started it.'),
};

/** The document of `rollouts status --json`. */
export const standingSchema = serviceDocument({
  account: z.string().describe('Twelve digits.'),
  region: z.string().describe('Where the cell is deployed.'),
  running: runningSchema.nullable().describe('What runs. Null when ECS has no such service.'),
  rollout: ownerSchema.nullable().describe('The rollout that holds the service.'),
  pending: z
    .strictObject({
      ...waiterMembers,
      request: requestSchema.nullable().describe('What a person asked for; null for pushes and the tick.'),
    })
    .nullable()
    .describe('The rollout that waits for its turn.'),
  lettingFinish: list(z.strictObject(waiterMembers)).describe(
    "Rollouts that let somebody else's deployment finish first; `undecided` has their ids, too.",
  ),
  undecided: list(z.string()).describe('Ids of rollouts that only began, or let a deployment finish.'),
  needsSomeone: needSchema
    .nullable()
    .describe('What someone has to look at, until something proven runs. Null when there is nothing.'),
  pin: pinSchema.nullable().describe("A person's choice that holds pushes back; null when pushes are followed."),
  held: imageSchema.nullable().describe('The image that waits behind the pin, if one does.'),
  selected: z
    .strictObject({
      image: imageSchema.describe('What the tag policy selected last.'),
      comesAgain: z.boolean().describe("Whether it is rolled again without anybody's doing."),
      at: moment
        .nullable()
        .describe('When it is tried again; null when that hangs on something else, and when it is not.'),
      message: z.string().describe('Why, and what to do; for people.'),
      rolloutId: z
        .string()
        .nullable()
        .describe('The rollout of it that ended last; null when that is not among the newest.'),
    })
    .nullable()
    .describe(
      'What is selected and does not run, though no pin holds it back and nothing rolls. Null when there is none.',
    ),
  quarantine: list(
    z.strictObject({
      digest: digest.describe('What failed.'),
      tags: list(z.string()).describe("The image's tags now."),
      reason: z.string().describe('CamelCase, for machines.'),
      rolloutId: z.string().describe('The rollout in which it failed.'),
      since: moment.describe('When that was.'),
    }),
  ).describe('Digests that failed here.'),
  proven: list(
    z.strictObject({
      digest: digest.describe('What was proven.'),
      tag: z.string().nullable().describe('A tag that it has now; null when it has none but those that only keep it.'),
      provenAt: moment.describe('When it was proven last.'),
    }),
  ).describe(
    'Images that a rollback may name: proven here, in the repository still, neither running nor quarantined; the newest first.',
  ),
  unprovenNewest: z
    .string()
    .nullable()
    .describe(
      'ARN of the newest ACTIVE revision of the family, which RunTask and schedules take, where no rollout has proven it and it does not run.',
    ),
  last: recordSchema
    .nullable()
    .describe('The rollout that ended last, one that is announced before those that had nothing to do.'),
});
export type StandingDocument = z.infer<typeof standingSchema>;

/** The document of `rollouts status --json`. */
export function standingJson(
  standing: Standing,
  { config, account, region }: DeployedCell,
  now: number,
): StandingDocument {
  const { ledger, running, ownerStatus = 'GONE', undecided, quarantineTags = {}, last } = standing;
  const { owner, pending, pin, quarantine } = ledger;
  const behindPin = imageBehindPin(standing);
  return {
    schema: 1,
    service: config.service,
    account,
    region,
    running: running ? runningJson(running) : null,
    rollout: owner ? ownerJson(owner, ownerStatus) : null,
    pending: pending ? { ...waiterJson(pending), request: pending.request ?? null } : null,
    lettingFinish: ledger.lettingFinish.filter(({ rolloutId }) => undecided.includes(rolloutId)).map(waiterJson),
    undecided,
    needsSomeone: needJson(ledger.needsSomeone),
    pin: pinJson(pin),
    held: behindPin ? imageJson(behindPin) : null,
    selected: selectedJson(notRolled(standing, config, now)),
    proven: (standing.proven ?? []).map(({ digest, tag, provenAt }) => ({
      digest,
      tag: tag ?? null,
      provenAt: utc(provenAt),
    })),
    quarantine: quarantine.map(({ digest, reason, rolloutId, since }) => ({
      digest,
      tags: quarantineTags[digest] ?? [],
      reason,
      rolloutId,
      since: utc(since),
    })),
    unprovenNewest: standing.unprovenNewest ?? null,
    last: last ? recordJson(last) : null,
  };
}

function waiterJson({ rolloutId, startedAt, image }: Pick<PendingRollout, 'rolloutId' | 'startedAt' | 'image'>) {
  return { rolloutId, startedAt: utc(startedAt), image: image ? imageJson(image) : null };
}

function selectedJson(left: NotRolled | undefined): StandingDocument['selected'] {
  if (!left) return null;
  const { image, comesAgain, at, message, ended } = left;
  return {
    image: imageJson(image),
    comesAgain,
    at: at === undefined ? null : utc(at),
    message,
    rolloutId: ended?.rolloutId ?? null,
  };
}

/** What needs someone, for machines; null when nothing does. */
export function needJson(need: LedgerState['needsSomeone']): z.infer<typeof needSchema> | null {
  if (!need) return null;
  const { rolloutId, outcome, since, isUntold = false, acknowledged } = need;
  return {
    rolloutId,
    outcome,
    since: utc(since),
    untold: isUntold,
    acknowledged: acknowledged ? { ...acknowledged, at: utc(acknowledged.at) } : null,
  };
}

/** The pin, for machines; null when pushes are followed. */
export function pinJson(pin: LedgerState['pin']): z.infer<typeof pinSchema> | null {
  return pin ? { rolloutId: pin.rolloutId, since: utc(pin.since) } : null;
}

/** What runs, for machines. */
export function runningJson({ since, digest, isProven, ...running }: Running): z.infer<typeof runningSchema> {
  return { ...running, digest: digest ?? null, since: utc(since), proven: isProven };
}

function ownerJson(owner: Owner, executionStatus: string): StandingDocument['rollout'] {
  const { rolloutId, executionArn, purpose, phase, request, image, startedAt } = owner;
  const verdict = waitingOf(owner)?.verdict;
  const cause = causeOf(owner);
  return {
    rolloutId,
    executionArn,
    executionStatus,
    purpose,
    phase: phase.name,
    request: request ?? null,
    image: imageJson(image),
    startedAt: utc(startedAt),
    deadline: utc(dueOf(owner)),
    bake: bakeJson(owner),
    verdict: verdict ? { word: verdict.word, reason: verdict.reason, message: verdict.message } : null,
    cause: cause ? { reason: cause.reason, message: cause.message } : null,
  };
}

function bakeJson(owner: Owner): { seconds: number; startedAt: string } | null {
  const { watch } = waitingOf(owner) ?? {};
  if (watch?.kind !== 'bake') return null;
  return { seconds: ((watch.until ?? watch.since) - watch.since) / 1000, startedAt: utc(watch.since) };
}
