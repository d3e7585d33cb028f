import { z } from 'zod';
import type { Account } from '../../account/deployed-cell.ts';
import { digest, list, moment, version } from '../../terminal/document.ts';
import { utc } from '../../terminal/moments.ts';
import { imageJson, imageSchema, recordJson, recordSchema } from '../history/records.ts';
import { CONDITIONS, type Brief, type RunningBriefly } from './overview.ts';
import { pinJson, pinSchema } from './standing-json.ts';
import { isNeeded } from '../../../functions/rollout/acknowledge.ts';

const briefSchema = z.strictObject({
  service: z.string().describe('The ledger key: `cluster/service`.'),
  name: z.string().describe('What the names of everything in its cell derive from.'),
  condition: z
    .enum(CONDITIONS)
    .describe(
      'The worst that is true of it: `unknown`, it could not be looked at; `down`, no task is healthy or ECS has no such service; `broken`, its rollout died, or it needs someone, even while something rolls; `degraded`, too few tasks are healthy; `failed`, its last rollout did, unless someone stopped it or asked for what was refused; `rolling`; `pinned`; `well`.',
    ),
  refused: z.string().nullable().describe('Why it could not be looked at; for people. The rest is null then.'),
  running: z
    .strictObject({
      taskDefinition: z.string().describe('ARN of the revision of the PRIMARY deployment.'),
      image: imageSchema
        .nullable()
        .describe('Its image, with a tag by which a rollout knew it; null when no rollout did.'),
      proven: z.boolean().describe('Whether a rollout proved this revision.'),
      desiredCount: z.number().describe('Of the service.'),
      runningCount: z.number().describe('Of the service.'),
      healthyCount: z
        .number()
        .nullable()
        .describe(
          'Tasks of the PRIMARY deployment that fail no health check and have passed that of each rolled container, if it has one; null where the tasks could not be looked at.',
        ),
      otherHealthyCount: z
        .number()
        .nullable()
        .describe('Tasks of other deployments that run and fail no health check; null as before.'),
    })
    .nullable()
    .describe('What runs. Null when ECS has no such service.'),
  rollout: z
    .strictObject({
      rolloutId: z.string().describe('Name of the execution.'),
      running: z.boolean().describe('Whether its execution goes on; the tick closes one that is dead.'),
      purpose: z.enum(['roll', 'recover']).describe('`recover` puts things back after a rollout that died.'),
      phase: z.enum(['preparing', 'mutating', 'waiting', 'concluding']).describe('How far it is.'),
      image: imageSchema.describe('The image that is rolled, or put back.'),
      startedAt: moment.describe('When the execution started.'),
    })
    .nullable()
    .describe('The rollout that holds the service.'),
  pending: z.string().nullable().describe('Id of the rollout that waits for its turn.'),
  needsSomeone: z
    .boolean()
    .describe(
      'Whether someone has to look at it, until something proven runs or someone acknowledges it; `status` of the service says why.',
    ),
  pin: pinSchema.nullable().describe("A person's choice that holds pushes back; null when pushes are followed."),
  quarantine: list(digest).describe('Digests that failed here.'),
  last: recordSchema
    .nullable()
    .describe('The rollout that ended last, one that is announced before those that had nothing to do.'),
});

/** The document of `rollouts status --json` for several services. */
export const overviewSchema = z.strictObject({
  schema: version,
  account: z.string().describe('Twelve digits.'),
  region: z.string().describe('Where was looked.'),
  services: list(briefSchema).describe('The worst first.'),
  unreadable: list(z.string()).describe('Names of registrations that this release does not read.'),
});
export type OverviewDocument = z.infer<typeof overviewSchema>;

/** The document of `rollouts status --json` for several services. */
export function overviewJson(
  briefs: readonly Brief[],
  { account, region, registered }: Pick<Account, 'account' | 'region' | 'registered'>,
): OverviewDocument {
  return { schema: 1, account, region, services: briefs.map(briefJson), unreadable: [...registered.unreadable] };
}

function briefJson({ cell, condition, refused, ledger, running, isOwnerRunning, last }: Brief) {
  const { owner, pending, pin, quarantine = [] } = ledger ?? {};
  return {
    service: cell.config.service,
    name: cell.service.name,
    condition,
    refused: refused ?? null,
    running: running ? runningJson(running) : null,
    rollout: owner
      ? {
          rolloutId: owner.rolloutId,
          running: isOwnerRunning === true,
          purpose: owner.purpose,
          phase: owner.phase.name,
          image: imageJson(owner.image),
          startedAt: utc(owner.startedAt),
        }
      : null,
    pending: pending?.rolloutId ?? null,
    needsSomeone: ledger !== undefined && isNeeded(ledger),
    pin: pinJson(pin),
    quarantine: quarantine.map((each) => each.digest),
    last: last ? recordJson(last) : null,
  };
}

function runningJson({ image, isProven, healthyCount, otherHealthyCount, ...running }: RunningBriefly) {
  return {
    ...running,
    image: image ? imageJson(image) : null,
    proven: isProven,
    healthyCount: healthyCount ?? null,
    otherHealthyCount: otherHealthyCount ?? null,
  };
}
