import { Fault, NotModelled } from '../service.ts';
import { compileConditions, refuseVariable, type Condition } from './conditions.ts';
import { arnPattern, isArn, wildcard, type Match } from './patterns.ts';
import { compilePrincipal, type MatchPrincipal } from './principals.ts';

/** Where a policy is attached: decides which elements its statements must and must not have. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

/** One statement, compiled once and asked often. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly matchesAction: Match;
  readonly matchesResource: Match;
  readonly matchesPrincipal: MatchPrincipal;
  readonly conditions: readonly Condition[];
}

/** Compiles a policy document; throws `MalformedPolicyDocument` as IAM would, `NotModelled` for what it would accept. */
export function compilePolicy(document: unknown, kind: PolicyKind): readonly Statement[] {
  const known = compiled[kind].get(recordOf(document, 'The policy'));
  if (known !== undefined) return known;
  const { Version, Statement: statements, Id: _id, ...rest } = recordOf(document, 'The policy');
  refuseRest(rest, 'policy element');
  if (Version !== '2012-10-17') throw new NotModelled(`the IAM policy version ${JSON.stringify(Version)}`);
  const list = Array.isArray(statements) ? statements : [statements];
  if (list.length === 0) throw malformed('The policy must contain at least one statement');
  const result = list.map((statement) => compileStatement(recordOf(statement, 'A statement'), kind));
  compiled[kind].set(document as object, result);
  return result;
}

const compiled: Readonly<Record<PolicyKind, WeakMap<object, readonly Statement[]>>> = {
  identity: new WeakMap(),
  resource: new WeakMap(),
  trust: new WeakMap(),
};

function compileStatement(statement: Record<string, unknown>, kind: PolicyKind): Statement {
  const {
    Sid: _sid,
    Effect,
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
    Condition,
    ...rest
  } = statement;
  refuseRest(rest, 'policy statement element');
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed(`Invalid effect: ${String(Effect)}`);
  if (NotPrincipal !== undefined) throw new NotModelled('the IAM policy element NotPrincipal');
  return {
    effect: Effect,
    matchesAction: oneOf('Action', Action, NotAction, actionPattern),
    matchesResource: compileResource(kind, Resource, NotResource),
    matchesPrincipal: compilePrincipalFor(kind, Principal),
    conditions: compileConditions(Condition),
  };
}

function compileResource(kind: PolicyKind, resource: unknown, notResource: unknown): Match {
  if (kind !== 'trust') return oneOf('Resource', resource, notResource, resourcePattern);
  if (resource !== undefined || notResource !== undefined) throw malformed('Has prohibited field Resource');
  return () => true;
}

function compilePrincipalFor(kind: PolicyKind, principal: unknown): MatchPrincipal {
  if (kind !== 'identity') return compilePrincipal(principal);
  if (principal !== undefined) throw malformed('Policy document should not specify a principal.');
  return () => 'caller';
}

/** An element and its `Not…` twin: exactly one of them must be there. */
function oneOf(name: string, positive: unknown, negative: unknown, compile: (text: string) => Match): Match {
  if ((positive === undefined) === (negative === undefined)) {
    throw malformed(`A statement must have exactly one of ${name} and Not${name}`);
  }
  const matches = listOf(name, positive ?? negative).map(compile);
  const isNegated = positive === undefined;
  return (value) => matches.some((match) => match(value)) !== isNegated;
}

function actionPattern(text: string): Match {
  if (text !== '*' && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(text)) {
    throw malformed(`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (${text})`);
  }
  return wildcard(text, false);
}

function resourcePattern(text: string): Match {
  refuseVariable(text);
  if (text !== '*' && !isArn(text)) throw malformed(`Resource ${text} must be in ARN format or "*".`);
  return arnPattern(text);
}

/** The texts of an element that may be one string or a list of strings. */
export function listOf(name: string, value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((item) => typeof item === 'string')) return list;
  throw malformed(`${name} must be a string or a list of strings`);
}

function refuseRest(rest: Record<string, unknown>, what: string): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw malformed(`Syntax errors in policy: unknown ${what} ${unknown}`);
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(`${what} must be an object`);
}

function malformed(message: string): Fault {
  return new Fault('MalformedPolicyDocument', message);
}
