import type {
  Attribute,
  Compatibility,
  ContainerDefinition,
  RegisterTaskDefinitionRequest,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import { cpuUnits, isFargateSize, memoryMib } from './fargate-sizes.ts';

/** The members that ECS adds, which no request carries. */
interface OutputOnly {
  readonly taskDefinitionArn: string;
  readonly revision: number;
  readonly registeredAt: Date;
  readonly registeredBy: string;
}

/**
 * A task definition as DescribeTaskDefinition answers it: every member of the request, known or not, plus what ECS adds.
 * As in recorded answers: empty lists for `volumes`, `placementConstraints` and some lists of a container, `cpu` 0,
 * `essential` true, a `hostPort` equal to the `containerPort` under awsvpc, `protocol` tcp, task sizes as plain numbers.
 */
export function answeredTaskDefinition(input: RegisterTaskDefinitionRequest, added: OutputOnly): TaskDefinition {
  const { tags: _tags, ...given } = input;
  const definition: TaskDefinition = {
    volumes: [],
    placementConstraints: [],
    ...given,
    containerDefinitions: given.containerDefinitions!.map((container) =>
      answeredContainer(container, given.networkMode === 'awsvpc'),
    ),
    ...added,
    status: 'ACTIVE',
    compatibilities: compatibilitiesOf(given),
    requiresAttributes: attributesOf(given),
  };
  if (given.cpu) definition.cpu = String(cpuUnits(given.cpu));
  if (given.memory) definition.memory = String(memoryMib(given.memory));
  return deepFreeze(definition);
}

function answeredContainer(container: ContainerDefinition, isAwsvpc: boolean): ContainerDefinition {
  const portMappings = (container.portMappings ?? []).map((mapping) => ({
    ...(isAwsvpc && mapping.containerPort !== undefined ? { hostPort: mapping.containerPort } : {}),
    protocol: 'tcp' as const,
    ...mapping,
  }));
  const added = { cpu: 0, essential: true, environment: [], mountPoints: [], volumesFrom: [], systemControls: [] };
  return { ...added, ...container, portMappings };
}

function compatibilitiesOf(given: RegisterTaskDefinitionRequest): Compatibility[] {
  const isSized = Boolean(given.cpu && given.memory) && isFargateSize(cpuUnits(given.cpu!), memoryMib(given.memory!));
  return given.networkMode === 'awsvpc' && isSized ? ['EC2', 'MANAGED_INSTANCES', 'FARGATE'] : ['EC2'];
}

/** Only the attributes that follow from roles, network mode, log drivers and secrets; the real list holds more. */
function attributesOf(given: RegisterTaskDefinitionRequest): Attribute[] {
  const names = new Set<string>();
  if (given.taskRoleArn) names.add('com.amazonaws.ecs.capability.task-iam-role');
  if (given.networkMode === 'awsvpc') names.add('ecs.capability.task-eni');
  for (const { image, logConfiguration, secrets } of given.containerDefinitions ?? []) {
    if (logConfiguration?.logDriver)
      names.add(`com.amazonaws.ecs.capability.logging-driver.${logConfiguration.logDriver}`);
    if (image?.includes('.dkr.ecr.')) names.add('com.amazonaws.ecs.capability.ecr-auth');
    for (const { valueFrom } of secrets ?? []) {
      names.add(
        `ecs.capability.secrets.${valueFrom?.includes(':secretsmanager:') ? 'asm' : 'ssm'}.environment-variables`,
      );
    }
  }
  return [...names].map((name) => ({ name }));
}

/** A deep copy. The service treats an explicit null as an absent member. */
export function withoutNulls<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNulls(item)) as Value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member as unknown)])) as Value;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
