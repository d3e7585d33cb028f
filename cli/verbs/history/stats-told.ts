import { z } from 'zod';
import { moment } from '../../terminal/document.ts';
import { labelledLines } from '../../terminal/layout.ts';
import { localTime, utc } from '../../terminal/moments.ts';
import type { Median, Stats } from './stats.ts';

/** The time that was counted; milliseconds since the epoch. */
export interface Period {
  readonly since: number;
  readonly until: number;
}

const medianSchema = (what: string) =>
  z
    .strictObject({
      medianSeconds: z.number().nullable().describe('Null of none.'),
      of: z.number().describe('How many were measured.'),
    })
    .describe(what);

/** The numbers of `rollouts history --stats`, for machines. */
export const statsSchema = z.strictObject({
  since: moment.describe('Rollouts that ended after this are counted.'),
  until: moment.describe('When they were counted.'),
  deployments: z.number().describe('Images that were proven, each once; rollbacks are none.'),
  takenBack: z
    .strictObject({
      byRollouts: z.number().describe('Rollouts that failed after they had begun to change the service.'),
      byPeople: z.number().describe('Rollbacks that people asked for.'),
    })
    .describe('What came to nothing.'),
  failureRate: z
    .number()
    .nullable()
    .describe('From 0 to 1: what was taken back, of all deployments and failed rollouts. Null where there were none.'),
  timeToRestore: z
    .strictObject({
      medianSeconds: z.number().nullable().describe('Null of none.'),
      of: z.number().describe('How many were measured.'),
      open: z.number().describe('Failed rollouts after which nothing proven has run yet.'),
    })
    .describe('From the start of a rollout that failed, or of a rollback, until a proven image ran.'),
  leadTime: z
    .strictObject({
      fromCreated: medianSchema('Of images that name their creation: `org.opencontainers.image.created`.'),
      fromPush: medianSchema('Of all others, from their push.'),
    })
    .describe('Until an image was proven.'),
});

/** The numbers of `rollouts history --stats`, for machines. */
export function statsJson(stats: Stats, { since, until }: Period): z.infer<typeof statsSchema> {
  const { deployments, takenBack, failureRate, timeToRestore, leadTime } = stats;
  return {
    since: utc(since),
    until: utc(until),
    deployments,
    takenBack,
    failureRate: failureRate ?? null,
    timeToRestore: { ...medianJson(timeToRestore), open: timeToRestore.open },
    leadTime: { fromCreated: medianJson(leadTime.fromCreated), fromPush: medianJson(leadTime.fromPush) },
  };
}

function medianJson({ seconds, of }: Median) {
  return { medianSeconds: seconds ?? null, of };
}

/** The numbers of `rollouts history --stats`, for people. */
export function statsLines(stats: Stats, { since }: Period): string[] {
  const { deployments, takenBack, failureRate, timeToRestore, leadTime } = stats;
  const { byRollouts, byPeople } = takenBack;
  const { fromCreated, fromPush } = leadTime;
  const { open } = timeToRestore;
  return labelledLines([
    ['Since', [localTime(since)]],
    ['Deployed', [`${counted(deployments, 'image')}`]],
    ['Taken back', [`${counted(byRollouts, 'rollout')} that failed, ${counted(byPeople, 'rollback')} by a person`]],
    ['Failure rate', [failureRate === undefined ? 'nothing was rolled' : `${Math.round(failureRate * 100)} %`]],
    ['Restored', [medianText(timeToRestore), ...(open > 0 ? [`${counted(open, 'failure')} not yet`] : [])]],
    [
      'Lead time',
      [
        `${medianText(fromCreated)}, from org.opencontainers.image.created`,
        `${medianText(fromPush)}, from the push of images that do not say so`,
      ],
    ],
  ]);
}

function medianText({ seconds, of }: Median): string {
  return seconds === undefined ? 'none measured' : `${durationText(seconds)}, the median of ${of}`;
}

/** `92 s`, `12.5 min`, `3.2 h`, `4.1 d`. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${rounded(seconds / 60)} min`;
  return seconds < 172_800 ? `${rounded(seconds / 3600)} h` : `${rounded(seconds / 86_400)} d`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
