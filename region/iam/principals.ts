import { Fault, NotModelled, type Caller } from '../service.ts';
import { accountOf, isArn } from './patterns.ts';

/** How a statement's `Principal` relates to a caller; `account` means delegated to the caller's whole account. */
export type PrincipalMatch = 'none' | 'caller' | 'account';

/** Whom a policy may name: a caller, or somebody from an identity provider who would become one. */
export type Principal = Caller | { readonly kind: 'federated'; readonly providerArn: string };

/** Answers how a compiled `Principal` element relates to a principal. */
export type MatchPrincipal = (principal: Principal) => PrincipalMatch;

/** Compiles the `Principal` element of a resource or trust policy. */
export function compilePrincipal(principal: unknown): MatchPrincipal {
  if (principal === '*') return anyCaller;
  const entries = Object.entries(recordOf(principal)).flatMap(([type, values]) =>
    listOf(values).map((value) => compileEntry(type, value)),
  );
  return (caller) => {
    const matches = entries.map((match) => match(caller));
    return matches.includes('caller') ? 'caller' : matches.includes('account') ? 'account' : 'none';
  };
}

function compileEntry(type: string, value: string): MatchPrincipal {
  switch (type) {
    case 'Service':
      return (caller) => (caller.kind === 'service' && caller.principal === value ? 'caller' : 'none');
    case 'AWS':
      return compileAws(value);
    case 'Federated':
      return (caller) => (caller.kind === 'federated' && caller.providerArn === value ? 'caller' : 'none');
    default:
      throw new NotModelled(`the IAM principal type ${type}`);
  }
}

function compileAws(value: string): MatchPrincipal {
  if (value === '*') return anyCaller;
  const account = /^\d{12}$/.test(value) ? value : value.endsWith(':root') ? accountOf(value) : undefined;
  if (account !== undefined) return (caller) => (isOfAccount(caller, account) ? 'account' : 'none');
  if (!isArn(value)) throw malformed(`Invalid principal in policy: "AWS":"${value}"`);
  return (caller) => {
    if (caller.kind !== 'role') return 'none';
    return value === caller.roleArn || value === sessionArn(caller) ? 'caller' : 'none';
  };
}

/** Everybody but those of identity providers, whom a statement must name. */
function anyCaller(principal: Principal): PrincipalMatch {
  return principal.kind === 'federated' ? 'none' : 'caller';
}

function isOfAccount(caller: Principal, account: string): boolean {
  return caller.kind === 'role' && accountOf(caller.roleArn) === account;
}

/** `arn:aws:sts::123456789012:assumed-role/role/session`, which is how AWS names the caller in its errors. */
export function sessionArn(caller: Caller & { kind: 'role' }): string {
  const roleName = caller.roleArn.slice(caller.roleArn.lastIndexOf('/') + 1);
  const [, partition] = caller.roleArn.split(':');
  return `arn:${partition}:sts::${accountOf(caller.roleArn)}:assumed-role/${roleName}/${caller.sessionName}`;
}

function listOf(values: unknown): string[] {
  const list = Array.isArray(values) ? values : [values];
  if (list.every((value) => typeof value === 'string')) return list;
  throw malformed('a principal must be a string');
}

function recordOf(principal: unknown): Record<string, unknown> {
  if (typeof principal === 'object' && principal !== null) return principal as Record<string, unknown>;
  throw malformed('Principal must be "*" or an object');
}

function malformed(message: string): Fault {
  return new Fault('MalformedPolicyDocument', message);
}
