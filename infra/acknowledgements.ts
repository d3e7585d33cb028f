import { type Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { Cell } from './cell.ts';

/** A finding of cdk-nag that is as it should be. */
interface Acknowledgement {
  /** Path of the construct in its stack. */
  readonly at: string;
  /** As cdk-nag prints it, without the name of the pack. */
  readonly finding: string;
  readonly reason: string;
}

/**
 * Acknowledges, one by one and with its reason, what cdk-nag's AwsSolutions pack finds in the stack that provisions the
 * service. Wildcards in roles are acknowledged where they are granted.
 */
export function acknowledgeService(stack: Stack, cell: Cell): void {
  for (const { at, finding, reason } of acknowledgementsOf(cell))
    Validations.of(constructAt(stack, at)).acknowledge({ id: `AwsSolutions::AwsSolutions-${finding}`, reason });
}

const OPEN_TO_ALL = 'EC23';
const PUBLIC = 'the service is public: its port, and nothing else, is open';
const INTERNAL = 'an internal load balancer is reached from its network alone';

function acknowledgementsOf({ service }: Cell): Acknowledgement[] {
  const { network, loadBalancer, cluster, environment, internal, allowFrom } = service.provision!;
  const opensItself = !loadBalancer && !network?.securityGroupIds;
  const isOpenToAll = allowFrom === undefined;
  return [
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
          ...(isOpenToAll
            ? [{ at: 'FrontDoor/LoadBalancer', finding: OPEN_TO_ALL, reason: internal ? INTERNAL : PUBLIC }]
            : []),
          {
            at: 'FrontDoor/LoadBalancer',
            finding: 'ELB2',
            reason: 'access logs need a bucket with a retention of its own',
          },
        ]
      : []),
    ...(opensItself && isOpenToAll && !internal ? [{ at: 'Network/Tasks', finding: OPEN_TO_ALL, reason: PUBLIC }] : []),
    ...(Object.keys(environment).length > 0
      ? [{ at: 'Tasks/TaskDefinition', finding: 'ECS2', reason: 'these are settings; secrets go under "secrets"' }]
      : []),
  ];
}

function constructAt(stack: Stack, path: string): IConstruct {
  return path.split('/').reduce<IConstruct>((construct, id) => construct.node.findChild(id), stack);
}
