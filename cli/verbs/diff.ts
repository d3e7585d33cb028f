import { isImageTag } from '../../functions/rollout/identifiers.ts';
import type { SelectedImage } from '../../functions/rollout/ledger.ts';
import { nextRevision, type RawTaskDefinition } from '../../functions/rollout/next-revision.ts';
import { CELL_OPTIONS, withCell, type DeployedCell } from '../account/deployed-cell.ts';
import { AwsFailure } from '../account/failures.ts';
import { readLedger } from '../account/ledger.ts';
import { findImage, repositoryUri, selectedImage } from '../account/images.ts';
import { describeService, describeTaskDefinition } from '../account/running-service.ts';
import { UsageError, type Command, type Flags, type Terminal } from '../terminal/command.ts';
import { changedMembers } from './diff/changed-members.ts';
import { differenceLines, type Difference } from './diff/difference-text.ts';
import { wouldLetFinish } from './let-finish.ts';
import { weighNext } from './diff/weigh-next.ts';
import { MACHINE_CLOCK } from '../terminal/moments.ts';
import { imageJson } from './records.ts';

/** `rollouts diff`: what the next rollout would change. */
export const diff: Command = {
  name: 'diff',
  summary: 'Says whether the next rollout would roll, and what it would change; names and images only, no values.',
  options: {
    ...CELL_OPTIONS,
    tag: {
      type: 'string',
      placeholder: 'TAG',
      summary: 'The image that would be rolled. [what the tag policy selects]',
    },
  },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const { tag } = flags;
  if (tag !== undefined && !isImageTag(tag))
    throw new UsageError(`--tag ${String(tag)}: a tag has 1 to 128 of A-Z a-z 0-9 _ . -`);
  return await withCell(flags, terminal, async (cell) => {
    const difference = await readDifference(cell, tag, (terminal.clock ?? MACHINE_CLOCK).now());
    const text = flags['json']
      ? JSON.stringify(differenceJson(difference, cell), null, 2)
      : differenceLines(difference, cell.config.service).join('\n');
    terminal.out.write(`${text}\n`);
    return 0;
  });
}

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

function differenceJson({ from, image, decision, containers, changes }: Difference, { config }: DeployedCell): object {
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
