import { z } from 'zod';
import { findImage } from '../../functions/aws/registry.ts';
import { isImageTag, TAG_GRAMMAR, type ImageDigest } from '../../functions/rollout/identifiers.ts';
import { EVERY_OUTCOME } from '../../functions/rollout/outcomes.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { AwsFailure } from '../account/failures.ts';
import { interruptible, unlessAborted } from '../account/interruptible.ts';
import { knownDigests, meantDigest } from '../account/known-digests.ts';
import { patience } from '../account/patience.ts';
import { signalOf, UsageError, wholeNumber, type Answered, type Flags, type Session } from '../terminal/command.ts';
import { serviceDocument } from '../terminal/document.ts';
import { exitCodeOf, INTERRUPTED, TIMED_OUT } from '../terminal/exit-codes.ts';
import { wrapped } from '../terminal/layout.ts';
import { localTime } from '../terminal/moments.ts';
import { imageJson, imageSchema, imageText, recordJson, recordSchema } from './history/records.ts';
import { fateOf, type Fate } from './wait/image-fate.ts';
import { nextWaitMs } from './watch/follow-rollout.ts';

/** Seconds to wait at most, unless told otherwise, and the most that may be told. */
const TIMEOUT = 3600;
const TIMEOUT_MAX = 7 * 86_400;

/** Milliseconds until the second look. */
const FIRST_WAIT_MS = 2000;
/** Looks at one image: more than its longest wait takes. */
const LOOKS_MAX = 1_000_000;

const waitSchema = serviceDocument({
  image: imageSchema.describe('The image that was waited for.'),
  outcome: z
    .enum(EVERY_OUTCOME)
    .nullable()
    .describe('What became of that image; null when the time was over before, or after Ctrl-C.'),
  record: recordSchema
    .nullable()
    .describe(
      'The rollout that decided. Null without an outcome. Its image is another one where the push gave way to that, which is `SUPERSEDED`.',
    ),
  rolloutId: z
    .string()
    .nullable()
    .describe("Without an outcome, the image's rollout that is under way or waits for its turn, if there is one."),
});
type WaitDocument = z.infer<typeof waitSchema>;

/** The image that is waited for. */
interface Image {
  readonly digest: ImageDigest;
  readonly tag: string | undefined;
}

/** `rollouts wait`: what becomes of an image, as an exit code. */
export const wait = cellVerb({
  name: 'wait',
  summary: 'Waits until an image has been rolled out, rolled back or turned away; the exit code is its outcome.',
  options: {
    tag: { type: 'string', placeholder: 'TAG', summary: 'The image that has this tag now.' },
    digest: { type: 'string', placeholder: 'DIGEST', summary: 'This image; its first digits suffice if known.' },
    timeout: {
      type: 'string',
      placeholder: 'SECONDS',
      summary: `Waits this long at most, then exits with ${TIMED_OUT}. [${TIMEOUT}]`,
    },
  },
  schema: waitSchema,
  ask: (flags) => ({ ...namedIn(flags), timeoutMs: wholeNumber(flags, 'timeout', TIMEOUT, 1, TIMEOUT_MAX) * 1000 }),
  async runIn(cell, { tag, digest, timeoutMs }, session) {
    const until = session.clock.now() + timeoutMs;
    const signal = signalOf(session);
    const reached = interruptible(cell, signal);
    const image = await unlessAborted(signal, meantImage(reached, tag, digest));
    if (!image) return { document: 'told-before', exitCode: INTERRUPTED };
    session.emit({ kind: 'awaiting', image: imageText(image), service: cell.config.service });
    const fate = await lookUntil(reached, image, { until, signal, ...session });
    return answered(cell, image, fate, signal.aborted, session);
  },
});

function namedIn({ tag, digest }: Flags): { readonly tag?: string; readonly digest?: string } {
  if ((tag === undefined) === (digest === undefined))
    throw new UsageError('wait takes --tag or --digest: name one image');
  if (tag === undefined) return { digest: String(digest) };
  if (isImageTag(tag)) return { tag };
  throw new UsageError(`--tag ${String(tag)}: ${TAG_GRAMMAR}`);
}

