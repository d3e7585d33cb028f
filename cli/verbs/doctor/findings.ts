import { toServiceFacts } from '../../../functions/aws/service.ts';
import { namesNoImage } from '../../../functions/rollout/launch.ts';
import { isLetFinish } from '../../../functions/rollout/let-finish.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';
import { primaryOf } from '../../../functions/rollout/service-facts.ts';
import { containersIn } from '../../../functions/rollout/task-definition-facts.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { checkIdentityProvider, checkPushRole } from './check-access.ts';
import { checkDrift, checkLedger, checkMachine, checkNewest, checkPushRule } from './check-cell.ts';
import { checkLifecycle, checkNextRoll, checkProvenImages, targetDigest } from './check-images.ts';
import { checkLiveImage } from './check-live-image.ts';
import { checkRepository } from './check-registry.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkSlack } from './check-slack.ts';
import { checkSubscriptions } from './check-subscriptions.ts';
import { checkService, type Stage } from './check-service.ts';
import { checkTaskDefinition } from './check-task-definition.ts';
import { foundIn } from '../../account/look.ts';
import { saysTerraform, type Examined } from './examine.ts';
import { beforeFirstDeployment } from './first-deployment.ts';
import { judge, ok, warning, type Finding, type Looked } from './finding.ts';

/** What is to be said of what was looked at; `release` stands for this checkout's code, `now` is in milliseconds since the epoch. */
export function findingsOf(
  seen: Examined,
  cell: Pick<DeployedCell, 'service' | 'config' | 'configured'>,
  release: string,
  now: number,
): Finding[] {
  const findings = allFindings(seen, cell, release, now);
  const isDeployed = 'refused' in seen.machine || seen.machine.found !== undefined;
  return isDeployed || !cell.configured ? findings : beforeFirstDeployment(findings, seen, cell.configured);
}

function allFindings(
  seen: Examined,
  { service, config, configured }: Pick<DeployedCell, 'service' | 'config' | 'configured'>,
  release: string,
  now: number,
): Finding[] {
  const described = foundIn(seen.service);
  // A deleted service is remembered for a while.
  const ecs = described?.status === 'INACTIVE' ? undefined : described;
  const ledger = foundIn(seen.ledger);
  const running = foundIn(seen.running);
  const definition = mapped(seen.taskDefinition, ({ taskDefinition }) => taskDefinition);
  const isTerraforms = saysTerraform([...(ecs?.tags ?? []), ...(foundIn(seen.taskDefinition)?.tags ?? [])]);
  const liveImage = foundIn(seen.liveImage);
  const images = imagesOf(foundIn(definition), service.containers);
  const stage = stageOf(images, ledger);
  const { github, provision, notifySlack } = configured ?? {};
  return [
    ...checkService(seen.service, service, stage),
    ...judge('running tasks', seen.running, () => []),
    ...(running && ledger && isLetFinish(running, ledger, config, now) ? [LET_FINISH] : []),
    ...checkLiveImage(
      'found' in seen.service ? { found: ecs } : seen.service,
      seen.liveImage,
      provision !== undefined,
      config.liveImageParameter,
    ),
    ...(ecs && primaryOf(toServiceFacts(ecs))
      ? checkTaskDefinition(definition, { ...service, config }, toServiceFacts(ecs))
      : []),
    ...checkSecrets(seen.secrets, provision),
    ...checkRepository(seen.repository, service),
    ...checkNextRoll(seen.nextRoll, config, ledger?.quarantine),
    ...checkLifecycle(seen.lifecyclePolicy, seen.provenImages),
    ...(github ? checkPushRole(seen.pushRole, github) : []),
    ...(github ? checkIdentityProvider(seen.identityProvider) : []),
    ...checkMachine(seen.machine, configured && { config, release }),
    ...checkPushRule(seen.pushRule),
    ...checkSubscriptions(seen.subscriptions),
    ...(notifySlack ? checkSlack(seen.slackWorkspaces, notifySlack) : []),
    ...(foundIn(seen.machine) || 'refused' in seen.ledger ? checkLedger(seen.ledger, seen.isOwnerRunning) : []),
    ...(ledger
      ? checkProvenImages(ledger, seen.provenImages, seen.running, stage, targetDigest(foundIn(seen.nextRoll)))
      : []),
    ...(ledger
      ? checkDrift({
          ledger,
          images,
          isTerraforms,
          ...(ecs?.taskDefinition !== undefined && { running: ecs.taskDefinition }),
          ...(liveImage !== undefined && { liveImage }),
        })
      : []),
    ...(ledger ? checkNewest(seen.newest, ledger, config, ecs?.taskDefinition) : []),
    ...(isTerraforms ? [TERRAFORM] : []),
  ];
}

const LET_FINISH = ok('deployment', 'ECS is replacing tasks: a push waits until that is over.');

const TERRAFORM = warning(
  'terraform',
  'Tags say that Terraform manages the service; whether it leaves the task definition alone cannot be seen from AWS.',
  'look into its files: rollouts doctor --terraform DIR',
);

function stageOf(images: readonly string[], ledger: LedgerState | undefined): Stage {
  if (!namesNoImage(images)) return 'launched';
  return ledger && ledger.verified.length > 0 ? 'emptied' : 'new';
}

function mapped<A, B>(looked: Looked<A>, of: (found: A) => B): Looked<B> {
  if ('refused' in looked) return looked;
  return { found: looked.found === undefined ? undefined : of(looked.found) };
}

function imagesOf(definition: RawTaskDefinition | undefined, containers: readonly string[]): string[] {
  const all = definition ? containersIn(definition) : [];
  return all.filter(({ name }) => containers.includes(name ?? '')).map(({ image = '' }) => image);
}
