import { isDeepStrictEqual } from 'node:util';
import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import { unprovenNewest } from '../../../functions/rollout/failed-revisions.ts';
import { revisionName, type TaskDefinitionArn } from '../../../functions/rollout/identifiers.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { shortDigest } from '../../terminal/layout.ts';
import { DEPLOY, judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';

/** What the state machine's Configure state assigns. */
export interface DeployedRelease {
  readonly config?: unknown;
  readonly release?: string;
}

/** What this checkout would deploy. */
interface Here {
  readonly config: RolloutConfig;
  readonly release: string;
}

/** Whether the deployed cell is what this checkout and its configuration would deploy; `here` is undefined where that says nothing of the service. */
export function checkMachine(looked: Looked<DeployedRelease>, here: Here | undefined): Finding[] {
  return judge('cell', looked, (deployed) => {
    if (!deployed) return [problem('cell', 'The cell is not deployed: nothing follows pushes.', DEPLOY)];
    if (!here) {
      const { release = 'of before releases were noted' } = deployed;
      return [
        ok('cell', `The cell runs release ${release}; no configuration here speaks of it, so none was compared.`),
      ];
    }
    const { config, release } = here;
    const owner = serviceIn(deployed.config);
    if (owner !== undefined && owner !== config.service) return [takeover(owner, config.service)];
    const changed = changedMembers(deployed.config, config);
    return [
      changed.length === 0
        ? ok('configuration', 'The cell was deployed with this configuration.')
        : warning('configuration', `The cell was deployed with another configuration: ${changed.join(', ')}.`, DEPLOY),
      deployed.release === release
        ? ok('release', `The cell runs this checkout's code (release ${release}).`)
        : warning(
            'release',
            `The cell runs release ${deployed.release ?? 'of before releases were noted'}, and this checkout is ${release}.`,
            `${DEPLOY}, or use the checkout that was deployed`,
          ),
    ];
  });
}

/** The service that a deployed machine rolls. */
function serviceIn(config: unknown): string | undefined {
  const { service } = { ...(config as { readonly service?: unknown }) };
  return typeof service === 'string' ? service : undefined;
}

/** Once a stack remembers its service CloudFormation refuses that; the first deployment of a release that lets it would not. */
function takeover(owner: string, service: string): Finding {
  const said = `The stack with these names is the cell of ${owner}, and deploying would take it away from there.`;
  return problem('name', said, `give ${service} a name of its own: name: '${service.replace('/', '-')}'`);
}

/** Whether the service has a cell under another name than the configuration gives it: it has one cell. */
export function checkName({
  config,
  service,
  configured,
}: Pick<DeployedCell, 'config' | 'service' | 'configured'>): Finding[] {
  if (!configured || configured.name === service.name) return [];
  const said = `${config.service} has a cell already, named ${service.name}, and a second one cannot be created for it.`;
  return [problem('name', said, `name: '${service.name}', or delete the stacks of that cell first`)];
}

function changedMembers(deployed: unknown, config: RolloutConfig): string[] {
  const [before, after] = [deployed, config].map((each) => ({ ...(each as Record<string, unknown>) }));
  const names = new Set([...Object.keys(before!), ...Object.keys(after!)]);
  return [...names].filter((name) => !isDeepStrictEqual(before![name], after![name]));
}

/** Whether pushes start rollouts; the state is EventBridge's. */
export function checkPushRule(looked: Looked<string>): Finding[] {
  return judge('push rule', looked, (state) => {
    if (state === undefined) return [problem('push rule', 'EventBridge has no rule for pushes.', DEPLOY)];
    return state === 'DISABLED'
      ? [problem('push rule', 'The rule for pushes is disabled.', 'aws events enable-rule --name …, or deploy again')]
      : [ok('push rule', 'Pushes start rollouts.')];
  });
}

/** Who owns the service, who waits, and what waits for a person. */
export function checkLedger(looked: Looked<LedgerState>, isOwnerRunning: Looked<boolean>): Finding[] {
  return judge('ledger', looked, (ledger) => {
    if (!ledger) return [];
    const found = [
      ...checkNeed(ledger),
      ...checkOwner(ledger, isOwnerRunning),
      ...checkPin(ledger),
      ...checkQuarantine(ledger),
      ...checkOutbox(ledger),
    ];
    return found.length > 0 ? found : [ok('ledger', 'No rollout holds the service, and none is queued.')];
  });
}

/** Names what waits for someone: with it, being ready is not the news. */
export const NEED = 'needs someone';

/** No problem: a rollout that succeeds is one way to settle it. */
function checkNeed({ needsSomeone }: LedgerState): Finding[] {
  if (!needsSomeone) return [];
  const { outcome, rolloutId, acknowledged } = needsSomeone;
  const what = `Rollout ${rolloutId} ended ${outcome}`;
  if (acknowledged) return [ok('in hand', `${what}; ${acknowledged.by} has been on it: ${acknowledged.reason}`)];
  const remedy = `see rollouts history --rollout ${rolloutId}; roll a good image, or: rollouts acknowledge --reason "…"`;
  return [warning(NEED, `${what}, and nobody has said that they look at it.`, remedy)];
}

function checkOwner({ owner, pending }: LedgerState, looked: Looked<boolean>): Finding[] {
  const waits = pending ? [ok('rollout', `Rollout ${pending.rolloutId} waits for its turn.`)] : [];
  if (!owner) return waits;
  const underWay = judge('rollout', looked, (isRunning) => [
    isRunning === false
      ? warning(
          'rollout',
          `Rollout ${owner.rolloutId} holds the service, and its execution is over.`,
          'wait for the tick, which closes it, or do it now: rollouts abort',
        )
      : ok('rollout', `Rollout ${owner.rolloutId} is under way: rollouts watch shows it.`),
  ]);
  return [...underWay, ...waits];
}

function checkPin({ pin }: LedgerState): Finding[] {
  const said = 'A person chose an image: pushes are recorded and wait.';
  return pin ? [warning('pin', said, 'rollouts release, to follow pushes again')] : [];
}

function checkQuarantine({ quarantine }: LedgerState): Finding[] {
  if (quarantine.length === 0) return [];
  const digests = quarantine.map(({ digest }) => shortDigest(digest)).join(', ');
  return [ok('quarantine', `Failed here before, and not retried by itself: ${digests}.`)];
}

function checkOutbox({ owner, outbox }: LedgerState): Finding[] {
  if (outbox.length === 0 || owner) return [];
  const said = `${outbox.length} outcomes were not announced in full.`;
  return [warning('ledger', said, 'the tick sends them; see its log if it does not')];
}

/** Whether whoever runs the family by its name alone runs what was proven. */
export function checkNewest(
  looked: Looked<TaskDefinitionArn>,
  ledger: LedgerState,
  { family }: Pick<RolloutConfig, 'family'>,
  running: string | undefined,
): Finding[] {
  return judge('newest revision', looked, (newest) => {
    const unproven = unprovenNewest(newest, ledger, running);
    if (unproven === undefined) return [];
    const said = `${revisionName(unproven)} is the newest of ${family}, and no rollout has proven it: RunTask and schedules take it.`;
    const remedy = `aws ecs deregister-task-definition --task-definition ${revisionName(unproven)}; or set failedRevisions: 'deregister', so that a failed one goes by itself`;
    return [warning('newest revision', said, remedy)];
  });
}

/** What is known of who deployed last. */
export interface DriftFacts {
  readonly ledger: LedgerState;
  /** The revision that the service runs. */
  readonly running?: string;
  readonly images: readonly string[];
  /** What the live-image parameter names. */
  readonly liveImage?: string;
  /** Whether a sign of Terraform is on the service or its task definition. */
  readonly isTerraforms: boolean;
}

/** Whether somebody else deployed since the last proven rollout. */
export function checkDrift({ ledger, running, images, liveImage, isTerraforms }: DriftFacts): Finding[] {
  const [last] = ledger.verified;
  if (!last || running === undefined || ledger.owner) return [];
  const runsProvenImage = last.digest !== undefined && images.some((image) => image.endsWith(`@${last.digest}`));
  if (running === last.taskDefinition || runsProvenImage) {
    return liveImage === undefined || images.includes(liveImage)
      ? [ok('drift', 'The service runs what the last successful rollout put there.')]
      : [
          warning(
            'drift',
            `The live-image parameter names ${imageName(liveImage)}, which does not run: the next cdk deploy would roll it.`,
            'rollouts start, to roll what the tag policy selects and set the parameter',
          ),
        ];
  }
  const who = isTerraforms ? 'Terraform' : 'Somebody else';
  return [
    warning(
      'drift',
      `${who} deployed ${revisionName(running)} after the last rollout, which had proven ${revisionName(last.taskDefinition)}.`,
      isTerraforms
        ? 'add lifecycle { ignore_changes = [task_definition] } to the aws_ecs_service'
        : 'nothing, if that was meant: the next rollout starts from it. Else: rollouts start, or rollouts rollback',
    ),
  ];
}

function imageName(image: string): string {
  return shortDigest(image.slice(image.lastIndexOf('/') + 1));
}
