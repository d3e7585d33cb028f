import { z } from 'zod';
import { readState } from '../../functions/aws/ledger-table.ts';
import { pinnedImage, readRepository } from '../../functions/aws/registry.ts';
import { isImageTag, TAG_GRAMMAR } from '../../functions/rollout/identifiers.ts';
import type { SelectedImage } from '../../functions/rollout/ledger.ts';
import { nextRevision, type RawTaskDefinition } from '../../functions/rollout/next-revision.ts';
import type { Plan, PreflightFacts } from '../../functions/rollout/preflight.ts';
import { gatherFacts } from '../../functions/steps/accept-facts.ts';
import { readPreflightFacts } from '../../functions/steps/preflight-facts.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { AwsFailure } from '../account/failures.ts';
import { describeTaskDefinition } from '../account/running-service.ts';
import { UsageError } from '../terminal/command.ts';
import { changedMembers } from './diff/changed-members.ts';
import { differenceLines, type Difference } from './diff/difference-text.ts';
import { ANSWER_WORDS, answerTo, cautionsAt, foresee, NO_ROLLOUT, planOf, pushOf } from './diff/foresee.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { imageJson, imageSchema } from './history/records.ts';

const answerSchema = z.strictObject({
  word: z.enum(ANSWER_WORDS).describe('See below.'),
  reason: z.string().describe('CamelCase, as in the history.'),
  message: z.string().describe('For people.'),
});

const differenceSchema = serviceDocument({
  from: z
    .string()
    .nullable()
    .describe('ARN of the revision that the service is on, which the next one is made from; null where there is none.'),
  image: imageSchema.describe('What is compared.'),
  decision: answerSchema.describe('What the flow would answer: `start` with `--tag`, and `push` without.'),
  push: answerSchema.describe('What the flow would answer to the push of that image.'),
  start: answerSchema.describe('What the flow would answer to `rollouts start`, with that tag if one was named.'),
  containers: list(
    z.strictObject({
      name: z.string().describe('Of a configured container.'),
      before: z.string().describe('Its image now.'),
      after: z.string().describe('Its image then.'),
    }),
  ).describe('One per configured container.'),
  cautions: list(z.string()).describe(
    'What Preflight would say of the roll beside letting it go, a sentence each; `doctor` has the remedies.',
  ),
  changes: list(z.string()).describe(
    'Paths of the members that would change: `containerDefinitions[api].image`. Never values.',
  ),
});
type DifferenceDocument = z.infer<typeof differenceSchema>;

/** `rollouts diff`: what the next rollout would change. */
export const diff = cellVerb({
  name: 'diff',
  summary: 'Says whether the next rollout would roll, and what it would change; names and images only, no values.',
  options: {
    tag: {
      type: 'string',
      placeholder: 'TAG',
      summary: 'The image that would be rolled. [what the tag policy selects]',
    },
  },
  schema: differenceSchema,
  ask({ tag }) {
    if (tag === undefined || isImageTag(tag)) return { tag };
    throw new UsageError(`--tag ${String(tag)}: ${TAG_GRAMMAR}`);
  },
  async runIn(cell, { tag }, { clock }) {
    const difference = await readDifference(cell, tag, clock.now());
    const lines = differenceLines(difference, cell.config.service);
    const exitCode = difference.decision.word === 'rejected' ? 1 : 0;
    return { document: differenceJson(difference, cell), lines, exitCode };
  },
});

/** Asks AcceptIntent and Preflight what they would answer to a push of the image, and to a person who starts it. */
async function readDifference(cell: DeployedCell, tag: string | undefined, now: number): Promise<Difference> {
  const { config, clients } = cell;
  const person = { kind: 'person', ...(tag !== undefined && { tag }) } as const;
  const ledger = await readState(cell.ledger);
  const seen = await gatherFacts(clients, ledger, person, { rolloutId: NO_ROLLOUT, startedAt: now }, config);
  const image = tag === undefined ? seen.selected : seen.named;
  if (image?.tag === undefined)
    throw refusal(`ECR has no image ${tag === undefined ? 'that the tag policy selects' : `tagged ${tag}`}: push one`);
  const pushed = foresee(ledger, seen, pushOf({ ...image, tag: image.tag }), config, now);
  const started = foresee(ledger, seen, person, config, now);
  const [ofPush, ofStart] = await preflightFacts(cell, planOf(pushed), planOf(started));
  const push = answerTo(pushed, ofPush, config);
  const start = answerTo(started, ofStart, config);
  const from = seen.running?.taskDefinition;
  const cautions = tag === undefined ? cautionsAt(pushed, ofPush, config) : cautionsAt(started, ofStart, config);
  return {
    from,
    image,
    push,
    start,
    decision: tag === undefined ? push : start,
    cautions,
    ...(await compare(cell, from, image)),
  };
}

/**
 * What Preflight would see for the push and for the start: the push rolls what the tag policy selects, which need not be the
 * image that a person names. What would be put back is the same for both, so one image is looked at once.
 */
async function preflightFacts(
  { clients, config }: DeployedCell,
  pushed: Plan | undefined,
  started: Plan | undefined,
): Promise<[PreflightFacts | undefined, PreflightFacts | undefined]> {
  const { repositoryUri } = await readRepository(clients.ecr, config);
  const read = async (plan: Plan | undefined) =>
    plan && readPreflightFacts({ ...clients, repositoryUri }, plan, config);
  const ofPush = read(pushed);
  const isOne = pushed !== undefined && pushed.image.digest === started?.image.digest;
  return Promise.all([ofPush, isOne ? ofPush : read(started)]);
}

/** What the next revision would change of the one that the service is on; nothing where there is none. */
export async function compare(
  cell: DeployedCell,
  from: string | undefined,
  { digest }: SelectedImage,
): Promise<Pick<Difference, 'containers' | 'changes'>> {
  const current = from === undefined ? undefined : await describeTaskDefinition(cell, from);
  if (!current) return { containers: [], changes: [] };
  const { repositoryUri } = await readRepository(cell.clients.ecr, cell.config);
  const image = pinnedImage(repositoryUri, digest);
  const next = (containers: readonly string[]): RawTaskDefinition =>
    nextRevision(current.taskDefinition, current.tags, { containers, image, rolloutId: '' });
  // Without containers the next revision is the present one, in the same form.
  const [before, after] = [next([]), next(cell.config.containers)];
  const containers = cell.config.containers.map((name) => ({
    name,
    before: imageIn(before, name),
    after: imageIn(after, name),
  }));
  return { containers, changes: changedMembers(before, after) };
}

function imageIn(taskDefinition: RawTaskDefinition, container: string): string {
  const definitions = (taskDefinition['containerDefinitions'] ?? []) as { name?: string; image?: string }[];
  return definitions.find(({ name }) => name === container)?.image ?? 'no such container';
}

function differenceJson(difference: Difference, { config }: DeployedCell): DifferenceDocument {
  const { from = null, image, decision, push, start, containers, cautions, changes } = difference;
  return {
    schema: 1,
    service: config.service,
    from,
    image: imageJson(image),
    decision,
    push,
    start,
    containers: [...containers],
    cautions: [...cautions],
    changes: [...changes],
  };
}

function refusal(message: string): AwsFailure {
  return new AwsFailure(message, false, undefined);
}
