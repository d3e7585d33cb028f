import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { DescribeImagesCommand, GetLifecyclePolicyCommand, type Repository } from '@aws-sdk/client-ecr';
import type { Service, Tag } from '@aws-sdk/client-ecs';
import { GetOpenIDConnectProviderCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { ListSubscriptionsByTopicCommand, type Subscription } from '@aws-sdk/client-sns';
import { DescribeParametersCommand, GetParameterCommand } from '@aws-sdk/client-ssm';
import { isExecutionRunning } from '../../../functions/aws/executions.ts';
import { readState } from '../../../functions/aws/ledger-table.ts';
import { candidateImages, readRepository } from '../../../functions/aws/registry.ts';
import { readService, toServiceFacts } from '../../../functions/aws/service.ts';
import { listNewestRevisions, type RawDescription } from '../../../functions/aws/task-definitions.ts';
import type { TaskDefinitionArn } from '../../../functions/rollout/identifiers.ts';
import type { LedgerState, SelectedImage } from '../../../functions/rollout/ledger.ts';
import type { RawTag } from '../../../functions/rollout/next-revision.ts';
import type { RunningRevision } from '../../../functions/rollout/running-revision.ts';
import { artifactsIn } from '../../../functions/rollout/blame.ts';
import { selectImage } from '../../../functions/rollout/select-image.ts';
import { primaryOf, type ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import { observeRunning } from '../../../functions/steps/accept-facts.ts';
import { readPreflightFacts } from '../../../functions/steps/preflight-facts.ts';
import { GITHUB_ISSUER, pushRuleName } from '../../../configuration/names.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { foundIn, look, lookElsewhere, lookWithin, type Looked } from '../../account/look.ts';
import type { SlackWorkspace } from '../../account/slack-workspaces.ts';
import { describeTaskDefinition } from '../../account/running-service.ts';
import type { DeployedRelease } from './check-cell.ts';
import type { NextRoll, PresentImages } from './check-images.ts';
import { planFor } from '../diff/foresee.ts';
import { parametersRead, secretsRead } from '../../../configuration/secrets-read.ts';
import type { PresentSecrets } from './check-secrets.ts';
import type { TrustPolicy } from './trust.ts';

/** Everything that the doctor looked at. */
export interface Examined {
  readonly service: Looked<Service>;
  /** What it runs, as AcceptIntent sees it. */
  readonly running: Looked<RunningRevision>;
  readonly taskDefinition: Looked<RawDescription>;
  /** The newest ACTIVE revision of the family. */
  readonly newest: Looked<TaskDefinitionArn>;
  readonly repository: Looked<Repository>;
  readonly nextRoll: Looked<NextRoll>;
  readonly lifecyclePolicy: Looked<string>;
  readonly ledger: Looked<LedgerState>;
  /** Undefined where nobody holds the service. */
  readonly isOwnerRunning: Looked<boolean>;
  readonly provenImages: Looked<PresentImages>;
  readonly machine: Looked<DeployedRelease>;
  /** ENABLED or DISABLED. */
  readonly pushRule: Looked<string>;
  readonly liveImage: Looked<string>;
  readonly secrets: PresentSecrets;
  /** Who is told of outcomes and alarms; `no topic` where the cell's is gone, undefined of a cell that has not registered. */
  readonly subscriptions: Looked<readonly Subscription[] | 'no topic'>;
  /** Authorized for the account; undefined where no Slack channel is configured. */
  readonly slackWorkspaces: Looked<readonly SlackWorkspace[] | 'no service'>;
  readonly pushRole: Looked<TrustPolicy>;
  /** The audiences of GitHub's identity provider. */
  readonly identityProvider: Looked<readonly string[]>;
}

/** Reads only; what the caller may not read is noted and the rest goes on. Any other failure of AWS ends the examination. */
export async function examine(cell: DeployedCell, now: number): Promise<Examined> {
  const { clients, config, account } = cell;
  const { github, provision, notifySlack } = cell.configured ?? {};
  const [service, ledger] = await Promise.all([
    look(() => readService(clients.ecs, config, ['TAGS'])),
    look(() => readState(cell.ledger)),
  ]);
  const known = foundIn(ledger);
  const running = await look(async () => known && observeRunning(clients.ecs, factsOf(service), known, config));
  const revision = primaryOf(factsOf(service))?.taskDefinition;
  const partition = cell.stateMachineArn.split(':')[1]!;
  const providerArn = `arn:${partition}:iam::${account}:oidc-provider/${GITHUB_ISSUER}`;
  const beside = await together({
    taskDefinition: look(async () => (revision === undefined ? undefined : describeTaskDefinition(cell, revision))),
    newest: look(async () => (await listNewestRevisions(clients.ecs, config.family))[0]),
    repository: look(() => readRepository(clients.ecr, config)),
    // What would be put back depends on what runs.
    nextRoll: 'refused' in running ? running : look(async () => known && nextRollOf(cell, known, running.found, now)),
    lifecyclePolicy: look(() => lifecyclePolicyOf(cell)),
    provenImages: look(() => presentImages(cell, known)),
    machine: look(() => machineOf(cell)),
    pushRule: look(() => pushRuleOf(cell)),
    liveImage: look(() => liveImageOf(cell)),
    isOwnerRunning: look(async () => known?.owner && isExecutionRunning(clients.sfn, known.owner)),
    subscriptions: look(() => subscriptionsOf(cell)),
    slackWorkspaces: lookElsewhere(async () => notifySlack && workspacesOf(cell)),
    pushRole: look(async () => (github ? await trustOf(cell, github.roleName) : undefined)),
    identityProvider: look(async () => (github ? await audiencesOf(cell, providerArn) : undefined)),
    secrets: together({
      parameters: look(() => presentParameters(cell, parametersRead(provision))),
      stored: look(() => storedSecrets(cell, secretsRead(provision))),
    }),
  });
  return { service, running, ledger, ...beside };
}

/** Waits for all of them. */
async function together<T extends object>(looks: T): Promise<{ [Name in keyof T]: Awaited<T[Name]> }> {
  const found = await Promise.all(Object.entries(looks).map(async ([name, looked]) => [name, await looked] as const));
  return Object.fromEntries(found) as { [Name in keyof T]: Awaited<T[Name]> };
}

function factsOf(service: Looked<Service>): ServiceFacts | undefined {
  const found = foundIn(service);
  return found && toServiceFacts(found);
}

/**
 * What the tag policy selects, as if it were rolled now: Preflight is asked about it whatever else would keep it from rolling.
 * What a failed rollout goes back to is the same for every image, so where none is selected a proven one stands in.
 */
async function nextRollOf(
  { clients, config }: DeployedCell,
  ledger: LedgerState,
  running: RunningRevision | undefined,
  now: number,
): Promise<NextRoll | undefined> {
  const image = selectImage(await candidateImages(clients.ecr, config), config.tagPolicy, {
    artifacts: artifactsIn(ledger),
  });
  const rolled = image ?? standIn(ledger, running);
  const plan = rolled && planFor(rolled, ledger, running, config, now);
  if (!plan) return undefined;
  const { repositoryUri } = await readRepository(clients.ecr, config);
  return { image, plan, facts: await readPreflightFacts({ ...clients, repositoryUri }, plan, config) };
}

function standIn({ verified }: LedgerState, running: RunningRevision | undefined): SelectedImage | undefined {
  const { digest, at } = running?.proven ?? verified[0] ?? {};
  return digest === undefined || at === undefined ? undefined : { digest, selectedAt: at };
}

async function pushRuleOf({ clients, service }: DeployedCell): Promise<string | undefined> {
  return (await clients.events.send(new DescribeRuleCommand({ Name: pushRuleName(service.name) }))).State;
}

async function liveImageOf({ clients, config }: DeployedCell): Promise<string | undefined> {
  return (await clients.ssm.send(new GetParameterCommand({ Name: config.liveImageParameter }))).Parameter?.Value;
}

async function lifecyclePolicyOf({ clients, config }: DeployedCell): Promise<string | undefined> {
  const request = new GetLifecyclePolicyCommand({ repositoryName: config.repository });
  return (await clients.ecr.send(request)).lifecyclePolicyText;
}

/** One call for each: one missing image would fail a common one. */
async function presentImages(
  { clients, config }: DeployedCell,
  ledger: LedgerState | undefined,
): Promise<PresentImages> {
  const digests = new Set((ledger?.verified ?? []).flatMap(({ digest }) => digest ?? []));
  const looks = [...digests].map(async (imageDigest) => {
    const request = { repositoryName: config.repository, imageIds: [{ imageDigest }] };
    const found = await lookWithin(() => clients.ecr.send(new DescribeImagesCommand(request)));
    return found?.imageDetails?.map(({ imageTags = [] }) => [imageDigest, imageTags] as const) ?? [];
  });
  return new Map((await Promise.all(looks)).flat());
}

/** Values that one filter takes. */
const NAMES_MAX = 50;
/** Pages that are followed, 50 parameters each, as a page may hold none of those asked for. */
const PAGES_MAX = 400;

/** Descriptions hold no values. */
async function presentParameters(cell: DeployedCell, names: string[]): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  for (let start = 0; start < names.length; start += NAMES_MAX) {
    for (const name of await describedNames(cell, names.slice(start, start + NAMES_MAX))) present.add(name);
  }
  return present;
}

async function describedNames({ clients }: DeployedCell, names: string[]): Promise<string[]> {
  const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: names }];
  const described: string[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX && described.length < names.length; page++) {
    const request = { ParameterFilters, ...(NextToken !== undefined && { NextToken }) };
    const answer = await clients.ssm.send(new DescribeParametersCommand(request));
    described.push(...(answer.Parameters ?? []).flatMap(({ Name }) => Name ?? []));
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  return described;
}

