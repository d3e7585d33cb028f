import * as z from 'zod';
import { readProperties } from '../properties.ts';
import {
  Fault,
  type ResourceCreator,
  type ResourceDeleter,
  type ResourceProperties,
  type ResourceUpdater,
} from '../service.ts';
import { existing, newId, type Networks, type SecurityGroup } from './model.ts';
import { tagsSchema } from './vpc-resources.ts';

const MAX_LENGTH = 255;
/** EC2 refuses other characters, which templates with typographic dashes and quotes find out late. */
const DESCRIPTION = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/;

const ruleMembers = {
  IpProtocol: z.enum(['tcp', 'udp', 'icmp', '-1']),
  FromPort: z.int().min(-1).max(65_535).optional(),
  ToPort: z.int().min(-1).max(65_535).optional(),
  CidrIp: z.string().optional(),
  CidrIpv6: z.string().optional(),
  Description: z.string().optional(),
};
const ingressMembers = { ...ruleMembers, SourceSecurityGroupId: z.string().optional() };
const egressMembers = { ...ruleMembers, DestinationSecurityGroupId: z.string().optional() };

const groupSchema = z.strictObject({
  GroupDescription: z.string(),
  GroupName: z.string().min(1).max(MAX_LENGTH).optional(),
  VpcId: z.string(),
  SecurityGroupIngress: z.array(z.strictObject(ingressMembers)).default([]),
  SecurityGroupEgress: z.array(z.strictObject(egressMembers)).default([]),
  Tags: tagsSchema,
});
const ingressSchema = z.strictObject({ GroupId: z.string(), ...ingressMembers });
const egressSchema = z.strictObject({ GroupId: z.string(), ...egressMembers });

type Rule = Partial<z.output<typeof ingressSchema>> & Partial<z.output<typeof egressSchema>>;

type Direction = 'ingress' | 'egress';

/** Creates `AWS::EC2::SecurityGroup` with the rules that stand inside it; `Ref` is its id. Rules are held, never applied. */
export function securityGroupResource(networks: Networks): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(groupSchema, 'AWS::EC2::SecurityGroup', properties);
    const name = read.GroupName ?? `${stackName}-${logicalId}-${networks.kernel.random.hex(12)}`;
    const group = newGroup(networks, read.VpcId, name);
    refuseDescription('group description', read.GroupDescription);
    for (const [direction, rule] of rulesOf(read)) addRule(networks, group, direction, rule);
    networks.state.securityGroups.set(group.id, group);
    return { ref: group.id, attributes: { GroupId: group.id, VpcId: group.vpcId } };
  };
}

/** Follows other rules that stand inside a group; those that are resources of their own stay. */
export function securityGroupUpdater(networks: Networks): ResourceUpdater {
  const inside = (properties: ResourceProperties): [Direction, Rule][] =>
    rulesOf(readProperties(groupSchema, 'AWS::EC2::SecurityGroup', properties));
  return {
    changeable: ['SecurityGroupIngress', 'SecurityGroupEgress', 'Tags'],
    replacing: ['GroupDescription', 'GroupName', 'VpcId'],
    update: ({ current, before, after }) => {
      const group = existing(networks.state.securityGroups, current.ref, 'security group');
      for (const [direction, rule] of inside(before)) group.rules.delete(ruleText(direction, rule));
      for (const [direction, rule] of inside(after)) addRule(networks, group, direction, rule);
      return current;
    },
  };
}

function rulesOf(group: z.output<typeof groupSchema>): [Direction, Rule][] {
  return [
    ...group.SecurityGroupIngress.map((rule): [Direction, Rule] => ['ingress', rule]),
    ...group.SecurityGroupEgress.map((rule): [Direction, Rule] => ['egress', rule]),
  ];
}

/** Creates `AWS::EC2::SecurityGroupIngress`. */
export function securityGroupIngressResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const rule = readProperties(ingressSchema, 'AWS::EC2::SecurityGroupIngress', properties);
    return createdRule(networks, rule.GroupId, 'ingress', rule);
  };
}

