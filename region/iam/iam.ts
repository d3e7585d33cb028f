import { type Authorize, type Caller, type PermissionRequest, type RegionContext, type Service } from '../service.ts';
import { callerOf, issueAccessKey } from './access-keys.ts';
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
import {
  newIamState,
  type AskedPermission,
  type AttachedPolicy,
  type IamState,
  type Identities,
  type Role,
} from './model.ts';
import { oidcOperations, oidcProviderResource } from './oidc-operations.ts';
import { compilePolicy } from './policy-document.ts';
import { sessionArn } from './principals.ts';
import { requestContext } from './request-context.ts';
import { iamDeleters, iamResources, iamUpdaters, managedPolicyArn } from './resources.ts';
import { roleOperations } from './role-operations.ts';
import { findRole, roleWithArn } from './roles.ts';

export { checkActions, checkRequest } from './known-actions.ts';
export type { PolicyDecision } from './decide.ts';
export type { AskedPermission, AttachedPolicy } from './model.ts';
export type { RoleCaller, TrustedService, WebIdentityRequest, WebIdentitySession } from './assume-role.ts';

/** Roles, policies, identity providers and access keys of the account. */
export interface Iam extends Service {
  /** `ASIA…`: what SigV4 calls the credential of `caller`; valid for ever unless told. */
  readonly issueAccessKey: (caller: Caller, expiresAt?: Date) => string;
  /** Undefined for a key that nobody has; throws `ExpiredTokenException` for one whose session is over. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
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
  /**
   * A managed policy of the account that no stack makes, such as an organization's permissions boundary; `name` may begin
   * with a path (`/team/limits`). The answer is its ARN.
   */
  readonly putManagedPolicy: (name: string, document: object) => string;
  /** Throws `NoSuchEntity`. */
  readonly policiesOf: (roleArn: string) => readonly AttachedPolicy[];
  /** Takes the place of all policies of a role, inline and managed. */
  readonly replacePolicies: (roleArn: string, policies: readonly AttachedPolicy[]) => void;
  /** Every distinct question that was asked about a role's permissions, with its answer. */
  readonly asked: readonly AskedPermission[];
}

/** Creates IAM, empty unless told. */
export function createIam(context: RegionContext, state: IamState = newIamState()): Iam {
  const identities: Identities = { ...context, state };
  return {
    id: 'iam',
    state,
    operations: { ...oidcOperations(identities), ...roleOperations(identities) },
    resources: { ...iamResources(identities), 'AWS::IAM::OIDCProvider': oidcProviderResource(identities) },
    updaters: iamUpdaters(identities),
    deleters: {
      ...iamDeleters(identities),
      'AWS::IAM::OIDCProvider': ({ current }) => {
        for (const { arn, issuer } of state.providers.values()) if (arn === current.ref) state.providers.delete(issuer);
      },
    },
    authorize: (caller, request) => authorize(identities, caller, request),
    authorizeByPolicy: (document, caller, request) => authorizeByPolicy(identities, document, caller, request),
    assumeRole: (roleArn, service, sessionName) => assumeRole(identities, roleArn, service, sessionName),
    assumeRoleWithWebIdentity: (request) => assumeRoleWithWebIdentity(identities, request),
    identityOf(caller) {
      const { roleId } = roleWithArn(identities, caller.roleArn);
      return { arn: sessionArn(caller), userId: `${roleId}:${caller.sessionName}` };
    },
    issueAccessKey: (caller, expiresAt) => issueAccessKey(identities, caller, expiresAt),
    callerOf: (accessKeyId) => callerOf(identities, accessKeyId),
    get roles() {
      return [...state.rolesByArn.keys()];
    },
    putManagedPolicy(name, document) {
      compilePolicy(document, 'identity');
      const arn = managedPolicyArn(identities, name.startsWith('/') ? name : `/${name}`);
      state.managedPolicies.set(arn, document);
      return arn;
    },
    policiesOf: (roleArn) => roleWithArn(identities, roleArn).policies,
    replacePolicies(roleArn, policies) {
      for (const policy of policies) compilePolicy(policy.document, 'identity');
      roleWithArn(identities, roleArn).policies = [...policies];
    },
    get asked() {
      return [...state.asked.values()];
    },
  };
}

function authorize(identities: Identities, caller: Caller, request: PermissionRequest): PolicyDecision {
  if (caller.kind === 'operator') return OPERATOR_MAY;
  if (caller.kind === 'service') return decisionOf('silent', 'identity-based policy', caller, request);
  const role = findRole(identities, caller.roleArn);
  // A session outlives its role, and may nothing any more.
  if (!role) return decisionOf('silent', 'identity-based policy', caller, request);
  const decided = decisionsOf(role);
  const sameAs = `${caller.roleArn} ${caller.sessionName} ${request.action} ${request.resource} ${JSON.stringify(request.context)}`;
  const before = decided.get(sameAs);
  if (before !== undefined) return before;
  const decision = authorizeRole(role, caller, request, requestContext(identities, caller, request));
  decided.set(sameAs, decision);
  const question = { roleArn: caller.roleArn, ...request, isAllowed: decision.isAllowed };
  const key = [question.roleArn, question.action, question.resource, question.isAllowed].join(' ');
  identities.state.asked.set(key, question);
  return decision;
}

interface Decided {
  readonly boundary: Role['boundary'];
  readonly tags: Role['tags'];
  readonly decisions: Map<string, PolicyDecision>;
}

/** By the policies of a role, which are never changed but replaced. */
const DECIDED = new WeakMap<Role['policies'], Decided>();

/** So many are remembered; a function asks a few questions, again and again. */
const DECISIONS_MAX = 2_000;

/** What was decided of a role as it is now, by question. */
function decisionsOf({ policies, boundary, tags }: Role): Map<string, PolicyDecision> {
  const known = DECIDED.get(policies);
  const isValid = known !== undefined && known.boundary === boundary && known.tags === tags;
  if (isValid && known.decisions.size < DECISIONS_MAX) return known.decisions;
  const decisions = new Map<string, PolicyDecision>();
  DECIDED.set(policies, { boundary, tags, decisions });
  return decisions;
}

function authorizeByPolicy(
  identities: Identities,
  policyDocument: unknown,
  caller: Caller,
  request: PermissionRequest,
): PolicyDecision {
  if (caller.kind === 'operator') return OPERATOR_MAY;
  const statements = compilePolicy(policyDocument, 'resource');
  const effect = effectOf(statements, caller, request, requestContext(identities, caller, request));
  return decisionOf(effect, 'resource-based policy', caller, request);
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
  const bound = effectOf(compilePolicy(role.boundary.document, 'identity'), caller, request, keys);
  const isBoundBy = bound === 'deny' || (bound === 'silent' && decision.isAllowed);
  return isBoundBy ? decisionOf(bound, 'permissions boundary', caller, request) : decision;
}
