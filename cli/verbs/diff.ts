import { z } from 'zod';
import { isImageTag } from '../../functions/rollout/identifiers.ts';
import type { SelectedImage } from '../../functions/rollout/ledger.ts';
import { nextRevision, type RawTaskDefinition } from '../../functions/rollout/next-revision.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { AwsFailure } from '../account/failures.ts';
import { readLedger } from '../account/ledger.ts';
import { findImage, repositoryUri, selectedImage } from '../account/images.ts';
import { describeService, describeTaskDefinition } from '../account/running-service.ts';
import { UsageError } from '../terminal/command.ts';
import { changedMembers } from './diff/changed-members.ts';
import { differenceLines, type Difference } from './diff/difference-text.ts';
import { wouldLetFinish } from './let-finish.ts';
import { weighNext } from './diff/weigh-next.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { imageJson, imageSchema } from './history/records.ts';

const differenceSchema = serviceDocument({
  from: z.string().describe('ARN of the revision that the service is on, which the next one is made from.'),
  image: imageSchema.describe('What is compared.'),
  decision: z
    .strictObject({
      word: z.enum(['roll', 'nothing', 'busy', 'held']).describe('See below.'),
      reason: z.string().describe('CamelCase, as in the history.'),
      message: z.string().describe('For people.'),
    })
    .describe('Whether it would be rolled.'),
  containers: list(
    z.strictObject({
      name: z.string().describe('Of a configured container.'),
      before: z.string().describe('Its image now.'),
      after: z.string().describe('Its image then.'),
    }),
  ).describe('One per configured container.'),
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
    throw new UsageError(`--tag ${String(tag)}: a tag has 1 to 128 of A-Z a-z 0-9 _ . -`);
  },
  async runIn(cell, { tag }, { clock }) {
    const difference = await readDifference(cell, tag, clock.now());
    const lines = differenceLines(difference, cell.config.service);
    return { document: differenceJson(difference, cell), lines, exitCode: 0 };
  },
});

async function readDifference(cell: DeployedCell, tag: string | undefined, now: number): Promise<Difference> {
  const { config, region } = cell;
  const [service, image, uri, ledger] = await Promise.all([
    describeService(cell),
    wantedImage(cell, tag),
    repositoryUri(cell),
    readLedger(cell),
  ]);
  const from = service?.deployments?.find(({ status }) => status === 'PRIMARY')?.taskDefinition;
  if (!service || from === undefined)
    throw refusal(`ECS has no service ${config.service} in ${region}: create it first`);
  if (!image)
    throw refusal(`ECR has no image ${tag === undefined ? 'that the tag policy selects' : `tagged ${tag}`}: push one`);
  const current = await describeTaskDefinition(cell, from);
  if (!current) throw refusal(`ECS does not describe ${from}`);
  const next = (containers: readonly string[]): RawTaskDefinition =>
    nextRevision(current.taskDefinition, current.tags, { containers, image: `${uri}@${image.digest}`, rolloutId: '' });
  // Without containers the next revision is the present one, in the same form.
  const [before, after] = [next([]), next(config.containers)];
  const containers = config.containers.map((name) => ({
    name,
    before: imageIn(before, name),
    after: imageIn(after, name),
  }));
  const decision = weighNext(
    ledger,
    { image, tag, from, isLetFinish: wouldLetFinish(service, ledger, config, now) },
    config,
  );
  return { from, image, decision, containers, changes: changedMembers(before, after) };
}

async function wantedImage(cell: DeployedCell, tag: string | undefined): Promise<SelectedImage | undefined> {
  if (tag === undefined) return await selectedImage(cell);
  const image = await findImage(cell, { imageTag: tag });
  return image && { digest: image.digest as SelectedImage['digest'], tag, selectedAt: image.pushedAt };
}

function imageIn(taskDefinition: RawTaskDefinition, container: string): string {
  const definitions = (taskDefinition['containerDefinitions'] ?? []) as { name?: string; image?: string }[];
  return definitions.find(({ name }) => name === container)?.image ?? 'no such container';
}

function differenceJson(difference: Difference, { config }: DeployedCell): DifferenceDocument {
  const { from, image, decision, containers, changes } = difference;
  const { word, reason, message } = decision;
  return {
    schema: 1,
    service: config.service,
    from,
    image: imageJson(image),
    decision: { word, reason, message },
    containers,
    changes,
  };
}

function refusal(message: string): AwsFailure {
  return new AwsFailure(message, false, undefined);
}