/** Creates `AWS::EC2::SecurityGroupEgress`. */
export function securityGroupEgressResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const rule = readProperties(egressSchema, 'AWS::EC2::SecurityGroupEgress', properties);
    return createdRule(networks, rule.GroupId, 'egress', rule);
  };
}

/** Revokes a rule that is a resource of its own. */
export function ruleDeleter({ state: { securityGroups } }: Networks, direction: Direction): ResourceDeleter {
  const schema = direction === 'ingress' ? ingressSchema : egressSchema;
  return ({ properties }) => {
    const { GroupId, ...rule } = schema.parse(properties);
    securityGroups.get(GroupId)?.rules.delete(ruleText(direction, rule));
  };
}

function createdRule(networks: Networks, groupId: string, direction: Direction, rule: Rule) {
  addRule(networks, existing(networks.state.securityGroups, groupId, 'security group'), direction, rule);
  const id = newId(networks, 'sgr');
  return { ref: id, attributes: { Id: id } };
}

function newGroup(networks: Networks, vpcId: string, name: string): SecurityGroup {
  existing(networks.state.vpcs, vpcId, 'vpc');
  if (name.startsWith('sg-')) throw new Fault('InvalidParameterValue', 'Group names may not be in the format sg-*');
  if ([...networks.state.securityGroups.values()].some((group) => group.vpcId === vpcId && group.name === name)) {
    throw new Fault('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
  }
  return { id: newId(networks, 'sg'), name, vpcId, rules: new Set() };
}

function addRule(networks: Networks, group: SecurityGroup, direction: Direction, rule: Rule): void {
  const { IpProtocol, FromPort, ToPort, CidrIp, CidrIpv6, Description } = rule;
  const peerGroup = groupOf(rule);
  const peers = [CidrIp, CidrIpv6, peerGroup].filter((peer) => peer !== undefined);
  const invalid = (message: string): never => {
    throw new Fault('InvalidParameterValue', `Security group rule of ${group.id}: ${message}`);
  };
  if (peers.length !== 1) invalid('give exactly one of an IPv4 range, an IPv6 range and a security group');
  if (IpProtocol === 'tcp' || IpProtocol === 'udp') {
    if (FromPort === undefined || ToPort === undefined) invalid(`${IpProtocol} wants FromPort and ToPort`);
    if (FromPort! > ToPort!) invalid(`Invalid range of ports: ${FromPort} to ${ToPort}`);
  }
  if (Description !== undefined) refuseDescription('rule description', Description);
  if (peerGroup !== undefined) refuseForeignGroup(networks, group, peerGroup);
  const text = ruleText(direction, rule);
  if (group.rules.has(text)) {
    throw new Fault('InvalidPermission.Duplicate', `the specified rule "${text}" already exists in ${group.id}`);
  }
  group.rules.add(text);
}

function groupOf({ SourceSecurityGroupId, DestinationSecurityGroupId }: Rule): string | undefined {
  return SourceSecurityGroupId ?? DestinationSecurityGroupId;
}

/** What makes two rules of a group the same. */
function ruleText(direction: Direction, rule: Rule): string {
  const { IpProtocol, FromPort, ToPort, CidrIp, CidrIpv6 } = rule;
  return JSON.stringify([direction, IpProtocol, FromPort, ToPort, CidrIp ?? CidrIpv6 ?? groupOf(rule)]);
}

function refuseForeignGroup(networks: Networks, group: SecurityGroup, peerId: string): void {
  const peer = peerId === group.id ? group : existing(networks.state.securityGroups, peerId, 'security group');
  if (peer.vpcId === group.vpcId) return;
  throw new Fault('InvalidGroup.NotFound', `You have specified two resources that belong to different networks.`);
}

function refuseDescription(what: string, text: string): void {
  if (DESCRIPTION.test(text) && text.length <= MAX_LENGTH) return;
  throw new Fault(
    'InvalidParameterValue',
    `Invalid security group ${what} "${text}". Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`,
  );
}
