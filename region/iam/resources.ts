import { z } from 'zod';
import { Fault, type ResourceCreator, type ResourceDeleter, type ResourceUpdater } from '../service.ts';
import { checkActions } from './known-actions.ts';
import { managedPolicy } from './managed-policies.ts';
import { compilePolicy, type PolicyKind } from './policy-document.ts';
import { readProperties } from '../properties.ts';
import type { AttachedPolicy, Identities, Role } from './model.ts';
import { addRole, removeRole, roleNamed } from './roles.ts';
import { guardTrustPolicy } from './trust-guard.ts';
import { partitionOf } from '../partition.ts';

const document = z.record(z.string(), z.unknown());
const inlinePolicy = z.strictObject({ PolicyName: z.string(), PolicyDocument: document });
const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

const roleProperties = z.strictObject({
  AssumeRolePolicyDocument: document,
  Description: z.string().optional(),
  ManagedPolicyArns: z.array(z.string()).optional(),
  MaxSessionDuration: z.number().min(3600).max(43200).optional(),
  Path: z.string().optional(),
  PermissionsBoundary: z.string().optional(),
  Policies: z.array(inlinePolicy).optional(),
  RoleName: z.string().max(64).optional(),
  Tags: tags.optional(),
});

const policyProperties = inlinePolicy.extend({ Roles: z.array(z.string()).min(1) });

const managedPolicyProperties = z.strictObject({
  Description: z.string().optional(),
  ManagedPolicyName: z.string().optional(),
  Path: z.string().optional(),
  PolicyDocument: document,
  Roles: z.array(z.string()).optional(),
});

/** `AWS::IAM::Role`, `AWS::IAM::Policy` and `AWS::IAM::ManagedPolicy`. */
export function iamResources(identities: Identities): Record<string, ResourceCreator> {
  const textOf = policyTexts(identities);
  return {
    'AWS::IAM::Role': async (logicalId, properties, stackName) => {
      const given = readProperties(roleProperties, `AWS::IAM::Role ${logicalId}`, properties);
      const name = given.RoleName ?? generatedName(identities, stackName, logicalId);
      const role = roleOf(identities, name, given, textOf);
      await checkPolicy(given.AssumeRolePolicyDocument, 'trust', logicalId);
      for (const policy of role.policies) await checkPolicy(policy.document, 'identity', logicalId);
      addRole(identities, role);
      return { ref: name, attributes: { Arn: role.arn, RoleId: role.roleId } };
    },
    'AWS::IAM::Policy': async (logicalId, properties) => {
      const given = readProperties(policyProperties, `AWS::IAM::Policy ${logicalId}`, properties);
      await checkPolicy(given.PolicyDocument, 'identity', logicalId);
      attach(identities, given.Roles, { name: given.PolicyName, document: given.PolicyDocument });
      return { ref: given.PolicyName, attributes: {} };
    },
    'AWS::IAM::ManagedPolicy': async (logicalId, properties, stackName) => {
      const given = readProperties(managedPolicyProperties, `AWS::IAM::ManagedPolicy ${logicalId}`, properties);
      await checkPolicy(given.PolicyDocument, 'identity', logicalId);
      const name = given.ManagedPolicyName ?? generatedName(identities, stackName, logicalId);
      const arn = managedPolicyArn(identities, `${given.Path ?? '/'}${name}`);
      identities.state.managedPolicies.set(arn, given.PolicyDocument);
      attach(identities, given.Roles ?? [], { name: arn, document: given.PolicyDocument });
      return { ref: arn, attributes: { PolicyArn: arn } };
    },
  };
}

/** A role changes in place but for its name and path; so does what an `AWS::IAM::Policy` allows, and to whom. */
export function iamUpdaters(identities: Identities): Record<string, ResourceUpdater> {
  const textOf = policyTexts(identities);
  const { RoleName: _name, Path: _path, ...changeableOfRole } = roleProperties.shape;
  return {
    'AWS::IAM::Role': {
      changeable: Object.keys(changeableOfRole),
      replacing: ['RoleName', 'Path'],
      update: async ({ logicalId, current, before, after }) => {
        const given = readProperties(roleProperties, `AWS::IAM::Role ${logicalId}`, after);
        await checkPolicy(given.AssumeRolePolicyDocument, 'trust', logicalId);
        const own = ownPolicies(given, textOf);
        for (const policy of own) await checkPolicy(policy.document, 'identity', logicalId);
        const role = roleNamed(identities, current.ref);
        const former = ownPolicies(roleProperties.parse(before), textOf).map(({ name }) => name);
        const attached = role.policies.filter(({ name }) => !former.includes(name));
        Object.assign(role, { ...membersOf(given, textOf), policies: [...own, ...attached] } satisfies Partial<Role>);
        return current;
      },
    },
    'AWS::IAM::Policy': {
      changeable: ['PolicyDocument', 'Roles'],
      update: async ({ logicalId, current, before, after }) => {
        const given = readProperties(policyProperties, `AWS::IAM::Policy ${logicalId}`, after);
        await checkPolicy(given.PolicyDocument, 'identity', logicalId);
        for (const role of policyProperties.parse(before).Roles.map((name) => roleNamed(identities, name)))
          role.policies = role.policies.filter(({ name }) => name !== given.PolicyName);
        attach(identities, given.Roles, { name: given.PolicyName, document: given.PolicyDocument });
        return current;
      },
    },
  };
}

