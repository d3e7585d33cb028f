import type { Caller, PermissionRequest } from '../service.ts';
import type { ConditionContext } from './conditions.ts';
import type { Identities, Role } from './model.ts';
import { accountOf } from './patterns.ts';
import type { Principal } from './principals.ts';
import { findRole } from './roles.ts';

/** Collects the condition keys of a request: the global ones and those that the service gave with it. */
export function requestContext(
  identities: Identities,
  caller: Principal,
  request: PermissionRequest,
): ConditionContext {
  const context = new Map<string, readonly string[]>();
  const add = (key: string, value: string | readonly string[]): void => {
    context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  };
  add('aws:RequestedRegion', identities.region);
  // The door speaks no TLS, but it stands for endpoints that speak nothing else.
  add('aws:SecureTransport', 'true');
  add('aws:ViaAWSService', 'false');
  if (request.resource !== '*') add('aws:ResourceAccount', accountOf(request.resource) || identities.account);
  if (caller.kind === 'role') addRole(add, caller, findRole(identities, caller.roleArn));
  if (caller.kind === 'service') addService(add, caller, identities.account);
  for (const [key, value] of Object.entries(request.context ?? {})) add(key, value);
  return context;
}

type Add = (key: string, value: string | readonly string[]) => void;

function addRole(add: Add, caller: Caller & { kind: 'role' }, role: Role | undefined): void {
  add('aws:PrincipalArn', caller.roleArn);
  add('aws:PrincipalAccount', accountOf(caller.roleArn));
  add('aws:PrincipalType', 'AssumedRole');
  add('aws:PrincipalIsAWSService', 'false');
  if (role === undefined) return;
  add('aws:userid', `${role.roleId}:${caller.sessionName}`);
  for (const [key, value] of role.tags) add(`aws:PrincipalTag/${key}`, value);
}

function addService(add: Add, caller: Caller & { kind: 'service' }, account: string): void {
  add('aws:PrincipalIsAWSService', 'true');
  add('aws:PrincipalServiceName', caller.principal);
  if (caller.sourceArn === '') return;
  add('aws:SourceArn', caller.sourceArn);
  add('aws:SourceAccount', accountOf(caller.sourceArn) || account);
}
