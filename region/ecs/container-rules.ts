import type { ContainerDefinition, HealthCheck, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { firstDouble, refuse } from './client-exception.ts';
import { checkImage } from './image-rules.ts';

const MAX_CONTAINERS = 10;
const MAX_ENVIRONMENT_FILES = 10;
const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const S3_OBJECT = /^arn:[^:]+:s3:::[^/]+\/.+$/;

/** What holds for containers one by one, wherever the task runs. */
export function checkContainers(input: RegisterTaskDefinitionRequest): void {
  const containers = input.containerDefinitions ?? [];
  if (containers.length === 0) refuse('Container list cannot be empty.');
  if (containers.length > MAX_CONTAINERS) refuse(`Too many containers: at most ${MAX_CONTAINERS} are allowed.`);
  for (const { name } of containers) {
    if (!name) refuse('Container.name should not be null or empty.');
    if (!NAME.test(name)) refuse('Container.name contains invalid characters.');
  }
  if (firstDouble(containers.map(({ name }) => name)) !== undefined) refuse('Duplicate container name.');
  if (containers.every(({ essential }) => essential === false)) refuse('At least one essential container is required.');
  for (const container of containers) checkContainer(container, input);
}

function checkContainer(
  container: ContainerDefinition,
  { memory, executionRoleArn }: RegisterTaskDefinitionRequest,
): void {
  checkImage(container);
  checkMemory(container, Boolean(memory));
  checkTimeouts(container);
  checkEnvironment(container);
  checkUlimits(container);
  if (container.healthCheck) checkHealthCheck(container.name!, container.healthCheck);
  if ((container.secrets ?? []).length > 0 && !executionRoleArn)
    refuse("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.");
  if ((container.environmentFiles ?? []).length > 0 && !executionRoleArn)
    refuse(
      "When you are specifying container environment files, you must also specify a value for 'executionRoleArn'.",
    );
}

function checkMemory({ name, cpu = 0, memory, memoryReservation }: ContainerDefinition, isTaskSized: boolean): void {
  if (cpu < 0) refuse(`Invalid 'cpu' setting for container '${name}'. It must not be negative: ${cpu}.`);
  for (const [member, value] of Object.entries({ memory, memoryReservation }))
    if (typeof value === 'number' && value <= 0)
      refuse(`Invalid '${member}' setting for container '${name}'. It must be greater than 0: ${value}.`);
  if (memory && memoryReservation && memory < memoryReservation)
    refuse(`Invalid setting for container '${name}'. 'memory' must be greater than or equal to 'memoryReservation'.`);
  if (isTaskSized || memory || memoryReservation) return;
  refuse(`Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`);
}

function checkTimeouts({ name, startTimeout, stopTimeout }: ContainerDefinition): void {
  for (const [kind, seconds] of Object.entries({ start: startTimeout, stop: stopTimeout }))
    if (seconds !== undefined && seconds < 2)
      refuse(`Granular ${kind} timeout on container '${name}' must be at least 2 seconds.`);
}

/** API reference, HealthCheck: the ranges. */
const HEALTH_CHECK_RANGES = {
  interval: [5, 300],
  timeout: [2, 60],
  retries: [1, 10],
  startPeriod: [0, 300],
} as const;

function checkHealthCheck(name: string, healthCheck: HealthCheck): void {
  // The guide wants CMD, CMD-SHELL or NONE in front; ECS also takes a bare command, as recorded definitions have it.
  const [kind = '', ...rest] = healthCheck.command ?? [];
  const isPrefix = kind === 'CMD' || kind === 'CMD-SHELL';
  if (kind === '' || (isPrefix && rest.length === 0) || (kind === 'NONE' && rest.length > 0))
    refuse(
      `Invalid 'healthCheck' setting for container '${name}'. The command is CMD or CMD-SHELL and what to run, or NONE alone.`,
    );
  for (const [member, [least, most]] of Object.entries(HEALTH_CHECK_RANGES)) {
    const value = healthCheck[member as keyof typeof HEALTH_CHECK_RANGES];
    if (value !== undefined && (value < least || value > most))
      refuse(`Invalid 'healthCheck' setting for container '${name}'. ${member} is ${least} to ${most}, not ${value}.`);
  }
}

function checkEnvironment(container: ContainerDefinition): void {
  const { name, environment = [], secrets = [], environmentFiles = [] } = container;
  if (environment.some((variable) => !variable.name))
    refuse(`Invalid 'environment' setting for container '${name}'. Every variable needs a name.`);
  const names = [...new Set(environment.map((variable) => variable.name)), ...secrets.map((secret) => secret.name)];
  const shared = firstDouble(names);
  if (shared !== undefined)
    refuse(
      `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${shared}'.`,
    );
  if (environmentFiles.length > MAX_ENVIRONMENT_FILES)
    refuse(`Too many environment files for container '${name}': at most ${MAX_ENVIRONMENT_FILES} are allowed.`);
  for (const { value = '' } of environmentFiles) {
    if (!S3_OBJECT.test(value)) refuse(`Invalid arn syntax: environment file '${value}' of container '${name}'.`);
    if (!value.endsWith('.env')) refuse(`Environment file '${value}' of container '${name}' must end in .env.`);
  }
}

function checkUlimits({ name, ulimits = [] }: ContainerDefinition): void {
  const double = firstDouble(ulimits.map((ulimit) => ulimit.name));
  if (double !== undefined) refuse(`Duplicate ulimit '${double}' on container '${name}'.`);
  for (const { name: limit, softLimit = 0, hardLimit = 0 } of ulimits)
    if (softLimit > hardLimit)
      refuse(
        `Invalid ulimit '${limit}' on container '${name}'. The soft limit, ${softLimit}, exceeds the hard one, ${hardLimit}.`,
      );
}
