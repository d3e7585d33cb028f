import { isAsProvisioned } from './steps/as-provisioned.ts';
import { ecr, ecs, ledger, sfn } from './aws/clients.ts';
import { executionStanding } from './aws/executions.ts';
import { changeState, readState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { candidateImages, findImage } from './aws/registry.ts';
import { describeService, describeTasks } from './aws/service.ts';
import { acceptIntent, isOutdated, type Acceptance, type AcceptFacts } from './rollout/accept.ts';
import { provenRevision } from './rollout/baseline.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { LedgerContended } from './rollout/errors.ts';
import { parseIntent, type Intent } from './rollout/intent.ts';
import type { LedgerState, SelectedImage } from './rollout/ledger.ts';
import { selectImage, type RegistryImage } from './rollout/select-image.ts';
import type { DeploymentId } from './rollout/identifiers.ts';
import { underWay } from './rollout/let-finish.ts';
import type { RunningRevision } from './rollout/running-revision.ts';
import { primaryOf } from './rollout/service-facts.ts';

interface AcceptArguments {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
  readonly executionArn: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly input: unknown;
}

/** AcceptIntent: parses the input, selects the image now, compares it with what is known, and takes the lease. */
export const handler = step('AcceptIntent', identify, async (input: AcceptArguments): Promise<Acceptance> => {
  const { config } = input;
  const intent = parseIntent(input.input, config);
  const known = await readState(ledger);
  const facts: AcceptFacts = {
    rolloutId: input.rolloutId,
    executionArn: input.executionArn,
    service: config.service,
    startedAt: Date.parse(input.startedAt),
    intent,
    ...(intent.kind !== 'malformed' && (await look(intent, known, input))),
  };
  let acceptance: Acceptance | undefined;
  await changeState(
    ledger,
    (state, now) => {
      if (isOutdated(known, state)) throw new LedgerContended('A rollout ended while the service was looked at.');
      const isSameOwner = state.owner?.rolloutId === known.owner?.rolloutId;
      const accepted = acceptIntent(state, isSameOwner ? facts : besideNewcomer(facts), config, now);
      acceptance = accepted.acceptance;
      return accepted.state;
    },
    known,
  );
  return acceptance!;
});

/** Facts about one owner must not decide about another one that came in between. */
function besideNewcomer({ ownerStop: _stop, ...facts }: AcceptFacts): AcceptFacts {
  return { ...facts, isOwnerRunning: true };
}

function identify(input: AcceptArguments): { rolloutId: string } {
  return { rolloutId: input.rolloutId };
}

async function look(
  intent: Intent,
  known: LedgerState,
  { config, rolloutId }: AcceptArguments,
): Promise<Partial<AcceptFacts>> {
  const owner = known.owner?.rolloutId === rolloutId ? undefined : known.owner;
  const [selected, named, running, standing] = await Promise.all([
    selectNow(intent, config),
    findNamed(intent, config),
    observeRunning(known, config),
    owner && executionStanding(sfn, owner.executionArn),
  ]);
  return {
    ...(selected && { selected }),
    ...(named && { named }),
    ...(running && { running }),
    ...(standing && { isOwnerRunning: standing.isRunning }),
    ...(standing?.stop && { ownerStop: standing.stop }),
  };
}

async function selectNow(intent: Intent, config: RolloutConfig): Promise<SelectedImage | undefined> {
  return selectImage(await candidateImages(ecr, config), config.tagPolicy, intent.kind === 'push' ? intent : undefined);
}

async function findNamed(intent: Intent, { repository }: RolloutConfig): Promise<SelectedImage | undefined> {
  if (intent.kind !== 'person') return undefined;
  if (intent.tag !== undefined)
    return toSelected(await findImage(ecr, repository, { imageTag: intent.tag }), intent.tag);
  return intent.digest && toSelected(await findImage(ecr, repository, { imageDigest: intent.digest }));
}

function toSelected(image: RegistryImage | undefined, tag?: string): SelectedImage | undefined {
  return (
    image && {
      digest: image.digest as SelectedImage['digest'],
      selectedAt: image.pushedAt,
      ...(tag !== undefined && { tag }),
    }
  );
}

/** What runs now. A verified revision needs no second proof; any other is proven by looking at its tasks. */
async function observeRunning(known: LedgerState, config: RolloutConfig): Promise<RunningRevision | undefined> {
  const service = await describeService(ecs, config);
  const primary = primaryOf(service);
  if (!service || !primary) return undefined;
  const isVerified = known.verified.some((revision) => revision.taskDefinition === primary.taskDefinition);
  const tasks = isVerified || service.desiredCount === 0 ? [] : await describeTasks(ecs, config, 'RUNNING');
  const proven = provenRevision(service, primary, tasks, known.verified, config);
  const { taskDefinition, createdAt } = primary;
  const way = underWay(service, primary);
  return {
    deploymentId: primary.id as DeploymentId,
    createdAt,
    taskDefinition,
    desiredCount: service.desiredCount,
    ...(way && { underWay: way }),
    ...((await isAsProvisioned(ecs, service, config)) && { isAsProvisioned: true }),
    ...(proven && { proven }),
  };
}
