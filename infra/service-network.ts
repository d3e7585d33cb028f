import {
  Port,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  IpAddresses,
  Peer,
  SecurityGroup,
  Subnet,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ExistingNetwork, Provision } from '../configuration/provisioning.ts';

interface ServiceNetworkProps {
  readonly existing: ExistingNetwork | undefined;
}

const SMALL_VPC_RANGE = '10.0.0.0/24';

/**
 * Where the tasks run: the existing network, or a small VPC of public subnets in two zones. Without NAT gateways, which would
 * cost more than the tasks: a task's public address reaches ECR, and its security group lets only the port in.
 */
export class ServiceNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroups: readonly ISecurityGroup[];
  readonly assignPublicIp: boolean;
  /** Ours to open; an existing network's groups are their owner's. */
  readonly own: SecurityGroup | undefined;

  constructor(scope: Construct, id: string, { existing }: ServiceNetworkProps) {
    super(scope, id);
    // CDK's own classes do not fit its interfaces under exactOptionalPropertyTypes.
    this.vpc = existing ? this.vpcOf(existing) : (this.smallVpc() as IVpc);
    this.subnets = existing
      ? existing.subnetIds.map((subnetId, index) => Subnet.fromSubnetId(this, `Subnet${index + 1}`, subnetId))
      : this.vpc.publicSubnets;
    this.assignPublicIp = existing?.assignPublicIp ?? true;
    const given = existing?.securityGroupIds ?? [];
    this.own = given.length > 0 ? undefined : this.taskGroup();
    this.securityGroups = this.own
      ? [this.own]
      : given.map((groupId, index) =>
          SecurityGroup.fromSecurityGroupId(this, `Group${index + 1}`, groupId, { mutable: false }),
        );
  }

  /** Lets these reach the port, as a service with a public address and without a load balancer needs it; anyone by default. */
  openTo(port: number, { internal, allowFrom }: Pick<Provision, 'internal' | 'allowFrom'>): void {
    const ranges = allowFrom ?? (internal ? [SMALL_VPC_RANGE] : undefined);
    if (!ranges) this.own?.addIngressRule(Peer.anyIpv4(), Port.tcp(port), 'The service is public');
    for (const range of ranges ?? []) this.own?.addIngressRule(Peer.ipv4(range), Port.tcp(port), 'allowFrom');
  }

  private vpcOf({ vpcId, subnetIds }: ExistingNetwork): IVpc {
    // Nothing is looked up: the zones are not used, but CDK wants to know them.
    const availabilityZones = subnetIds.map((_, index) => `zone-${index + 1}`);
    return Vpc.fromVpcAttributes(this, 'Vpc', { vpcId, availabilityZones, publicSubnetIds: [...subnetIds] });
  }

  private smallVpc(): Vpc {
    return new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(SMALL_VPC_RANGE),
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
      ],
    });
  }

  private taskGroup(): SecurityGroup {
    return new SecurityGroup(this, 'Tasks', { vpc: this.vpc, description: 'Tasks of the service' });
  }
}