/** The image that the flags name; one that neither ECR nor a past rollout knows is a mistake, not worth a wait. */
async function meantImage(cell: DeployedCell, tag: string | undefined, digest: string | undefined): Promise<Image> {
  const { clients, config } = cell;
  if (tag !== undefined) {
    const found = await findImage(clients.ecr, config.repository, { imageTag: tag });
    if (found) return { digest: found.digest, tag };
    throw new AwsFailure(`ECR has no image tagged ${tag} in ${config.repository}: push it first`, false, undefined);
  }
  const meant = await meantDigest(cell, 'digest', digest!);
  const isThere = (await findImage(clients.ecr, config.repository, { imageDigest: meant })) !== undefined;
  if (isThere || (await knownDigests(cell)).includes(meant)) return { digest: meant, tag: undefined };
  throw new AwsFailure(
    `neither ECR nor a past rollout knows ${meant} in ${config.repository}: push it first`,
    false,
    undefined,
  );
}

interface Waiting extends Pick<Session, 'clock' | 'emit'> {
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly signal: AbortSignal;
}

/** What was seen last: the image's fate, or how far it was when the time was over or somebody interrupted. */
async function lookUntil(
  cell: DeployedCell,
  { digest }: Image,
  { clock, emit, until, signal }: Waiting,
): Promise<Fate> {
  const look = fateOf(cell, digest);
  const patient = patience();
  let seen: Fate = { kind: 'open' };
  let told: string | undefined;
  let waitMs = FIRST_WAIT_MS;
  for (let count = 0; count < LOOKS_MAX && !signal.aborted; count++) {
    seen = (await unlessAborted(signal, patient(look()))) ?? seen;
    if (seen.kind === 'decided') return seen;
    const { rollout } = seen;
    const isNews = rollout !== undefined && rollout.rolloutId !== told;
    if (isNews) emit({ kind: 'following', rolloutId: rollout.rolloutId, startedAt: rollout.startedAt });
    told = rollout?.rolloutId ?? told;
    const left = until - clock.now();
    if (left <= 0) return seen;
    waitMs = nextWaitMs(waitMs, isNews);
    await clock.sleep(Math.min(waitMs, left), signal);
  }
  return seen;
}

function answered(
  { config }: DeployedCell,
  image: Image,
  fate: Fate,
  isInterrupted: boolean,
  { emit }: Session,
): Answered<WaitDocument> {
  const about = { schema: 1, service: config.service, image: imageJson(image) } as const;
  if (fate.kind === 'decided') {
    const { outcome, record } = fate;
    emit({ kind: 'ended', outcome, message: `${outcome}: ${decidedText(fate, image)}` });
    return {
      document: { ...about, outcome, record: recordJson(record), rolloutId: null },
      lines: [],
      exitCode: exitCodeOf(outcome),
    };
  }
  const document = { ...about, outcome: null, record: null, rolloutId: fate.rollout?.rolloutId ?? null };
  if (isInterrupted) return { document, lines: [], exitCode: INTERRUPTED };
  return { document, lines: wrapped(`Timed out. ${openText(fate)}`), exitCode: TIMED_OUT };
}

/** How far an image is whose wait is over. */
function openText({ rollout, retryAt }: Extract<Fate, { kind: 'open' }>): string {
  if (rollout) return `Rollout ${rollout.rolloutId} goes on: rollouts watch`;
  if (retryAt !== undefined)
    return `Its rollout failed through no fault of its own; it is tried again at ${localTime(retryAt)}.`;
  return 'No rollout of it has begun; whether one would: rollouts diff';
}

/** Why it came so, in the words of the record, or, where that is about another image, which one that is. */
function decidedText({ record }: Extract<Fate, { kind: 'decided' }>, { digest }: Image): string {
  if (record.image === undefined || record.image.digest === digest) return record.message;
  return `its push gave way to ${imageText(record.image)}, whose rollout ended ${record.outcome}.`;
}
