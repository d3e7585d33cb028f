import { Fault, type Caller } from '../service.ts';
import { issueAccessKey } from './access-keys.ts';
import { decisionOf, effectOf } from './decide.ts';
import type { Identities, Role } from './model.ts';
import { compilePolicy } from './policy-document.ts';
import type { Principal } from './principals.ts';
import { requestContext } from './request-context.ts';
import { findRole, roleWithArn } from './roles.ts';
import { readWebIdentity, type WebIdentity } from './web-identity.ts';

/** A caller that has assumed a role. */
export type RoleCaller = Caller & { readonly kind: 'role' };

/** The AWS service that wants to assume a role, and for which resource. */
export interface TrustedService {
  /** `lambda.amazonaws.com` */
  readonly principal: string;
  /** The resource on whose behalf; left out where the service sends none. */
  readonly sourceArn?: string;
}

/** Somebody with a token of an identity provider who wants to assume a role. */
export interface WebIdentityRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** A JWT. */
  readonly token: string;
  /** @default 3600 */
  readonly durationSeconds?: number | undefined;
}

/** What STS hands out for a token. */
export interface WebIdentitySession {
  readonly caller: RoleCaller;
  readonly credentials: {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
    readonly SessionToken: string;
    readonly Expiration: Date;
  };
  readonly providerArn: string;
  readonly audience: string;
  readonly subject: string;
}

/** Checks the trust policy; throws `AccessDenied` or `NoSuchEntity`. */
export function assumeRole(
  identities: Identities,
  roleArn: string,
  { principal, sourceArn }: TrustedService,
  sessionName: string | undefined,
): RoleCaller {
  const role = roleWithArn(identities, roleArn);
  const caller: Caller = { kind: 'service', principal, sourceArn: sourceArn ?? '' };
  const request = { action: 'sts:AssumeRole', resource: role.arn };
  const effect = effectOf(
    compilePolicy(role.trustPolicy, 'trust'),
    caller,
    request,
    requestContext(identities, caller, request),
  );
  const decision = decisionOf(effect, 'trust policy', caller, request);
  if (!decision.isAllowed) throw new Fault('AccessDenied', decision.reason, 403);
  return { kind: 'role', roleArn: role.arn, sessionName: sessionName ?? principal.replace(/\..*/, '') };
}

const DURATION_SECONDS_DEFAULT = 3600;

/** Believes the token, checks the trust policy and issues credentials that expire. */
export function assumeRoleWithWebIdentity(identities: Identities, request: WebIdentityRequest): WebIdentitySession {
  const { kernel } = identities;
  const identity = readWebIdentity(identities, request.token);
  const role = trustingRole(identities, request.roleArn, identity);
  const seconds = request.durationSeconds ?? DURATION_SECONDS_DEFAULT;
  if (seconds > role.maxSessionSeconds) {
    const text = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
    throw new Fault('ValidationError', text);
  }
  const caller: RoleCaller = { kind: 'role', roleArn: role.arn, sessionName: request.sessionName };
  const expiresAt = new Date(kernel.now + seconds * 1000);
  return {
    caller,
    credentials: {
      AccessKeyId: issueAccessKey(identities, caller, expiresAt),
      // Nobody checks these two: the door knows its callers by the access key alone.
      SecretAccessKey: kernel.random.hex(40),
      SessionToken: kernel.random.hex(200),
      Expiration: expiresAt,
    },
    providerArn: identity.provider.arn,
    audience: identity.audience,
    subject: identity.subject,
  };
}

/** A role that does not exist is refused like one that does not trust: STS does not tell strangers which there are. */
function trustingRole(identities: Identities, roleArn: string, { provider, keys }: WebIdentity): Role {
  const role = findRole(identities, roleArn);
  if (role !== undefined) {
    const principal: Principal = { kind: 'federated', providerArn: provider.arn };
    const asked = { action: 'sts:AssumeRoleWithWebIdentity', resource: role.arn, context: keys };
    const statements = compilePolicy(role.trustPolicy, 'trust');
    if (effectOf(statements, principal, asked, requestContext(identities, principal, asked)) === 'allow') return role;
  }
  throw new Fault('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
}
