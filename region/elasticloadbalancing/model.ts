import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Fault, type Network, type RegionContext } from '../service.ts';
import { partitionOf } from '../partition.ts';

/** What Elastic Load Balancing needs of the region. */
export interface BalancingPorts extends RegionContext {
  readonly network: Network;
}

/** What Elastic Load Balancing knows, by ARN. No request ever passes through it. */
export interface BalancingState {
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly targetGroups: Map<string, TargetGroupRecord>;
  readonly listeners: Map<string, Listener>;
}

export interface Balancing extends BalancingPorts {
  readonly state: BalancingState;
}

/** No load balancer. */
export function newBalancingState(): BalancingState {
  return { loadBalancers: new Map(), targetGroups: new Map(), listeners: new Map() };
}

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  /** `app/web/50dc6c495c0c9188` */
  readonly fullName: string;
  readonly dnsName: string;
  readonly hostedZoneId: string;
  readonly scheme: 'internet-facing' | 'internal';
  readonly createdAt: Date;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly isDeletionProtected: boolean;
}

export interface Listener {
  readonly loadBalancer: LoadBalancer;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly certificateArns: readonly string[];
  readonly sslPolicy: string | undefined;
  /** As DescribeListeners answers them. */
  readonly defaultActions: readonly Action[];
  /** Those that it forwards to. */
  readonly targetGroups: readonly TargetGroupRecord[];
}

export interface TargetGroupRecord {
  readonly arn: string;
  readonly name: string;
  /** `targetgroup/web/73e2d6bc24d8a067` */
  readonly fullName: string;
  readonly vpcId: string;
  readonly targetType: 'ip' | 'instance';
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly healthCheckPath: string;
  readonly healthCheckProtocol: 'HTTP' | 'HTTPS';
  readonly healthCheckTimeoutSeconds: number;
  /** `200`, `200-399` */
  readonly matcher: string;
  readonly healthCheckIntervalSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly deregistrationDelaySeconds: number;
  /** The one load balancer whose listeners forward to it. */
  loadBalancer: LoadBalancer | undefined;
}

const MAX_NAME_LENGTH = 32;

/** `arn:aws:elasticloadbalancing:us-east-1:123456789012:<fullName>` */
export const arnOf = ({ region, account }: Balancing, fullName: string): string =>
  `arn:${partitionOf(region)}:elasticloadbalancing:${region}:${account}:${fullName}`;

/** Of load balancers and target groups, each among its own kind: letters, digits and hyphens, at most 32, unique. */
export function checkedName(name: string, taken: Iterable<{ readonly name: string }>, what: string): string {
  if (!/^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name) || name.startsWith('internal-')) {
    throw new Fault('ValidationError', `The ${what} name '${name}' is invalid`);
  }
  for (const other of taken) {
    if (other.name !== name) continue;
    throw new Fault(`Duplicate${what.replace(' ', '')}Name`, `A ${what} with the name '${name}' already exists`);
  }
  return name;
}

/** CloudFormation shortens the stack's name and the logical id so that its random end fits. */
export function generatedName({ kernel }: Balancing, stackName: string, logicalId: string): string {
  const room = MAX_NAME_LENGTH - 14;
  const readable = `${stackName.slice(0, 6)}-${logicalId}`.replace(/[^A-Za-z0-9-]/g, '').slice(0, room);
  return `${readable}-${kernel.random.hex(12)}`.replace(/^-+/, '').replace(/--+/g, '-');
}

export function targetGroupOf({ state: { targetGroups } }: Balancing, arn: string): TargetGroupRecord {
  const group = targetGroups.get(arn);
  if (!group) throw new Fault('TargetGroupNotFound', `One or more target groups not found (${arn})`);
  return group;
}

/** Removes listeners; whatever no other one forwards to loses its load balancer. */
export function removeListeners(
  { listeners }: BalancingState,
  isMeant: (arn: string, listener: Listener) => boolean,
): void {
  const removed = [...listeners].filter(([arn, listener]) => isMeant(arn, listener));
  for (const [arn] of removed) listeners.delete(arn);
  const inUse = new Set([...listeners.values()].flatMap(({ targetGroups }) => targetGroups));
  for (const group of removed.flatMap(([, { targetGroups }]) => targetGroups))
    if (!inUse.has(group)) group.loadBalancer = undefined;
}
