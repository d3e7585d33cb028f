import { type Authorize, type Caller, type PermissionRequest, type RegionContext, type Service } from '../service.ts';
import { createAccessKeys, type AccessKeys } from './access-keys.ts';
import {
  assumeRole,
  assumeRoleWithWebIdentity,
  type RoleCaller,
  type TrustedService,
  type WebIdentityRequest,
  type WebIdentitySession,
} from './assume-role.ts';
import type { ConditionContext } from './conditions.ts';
import { decisionOf, effectOf, type PolicyDecision } from './decide.ts';
import { oidcOperations, oidcProviderResource } from './oidc-operations.ts';
import { OidcProviders } from './oidc-providers.ts';
import { compilePolicy } from './policy-document.ts';
import { sessionArn, type Principal } from './principals.ts';
import { requestContext } from './request-context.ts';
import { iamResources, iamUpdaters, type ManagedPolicies } from './resources.ts';
import { roleOperations } from './role-operations.ts';
import { Roles, type AttachedPolicy, type Role } from './roles.ts';

export { checkActions, checkRequest } from './known-actions.ts';
export type { PolicyDecision } from './decide.ts';
export type { AttachedPolicy } from './roles.ts';
export type { RoleCaller, TrustedService, WebIdentityRequest, WebIdentitySession } from './assume-role.ts';

/** A question that the region put to the policies of a role. */
export interface AskedPermission extends PermissionRequest {
  readonly roleArn: string;
  readonly isAllowed: boolean;
}

/** Roles, policies, identity providers and access keys of the account. */
export interface Iam extends Service, AccessKeys {
  /** Identity policies and permissions boundary of a role; a service is never allowed by them, the operator always. */
  readonly authorize: (...of: Parameters<Authorize>) => PolicyDecision;
  /** What a resource policy says; a caller of the same account may instead be allowed by `authorize`. */
  readonly authorizeByPolicy: (policyDocument: unknown, caller: Caller, request: PermissionRequest) => PolicyDecision;
  /** Checks the trust policy; throws `AccessDenied` or `NoSuchEntity`. The session is named for the service unless told. */
  readonly assumeRole: (roleArn: string, service: TrustedService, sessionName?: string) => RoleCaller;
  /** Believes a token of an identity provider and checks the trust policy; throws as STS answers. */
  readonly assumeRoleWithWebIdentity: (request: WebIdentityRequest) => WebIdentitySession;
  /** How AWS names a session; throws `NoSuchEntity`. */
  readonly identityOf: (caller: RoleCaller) => { readonly arn: string; readonly userId: string };
  /** ARNs of all roles. */
  readonly roles: readonly string[];
  /** Throws `NoSuchEntity`. */
  readonly policiesOf: (roleArn: string) => readonly AttachedPolicy[];
  /** Takes the place of all policies of a role, inline and managed. */
  readonly replacePolicies: (roleArn: string, policies: readonly AttachedPolicy[]) => void;
  /** Every distinct question that was asked about a role's permissions, with its answer. */
  readonly asked: readonly AskedPermission[];
}

/** Creates IAM, empty. */
export function createIam(context: RegionContext): Iam {
  const roles = new Roles();
  const managed: ManagedPolicies = new Map();
  const providers = new OidcProviders(context.account);
  const accessKeys = createAccessKeys(context);
  const asked = new Map<string, AskedPermission>();
  const keysOf = (caller: Principal, request: PermissionRequest): ConditionContext =>
    requestContext(context, caller, request, caller.kind === 'role' ? roles.find(caller.roleArn) : undefined);
  const sessions = { kernel: context.kernel, roles, providers, accessKeys, keysOf };
  return {
    id: 'iam',
    operations: { ...oidcOperations(context, providers), ...roleOperations(roles) },
    resources: {
      ...iamResources(context, roles, managed),
      'AWS::IAM::OIDCProvider': oidcProviderResource(context, providers),
    },
    updaters: iamUpdaters(roles, managed),
    authorize(caller, request) {
      if (caller.kind === 'operator') return OPERATOR_MAY;
      if (caller.kind === 'service') return decisionOf('silent', 'identity-based policy', caller, request);
      const decision = authorizeRole(roles.withArn(caller.roleArn), caller, request, keysOf(caller, request));
      const question = { roleArn: caller.roleArn, ...request, isAllowed: decision.isAllowed };
      asked.set([question.roleArn, question.action, question.resource, question.isAllowed].join(' '), question);
      return decision;
    },
    authorizeByPolicy(policyDocument, caller, request) {
      if (caller.kind === 'operator') return OPERATOR_MAY;
      const statements = compilePolicy(policyDocument, 'resource');
      const effect = effectOf(statements, caller, request, keysOf(caller, request));
      return decisionOf(effect, 'resource-based policy', caller, request);
    },
    assumeRole: (roleArn, service, sessionName) => assumeRole(sessions, roleArn, service, sessionName),
    assumeRoleWithWebIdentity: (request) => assumeRoleWithWebIdentity(sessions, request),
    identityOf(caller) {
      const { roleId } = roles.withArn(caller.roleArn);
      return { arn: sessionArn(caller), userId: `${roleId}:${caller.sessionName}` };
    },
    ...accessKeys,
    get roles() {
      return roles.arns;
    },
    policiesOf: (roleArn) => roles.withArn(roleArn).policies,
    replacePolicies(roleArn, policies) {
      for (const policy of policies) compilePolicy(policy.document, 'identity');
      roles.withArn(roleArn).policies = [...policies];
    },
    get asked() {
      return [...asked.values()];
    },
  };
}

const OPERATOR_MAY: PolicyDecision = {
  isAllowed: true,
  reason: 'the operator may do everything',
  isExplicitDeny: false,
};

/** "Policy evaluation logic": an explicit deny anywhere, else both the identity policies and the boundary must allow. */
function authorizeRole(role: Role, caller: Caller, request: PermissionRequest, keys: ConditionContext): PolicyDecision {
  const statements = role.policies.flatMap((policy) => compilePolicy(policy.document, 'identity'));
  const effect = effectOf(statements, caller, request, keys);
  const decision = decisionOf(effect, 'identity-based policy', caller, request);
  if (role.boundary === undefined || effect === 'deny') return decision;
  const bound = effectOf(compilePolicy(role.boundary, 'identity'), caller, request, keys);
  const isBoundBy = bound === 'deny' || (bound === 'silent' && decision.isAllowed);
  return isBoundBy ? decisionOf(bound, 'permissions boundary', caller, request) : decision;
}
