import type { Caller, Decision, PermissionRequest } from '../service.ts';
import type { ConditionContext } from './conditions.ts';
import type { Statement } from './policy-document.ts';
import { sessionArn, type Principal } from './principals.ts';

/** A decision that also says whether a statement denied, which no other policy can overrule. */
export interface PolicyDecision extends Decision {
  readonly isExplicitDeny: boolean;
}

/** What a list of statements says of one request. */
export type Effect = 'deny' | 'allow' | 'silent';

/** Explicit deny wins, then allow; `account` principals deny but do not allow (they delegate to identity policies). */
export function effectOf(
  statements: readonly Statement[],
  principal: Principal,
  request: PermissionRequest,
  context: ConditionContext,
): Effect {
  let effect: Effect = 'silent';
  for (const statement of statements) {
    const match = statement.matchesPrincipal(principal);
    if (match === 'none' || !isApplicable(statement, request, context)) continue;
    if (statement.effect === 'Deny') return 'deny';
    if (match === 'caller') effect = 'allow';
  }
  return effect;
}

function isApplicable(statement: Statement, request: PermissionRequest, context: ConditionContext): boolean {
  return (
    statement.matchesAction(request.action) &&
    statement.matchesResource(request.resource) &&
    statement.conditions.every((holds) => holds(context))
  );
}

/** What kind of policy a decision speaks of, as AWS words it. */
export type PolicyName = 'identity-based policy' | 'permissions boundary' | 'resource-based policy' | 'trust policy';

/** Puts an effect into words, AWS's own ("Troubleshoot access denied error messages"). */
export function decisionOf(
  effect: Effect,
  policy: PolicyName,
  caller: Caller,
  request: PermissionRequest,
): PolicyDecision {
  const isAllowed = effect === 'allow';
  const because =
    effect === 'deny'
      ? `with an explicit deny in ${policy.startsWith('i') ? 'an' : 'a'} ${policy}`
      : `because no ${policy} allows the ${request.action} action`;
  const reason = isAllowed
    ? `a statement of ${policy.startsWith('i') ? 'an' : 'a'} ${policy} allows ${request.action} on ${request.resource}`
    : `User: ${nameOf(caller)} is not authorized to perform: ${request.action} on resource: ${request.resource} ${because}`;
  return { isAllowed, reason, isExplicitDeny: effect === 'deny' };
}

function nameOf(caller: Caller): string {
  if (caller.kind === 'role') return sessionArn(caller);
  return caller.kind === 'service' ? `${caller.principal} (for ${caller.sourceArn})` : 'the operator';
}
