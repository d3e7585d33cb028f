import type { ContainerDefinition, Secret } from '@aws-sdk/client-ecs';
import type { Caller, PermissionRequest } from '../service.ts';
import { arnOfParameter } from '../ssm/parameters.ts';
import { logDestination, logStreamArn, openLog } from './container-log.ts';
import type { TaskRecord, World } from './model.ts';
import { partitionOf } from '../partition.ts';

/** Texts of stopped tasks on platform version 1.4, 2023 to 2026. */
const PULL_SECRETS =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed';
const LOGGER = 'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times';

const NO_GROUP = 'ResourceNotFoundException: The specified log group does not exist.';

/** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>`, then a tag or a digest. */
const ECR_IMAGE = /^((\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com)\/([^:@]+)[:@]*(.*)/;
const SECRETS_MANAGER_ARN = /^arn:[^:]+:secretsmanager:/;

/**
 * Why a task cannot have what its execution role fetches before any container starts, in ECS's words; undefined when it
 * can: the registry's token, the secrets, the log streams.
 */
export function retrievalFailure(world: World, task: TaskRecord): string | undefined {
  const { executionRoleArn, containerDefinitions = [] } = task.deployment.taskDefinition.definition;
  if (executionRoleArn === undefined) return undefined;
  let role: Caller;
  try {
    role = world.assumeRole(executionRoleArn, task.id);
  } catch {
    return `ResourceInitializationError: ECS was unable to assume the role '${executionRoleArn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions.`;
  }
  return (
    registryFailure(world, role, containerDefinitions) ??
    first(containerDefinitions, ({ secrets = [] }) => first(secrets, (secret) => secretFailure(world, role, secret))) ??
    first(containerDefinitions, (container) => logStreamFailure(world, role, task, container))
  );
}

/** Why the execution role cannot pull an image of ECR, in ECS's words, which keep the cause to themselves; undefined when it can. */
export function pullRefusal(world: World, task: TaskRecord, image: string): string | undefined {
  const { executionRoleArn } = task.deployment.taskDefinition.definition;
  const [, host, account, region, repository, version] = ECR_IMAGE.exec(image) ?? [];
  if (executionRoleArn === undefined || region === undefined) return undefined;
  const role = world.assumeRole(executionRoleArn, task.id);
  const resource = `arn:${partitionOf(region)}:ecr:${region}:${account}:repository/${repository}`;
  const actions = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
  if (actions.every((action) => world.authorize(role, { action, resource }).isAllowed)) return undefined;
  const url = `https://${host}/v2/${repository}/manifests/${version}`;
  return `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: unexpected status code ${url}: 403 Forbidden`;
}

function registryFailure(world: World, role: Caller, containers: readonly ContainerDefinition[]): string | undefined {
  if (!containers.some(({ image = '' }) => ECR_IMAGE.test(image))) return undefined;
  const refused = refusal(world, role, { action: 'ecr:GetAuthorizationToken', resource: '*' });
  if (refused === undefined) return undefined;
  const answer = `${answered(world, 'ECR: GetAuthorizationToken')}, api error ${refused}`;
  return `${PULL_SECRETS}: unable to retrieve ecr registry auth: service call has been retried 1 time(s): ${answer}`;
}

function secretFailure(world: World, role: Caller, { valueFrom = '' }: Secret): string | undefined {
  if (SECRETS_MANAGER_ARN.test(valueFrom)) return storedSecretFailure(world, role, valueFrom);
  const resource = arnOfParameter(world, valueFrom);
  const refused = refusal(world, role, { action: 'ssm:GetParameters', resource });
  if (refused === undefined && world.hasParameter(valueFrom)) return undefined;
  const cause = refused
    ? `${answered(world, 'SSM: GetParameters')}, api error ${refused}`
    : `invalid ssm parameters: ${valueFrom}`;
  return `${PULL_SECRETS}: unable to retrieve secrets from ssm: service call has been retried 1 time(s): ${cause}`;
}

/** A JSON key, a version stage and a version id may follow the ARN. Policies are asked about the complete ARN. */
function storedSecretFailure(world: World, role: Caller, valueFrom: string): string | undefined {
  const arn = valueFrom.split(':').slice(0, 7).join(':');
  const found = world.findSecret(arn);
  const refused = refusal(world, role, { action: 'secretsmanager:GetSecretValue', resource: found ?? arn });
  if (refused === undefined && found !== undefined) return undefined;
  const cause = refused
    ? `api error ${refused}`
    : "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
  const answer = `${answered(world, 'Secrets Manager: GetSecretValue')}, ${cause}`;
  return `${PULL_SECRETS}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${arn} from secrets manager: ${answer}`;
}

/** The stream is created, and the group with it where `awslogs-create-group` says so, before any container starts. */
function logStreamFailure(
  world: World,
  role: Caller,
  task: TaskRecord,
  container: ContainerDefinition,
): string | undefined {
  const destination = logDestination(world, task, container);
  if (destination === undefined) return undefined;
  const resource = logStreamArn(world, destination);
  const refused = refusal(world, role, { action: 'logs:CreateLogStream', resource });
  const failure = refused ?? (openLog(world, destination) ? undefined : NO_GROUP);
  if (failure === undefined) return undefined;
  const cause = failure === NO_GROUP ? failure : `api error ${failure}`;
  return `${LOGGER}: failed to create Cloudwatch log stream: ${answered(world, 'CloudWatch Logs: CreateLogStream')}, ${cause} : exit status 1`;
}

function refusal(world: World, role: Caller, request: PermissionRequest): string | undefined {
  const { isAllowed, reason } = world.authorize(role, request);
  return isAllowed ? undefined : `AccessDeniedException: ${reason}`;
}

function answered({ kernel }: World, operation: string): string {
  return `operation error ${operation}, https response error StatusCode: 400, RequestID: ${kernel.random.uuid()}`;
}

/** The first failure among `of`. */
function first<T>(of: readonly T[], failureOf: (each: T) => string | undefined): string | undefined {
  for (const each of of) {
    const failure = failureOf(each);
    if (failure !== undefined) return failure;
  }
  return undefined;
}