async function storedSecrets(
  { clients }: DeployedCell,
  ids: readonly string[],
): Promise<ReadonlyMap<string, 'stored' | 'deleted'>> {
  const looks = ids.map(async (SecretId) => {
    const found = await lookWithin(() => clients.secretsManager.send(new DescribeSecretCommand({ SecretId })));
    return found ? [[SecretId, found.DeletedDate ? 'deleted' : 'stored'] as const] : [];
  });
  return new Map((await Promise.all(looks)).flat());
}

async function machineOf({ clients, stateMachineArn }: DeployedCell): Promise<DeployedRelease | undefined> {
  const { definition = '{}' } = await clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const machine = JSON.parse(definition) as { States?: Record<string, { Assign?: DeployedRelease }> };
  return machine.States?.['Configure']?.Assign;
}

/** Pages that are followed, 100 subscriptions each. */
const SUBSCRIPTION_PAGES_MAX = 10;

async function subscriptionsOf({ clients, topicArn }: DeployedCell): Promise<Subscription[] | 'no topic' | undefined> {
  if (topicArn === undefined) return undefined;
  const found: Subscription[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < SUBSCRIPTION_PAGES_MAX; page++) {
    const request = { TopicArn: topicArn, NextToken };
    const answer = await lookWithin(() => clients.sns.send(new ListSubscriptionsByTopicCommand(request)));
    if (!answer) return 'no topic';
    found.push(...(answer.Subscriptions ?? []));
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  return found;
}

async function workspacesOf({
  clients,
  stateMachineArn,
}: DeployedCell): Promise<readonly SlackWorkspace[] | 'no service'> {
  return stateMachineArn.startsWith('arn:aws:') ? clients.chatbot.slackWorkspaces() : 'no service';
}

async function trustOf({ clients }: DeployedCell, roleName: string): Promise<TrustPolicy> {
  const { Role } = await clients.iam.send(new GetRoleCommand({ RoleName: roleName }));
  return JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '{"Statement":[]}')) as TrustPolicy;
}

async function audiencesOf({ clients }: DeployedCell, arn: string): Promise<readonly string[]> {
  const request = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
  return (await clients.iam.send(request)).ClientIDList ?? [];
}

/** Whether any tag says that Terraform made it; nothing else of AWS tells. */
export function saysTerraform(tags: readonly (Tag | RawTag)[]): boolean {
  return tags.some(({ key, value }) => /terraform/i.test(`${key} ${value}`));
}