/**
 * Deleters of the same types. CloudFormation takes from a role what the role's own resource gave it; a policy that something
 * else attached keeps the role, and a role to which something else attached a managed policy keeps the policy.
 */
export function iamDeleters(identities: Identities): Record<string, ResourceDeleter> {
  const { rolesByName, managedPolicies } = identities.state;
  const detach = (roleNames: readonly string[], policyName: string): void => {
    for (const role of roleNames.map((name) => rolesByName.get(name)))
      if (role) role.policies = role.policies.filter(({ name }) => name !== policyName);
  };
  return {
    'AWS::IAM::Role': ({ current, properties }) => {
      const { Policies = [], ManagedPolicyArns = [] } = roleProperties.parse(properties);
      const own = [...Policies.map(({ PolicyName }) => PolicyName), ...ManagedPolicyArns];
      const foreign = rolesByName.get(current.ref)?.policies.find(({ name }) => !own.includes(name));
      if (foreign) throw stillAttached(foreign);
      removeRole(identities, current.ref);
    },
    'AWS::IAM::Policy': ({ properties }) => {
      const { Roles, PolicyName } = policyProperties.parse(properties);
      detach(Roles, PolicyName);
    },
    'AWS::IAM::ManagedPolicy': ({ current: { ref }, properties }) => {
      detach(managedPolicyProperties.parse(properties).Roles ?? [], ref);
      const roles = [...rolesByName.values()];
      const isAttached = roles.some(({ policies, boundary }) =>
        [...policies, ...(boundary ? [boundary] : [])].some(({ name }) => name === ref),
      );
      if (isAttached) throw new Fault('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
      managedPolicies.delete(ref);
    },
  };
}

function stillAttached({ name }: AttachedPolicy): Fault {
  const what = name.startsWith('arn:') ? 'detach all policies first' : 'delete policies first';
  return new Fault('DeleteConflict', `Cannot delete entity, must ${what}.`, 409);
}

/** `name` begins with its path. */
export function managedPolicyArn({ account, region }: Identities, name: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:policy${name}`;
}

/** Finds the document of a managed policy, the account's own or AWS's. */
function policyTexts(identities: Identities): (arn: string) => object {
  const own = managedPolicyArn(identities, '/');
  return (arn) => {
    const document = identities.state.managedPolicies.get(arn);
    if (document === undefined && arn.startsWith(own))
      throw new Fault('NoSuchEntityException', `Policy ${arn} does not exist or is not attachable.`, 404);
    return document ?? managedPolicy(arn, identities.region);
  };
}

function roleOf(
  { kernel, account, region }: Identities,
  name: string,
  given: z.output<typeof roleProperties>,
  textOf: (arn: string) => object,
): Role {
  return {
    name,
    arn: `arn:${partitionOf(region)}:iam::${account}:role${given.Path ?? '/'}${name}`,
    roleId: `AROA${kernel.random.hex(17).toUpperCase()}`,
    createdAt: new Date(kernel.now),
    ...membersOf(given, textOf),
    policies: ownPolicies(given, textOf),
  };
}

function membersOf(
  given: z.output<typeof roleProperties>,
  textOf: (arn: string) => object,
): Pick<Role, 'trustPolicy' | 'boundary' | 'tags' | 'maxSessionSeconds'> {
  const { PermissionsBoundary: boundary } = given;
  return {
    trustPolicy: given.AssumeRolePolicyDocument,
    boundary: boundary === undefined ? undefined : { name: boundary, document: textOf(boundary) },
    tags: new Map((given.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    maxSessionSeconds: given.MaxSessionDuration ?? 3600,
  };
}

/** Inline and managed ones; others may be attached by resources of their own. */
function ownPolicies(given: z.output<typeof roleProperties>, textOf: (arn: string) => object): AttachedPolicy[] {
  const inline = (given.Policies ?? []).map(({ PolicyName, PolicyDocument }) => ({
    name: PolicyName,
    document: PolicyDocument,
  }));
  const managed = (given.ManagedPolicyArns ?? []).map((arn) => ({ name: arn, document: textOf(arn) }));
  return [...inline, ...managed];
}

function attach(identities: Identities, roleNames: readonly string[], policy: AttachedPolicy): void {
  for (const role of roleNames.map((name) => roleNamed(identities, name))) role.policies = [...role.policies, policy];
}

/** Refuses what IAM refuses, and actions that no AWS service has (IAM would accept those, and grant nothing). */
async function checkPolicy(policy: object, kind: PolicyKind, logicalId: string): Promise<void> {
  compilePolicy(policy, kind);
  if (kind === 'trust') guardTrustPolicy(policy);
  const problems = await checkActions(policy);
  if (problems.length > 0) throw new Fault('MalformedPolicyDocument', `policy of ${logicalId}: ${problems.join('; ')}`);
}

/** CloudFormation's pattern: stack, logical id, twelve characters, at most 64 in all. */
function generatedName({ kernel }: Identities, stackName: string, logicalId: string): string {
  return `${stackName.slice(0, 24)}-${logicalId.slice(0, 24)}-${kernel.random.hex(12).toUpperCase()}`;
}
