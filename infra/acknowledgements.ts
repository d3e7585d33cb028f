import { type Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { Cell } from './cell.ts';
import { constructId, HANDLERS, type HandlerName } from './handler-table.ts';

/** A finding of cdk-nag that is as it should be. */
interface Acknowledgement {
  /** Path of the construct in its stack. */
  readonly at: string;
  /** As cdk-nag prints it, without the name of the pack. */
  readonly finding: string;
  readonly reason: string;
}

/** Acknowledges, one by one and with its reason, everything that cdk-nag's AwsSolutions pack finds in a cell. */
export function acknowledge(stack: Stack, cell: Cell): void {
  for (const acknowledgement of acknowledgementsOf(cell)) accept(stack, acknowledgement);
}

/** The same for the stack with the repository and who may push. */
export function acknowledgeFoundation(stack: Stack, { service, stateMachineName }: Cell): void {
  accept(stack, {
    at: 'Ensured/Handler/Role',
    finding: 'IAM5[Resource::*]',
    reason: TRACES,
  });
  if (!service.github) return;
  accept(stack, { at: 'Push/Role', finding: 'IAM5[Resource::*]', reason: TOKEN });
  if (service.github.waits) accept(stack, { at: 'Push/Role', ...executionsOf(stateMachineName) });
}

/** The same for the stack that provisions the service. */
export function acknowledgeService(stack: Stack, cell: Cell): void {
  for (const acknowledgement of serviceAcknowledgements(cell)) accept(stack, acknowledgement);
}

function accept(stack: Stack, { at, finding, reason }: Acknowledgement): void {
  Validations.of(constructAt(stack, at)).acknowledge({ id: `AwsSolutions::AwsSolutions-${finding}`, reason });
}

const TOKEN =
  'GetAuthorizationToken has no resource type; the token opens only the repository that is granted beside it';

const PUBLIC: Pick<Acknowledgement, 'finding' | 'reason'> = {
  finding: 'EC23',
  reason: 'the service is public: its port, and nothing else, is open',
};

function serviceAcknowledgements({ service }: Cell): Acknowledgement[] {
  const { network, loadBalancer, cluster, environment } = service.provision!;
  const opensItself = !loadBalancer && !network?.securityGroupIds;
  return [
    { at: 'Tasks/ExecutionRole', finding: 'IAM5[Resource::*]', reason: TOKEN },
    ...(network
      ? []
      : [{ at: 'Network/Vpc', finding: 'VPC7', reason: 'flow logs cost more than the small VPC itself' }]),
    ...(cluster === 'create'
      ? [
          {
            at: 'Cluster',
            finding: 'ECS4',
            reason: 'Container Insights is billed by metric; turn it on where it is read',
          },
        ]
      : []),
    ...(loadBalancer
      ? [
          { at: 'FrontDoor/LoadBalancer', ...PUBLIC },
          {
            at: 'FrontDoor/LoadBalancer',
            finding: 'ELB2',
            reason: 'access logs need a bucket with a retention of its own',
          },
        ]
      : []),
    ...(opensItself ? [{ at: 'Network/Tasks', ...PUBLIC }] : []),
    ...(Object.keys(environment).length > 0
      ? [{ at: 'Tasks/TaskDefinition', finding: 'ECS2', reason: 'these are settings; secrets go under "secrets"' }]
      : []),
  ];
}

/** All acknowledgements of a cell; nothing is acknowledged elsewhere. */
export function acknowledgementsOf(cell: Cell): Acknowledgement[] {
  return [...HANDLERS.map((handler) => anyResource(handler)), ...families(cell), machine, ...deadLetters];
}

const TRACES = 'X-Ray has no resource types';
const READ_DEFINITIONS = 'reading and listing task definitions has no resource type';
const LIST_TASKS = 'ListTasks is bound to the cluster by the condition ecs:cluster instead of a resource';

const REASONS: Partial<Record<HandlerName, string>> = {
  'accept-intent': LIST_TASKS,
  preflight: READ_DEFINITIONS,
  'register-revision': READ_DEFINITIONS,
  'watch-rollout': LIST_TASKS,
  'wake-rollout': LIST_TASKS,
};

function anyResource(handler: HandlerName): Acknowledgement {
  const reason = [TRACES, REASONS[handler]].filter((part) => part !== undefined).join('; ');
  return { at: roleOf(handler), finding: 'IAM5[Resource::*]', reason };
}

function families({ service, stateMachineName }: Cell): Acknowledgement[] {
  const onRoles = (handlers: HandlerName[], resource: string, reason: string): Acknowledgement[] =>
    handlers.map((handler) => ({ at: roleOf(handler), finding: `IAM5[Resource::${regional(resource)}]`, reason }));
  return [
    ...onRoles(
      ['accept-intent', 'watch-rollout', 'wake-rollout'],
      `ecs:<AWS::Region>:<AWS::AccountId>:task/${service.cluster}/*`,
      'ids of tasks are known only at run time; the condition ecs:cluster holds too',
    ),
    ...(['accept-intent', 'await-turn', 'tick'] as const).map((handler) => ({
      at: roleOf(handler),
      ...executionsOf(stateMachineName),
    })),
    ...onRoles(
      ['register-revision'],
      `ecs:<AWS::Region>:<AWS::AccountId>:task-definition/${service.family}:*`,
      'the revision to register is numbered by ECS; the family is fixed',
    ),
  ];
}

function executionsOf(stateMachineName: string): Pick<Acknowledgement, 'finding' | 'reason'> {
  return {
    finding: `IAM5[Resource::${regional(`states:<AWS::Region>:<AWS::AccountId>:execution:${stateMachineName}:*`)}]`,
    reason: 'names of executions are known only at run time',
  };
}

const machine: Acknowledgement = {
  at: 'Rollout/Role',
  finding: 'IAM5[Resource::*]',
  reason: `the log delivery API has no resource types; ${TRACES}`,
};

const deadLetters: Acknowledgement[] = ['Push/DeadLetters', 'ServiceEvents/DeadLetters'].map((at) => ({
  at,
  finding: 'SQS3',
  reason: 'it is a dead-letter queue itself, of EventBridge rules, which cdk-nag does not see',
}));

function roleOf(handler: HandlerName): string {
  return `Handlers/${constructId(handler)}/Role`;
}

function regional(resource: string): string {
  return `arn:<AWS::Partition>:${resource}`;
}

function constructAt(stack: Stack, path: string): IConstruct {
  return path.split('/').reduce<IConstruct>((construct, id) => construct.node.findChild(id), stack);
}
