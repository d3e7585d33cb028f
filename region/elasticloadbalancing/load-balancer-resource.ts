import * as z from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, type ResourceCreator, type ResourceDeleter } from '../service.ts';
import { arnOf, checkedName, generatedName, removeListeners, type Balancing } from './model.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
/** Route 53's zone of application load balancers in us-east-1; elsewhere the region has a made-up one. */
const HOSTED_ZONES: Readonly<Record<string, string>> = { 'us-east-1': 'Z35SXDOTRQ7X7K' };

/** Held, not acted upon, but for the protection. */
const ATTRIBUTES = [
  'access_logs.s3.enabled',
  'deletion_protection.enabled',
  'idle_timeout.timeout_seconds',
  'routing.http.drop_invalid_header_fields.enabled',
] as const;

const attributeSchema = z
  .strictObject({ Key: z.enum(ATTRIBUTES), Value: z.string() })
  .refine(({ Key, Value }) => Key !== 'access_logs.s3.enabled' || Value === 'false', 'access logs would need a bucket');

const schema = z.strictObject({
  Name: z.string().optional(),
  Type: z.literal('application').default('application'),
  Scheme: z.enum(['internet-facing', 'internal']).default('internet-facing'),
  IpAddressType: z.literal('ipv4').optional(),
  Subnets: z.array(z.string()),
  SecurityGroups: z.array(z.string()).default([]),
  LoadBalancerAttributes: z.array(attributeSchema).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

/** Creates an application load balancer in two availability zones or more; `Ref` is its ARN. */
export function loadBalancerResource(balancing: Balancing): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(schema, TYPE, properties);
    const proposed = read.Name ?? generatedName(balancing, stackName, logicalId);
    const name = checkedName(proposed, balancing.state.loadBalancers.values(), 'load balancer');
    const vpcId = vpcOfSubnets(balancing, read.Subnets);
    if (read.Scheme === 'internet-facing' && !balancing.network.hasInternetGateway(vpcId)) {
      throw new Fault('InvalidSubnet', `VPC ${vpcId} has no internet gateway`);
    }
    for (const group of read.SecurityGroups) refuseForeignGroup(balancing, group, vpcId);
    const { random } = balancing.kernel;
    const fullName = `app/${name}/${random.hex(16)}`;
    const arn = arnOf(balancing, `loadbalancer/${fullName}`);
    const host = `${read.Scheme === 'internal' ? 'internal-' : ''}${name}-${random.digits(10)}`;
    const dnsName = `${host}.${balancing.region}.elb.amazonaws.com`;
    const hostedZoneId = HOSTED_ZONES[balancing.region] ?? 'Z00000000000000';
    balancing.state.loadBalancers.set(arn, {
      arn,
      name,
      fullName,
      dnsName,
      hostedZoneId,
      scheme: read.Scheme,
      createdAt: new Date(balancing.kernel.now),
      vpcId,
      subnetIds: read.Subnets,
      securityGroupIds: read.SecurityGroups,
      isDeletionProtected: (read.LoadBalancerAttributes ?? []).some(
        ({ Key, Value }) => Key === 'deletion_protection.enabled' && Value === 'true',
      ),
    });
    return {
      ref: arn,
      attributes: {
        LoadBalancerArn: arn,
        LoadBalancerName: name,
        LoadBalancerFullName: fullName,
        DNSName: dnsName,
        CanonicalHostedZoneID: hostedZoneId,
      },
    };
  };
}

/** Deletes a load balancer with its listeners, unless it is protected. */
export function loadBalancerDeleter({ state }: Balancing): ResourceDeleter {
  return ({ current: { ref } }) => {
    if (state.loadBalancers.get(ref)?.isDeletionProtected) {
      const problem = `Load balancer '${ref}' cannot be deleted because deletion protection is enabled`;
      throw new Fault('OperationNotPermitted', problem);
    }
    removeListeners(state, (_arn, { loadBalancer }) => loadBalancer.arn === ref);
    state.loadBalancers.delete(ref);
  };
}

function vpcOfSubnets({ network }: Balancing, ids: readonly string[]): string {
  const subnets = ids.map((id) => {
    const subnet = network.subnet(id);
    if (!subnet) throw new Fault('SubnetNotFound', `The subnet ID '${id}' does not exist`);
    return subnet;
  });
  const zones = new Set(subnets.map(({ availabilityZone }) => availabilityZone));
  if (zones.size < 2) {
    throw new Fault('ValidationError', 'At least two subnets in two different Availability Zones must be specified');
  }
  if (zones.size < subnets.length) {
    throw new Fault(
      'InvalidConfigurationRequest',
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  const [vpcId, ...others] = new Set(subnets.map((subnet) => subnet.vpcId));
  if (others.length > 0) throw new Fault('InvalidSubnet', 'All subnets must belong to the same VPC');
  return vpcId!;
}

function refuseForeignGroup({ network }: Balancing, id: string, vpcId: string): void {
  if (network.vpcOfSecurityGroup(id) === vpcId) return;
  throw new Fault('InvalidSecurityGroup', `The security group '${id}' does not belong to VPC '${vpcId}'`);
}
