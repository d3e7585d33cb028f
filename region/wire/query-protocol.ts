import { NESTING_MAX, VALUES_MAX } from '../json.ts';
import { Fault } from '../service.ts';
import { checkedInput, checkedOutput, type Protocol, type WireRequest } from './protocol.ts';
import { isDate, type Leaves } from './schema-walk.ts';
import { errorShape } from './sdk-clients.ts';
import type { ErrorShape, Member, Shape } from './sdk-shapes.ts';
import { dateOf } from './timestamps.ts';
import { element, escaped } from './xml.ts';

const READ: Leaves = {
  timestamp: (value) => (typeof value === 'string' ? dateOf(value) : undefined),
  blob: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : undefined),
};
const WRITE: Leaves = {
  timestamp: (value) => (isDate(value) ? value.toISOString() : undefined),
  blob: (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : undefined),
};

/** What the XML of a service's answers says it is; clients do not read it, but AWS sends it. */
const NAMESPACES: Readonly<Record<string, string>> = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  monitoring: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

/** awsQuery: the request is a form, the answer is XML. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const queryProtocol: Protocol = {
  name: 'awsQuery',
  operationOf: (request) => form(request).get('Action') ?? '',
  decode(request, operation, futureFields) {
    const fields = [...form(request)].filter(([name]) => name !== 'Action' && name !== 'Version');
    return checkedInput(operation, typed(operation.input, tree(fields)), READ, futureFields);
  },
  encode(service, operation, output, requestId, futureFields) {
    const value = checkedOutput(operation, output, WRITE, futureFields);
    const content = Object.keys(value).length === 0 ? '' : xmlOf(operation.output, value);
    const result = element(`${operation.name}Result`, content);
    const receipt = element('ResponseMetadata', element('RequestId', requestId));
    return xmlAnswer(200, service, `${operation.name}Response`, result + receipt);
  },
  encodeFault(service, fault, requestId, request) {
    const { queryCode = fault.code, queryStatus = fault.status } = queryError(service, fault, request);
    const type = queryStatus < 500 ? 'Sender' : 'Receiver';
    const error = element('Type', type) + element('Code', queryCode) + element('Message', escaped(fault.message));
    return xmlAnswer(queryStatus, service, 'ErrorResponse', element('Error', error) + element('RequestId', requestId));
  },
};

/** Refusals of callers are older than the names that JSON services give them. */
function queryError(service: string, { code }: Fault, request: WireRequest): ErrorShape {
  if (code === 'UnrecognizedClientException') return { queryCode: 'InvalidClientTokenId', queryStatus: 403 };
  // A request that is signed speaks of its credentials, one that is not of the token in its form.
  const isSigned = request.headers.authorization !== undefined;
  if (code === 'ExpiredTokenException' && isSigned) return { queryCode: 'ExpiredToken', queryStatus: 403 };
  if (code !== 'AccessDeniedException')
    return errorShape(service, code) ?? { queryCode: undefined, queryStatus: undefined };
  return { queryCode: service === 'sns' ? 'AuthorizationError' : 'AccessDenied', queryStatus: 403 };
}

function form(request: WireRequest): URLSearchParams {
  const text = request.body.toString('utf8');
  // Every step of a name becomes an object, a dot that is escaped as well as one that is not.
  if (hasMoreThan(VALUES_MAX, text, /[&.]|%2e/gi))
    throw new Fault('MalformedInput', `the form of the request has more than ${VALUES_MAX} values`);
  return new URLSearchParams(text);
}

function hasMoreThan(limit: number, text: string, separator: RegExp): boolean {
  let count = 0;
  while (count <= limit && separator.test(text)) count++;
  return count > limit;
}

type Tree = { [name: string]: Tree | string };

/** `A.member.1.B=x` becomes `{ A: { member: { 1: { B: 'x' } } } }`. */
function tree(fields: readonly (readonly [string, string])[]): Tree {
  const root = Object.create(null) as Tree;
  for (const [name, value] of fields) {
    const steps = name.split('.');
    if (steps.length > NESTING_MAX) throw malformed(`a name of ${steps.length} steps`);
    let at = root;
    for (const step of steps.slice(0, -1)) {
      const next = (at[step] ??= Object.create(null) as Tree);
      if (typeof next === 'string') throw malformed(name);
      at = next;
    }
    at[steps.at(-1)!] = value;
  }
  return root;
}

/** Gives the tree of a form the types of its schema; what does not fit is left as it is, for the check to refuse. */
function typed(shape: Shape, value: Tree | string | undefined, isFlattened = false): unknown {
  if (shape.kind === 'number' && typeof value === 'string' && isNumeric(value)) return Number(value);
  if (shape.kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (shape.kind === 'list' && value === '') return [];
  if (typeof value !== 'object') return value;
  if (shape.kind === 'structure') return typedStructure(shape, value);
  if (shape.kind === 'list')
    return numbered(isFlattened ? value : nested(value, shape.item.xmlName ?? 'member')).map((item) =>
      typed(shape.item.shape, item),
    );
  if (shape.kind === 'map') return typedMap(shape, isFlattened ? value : nested(value, 'entry'));
  return value;
}

function isNumeric(text: string): boolean {
  return text.trim() !== '' && !Number.isNaN(Number(text));
}

function typedStructure(shape: Shape & { kind: 'structure' }, value: Tree): Record<string, unknown> {
  const byWireName = new Map(
    [...shape.members].map(([name, member]) => [member.xmlName ?? name, [name, member] as const]),
  );
  const entries = Object.entries(value).map(([wireName, inner]) => {
    const [name, member] = byWireName.get(wireName) ?? [wireName, undefined];
    return [name, member === undefined ? inner : typed(member.shape, inner, member.isFlattened)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function typedMap(shape: Shape & { kind: 'map' }, value: Tree): Record<string, unknown> {
  const entries = numbered(value).map((entry) => {
    const { key, value: inner } = named(entry, shape.key, shape.value);
    return [key, typed(shape.value.shape, inner)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function named(entry: Tree | string, key: Member, value: Member): { key: Tree | string; value: Tree | string } {
  const keyName = key.xmlName ?? 'key';
  const valueName = value.xmlName ?? 'value';
  if (typeof entry === 'string' || typeof entry[keyName] !== 'string' || entry[valueName] === undefined)
    throw malformed(keyName);
  return { key: entry[keyName], value: entry[valueName] };
}

function nested(value: Tree, name: string): Tree {
  const inner = value[name];
  if (typeof inner !== 'object' || Object.keys(value).length !== 1) throw malformed(Object.keys(value).join(', '));
  return inner;
}

/** The values of `{ 1: …, 2: …, 3: … }` in order; nothing else may stand beside them. */
function numbered(value: Tree): (Tree | string)[] {
  return Object.keys(value).map((_, index) => {
    const item = value[String(index + 1)];
    if (item === undefined) throw malformed(Object.keys(value).join(', '));
    return item;
  });
}

function malformed(where: string): Fault {
  return new Fault('MalformedInput', `the form of the request cannot be read at ${where}`);
}

/** Writes the inside of an element; `value` has been through its schema and holds strings, numbers and booleans only. */
function xmlOf(shape: Shape, value: unknown): string {
  if (shape.kind === 'structure') return structureXml(shape, value as Record<string, unknown>);
  if (shape.kind === 'list') {
    return (value as unknown[])
      .map((item) => element(shape.item.xmlName ?? 'member', xmlOf(shape.item.shape, item)))
      .join('');
  }
  if (shape.kind === 'map') {
    return Object.entries(value as object)
      .map(([key, inner]) => element('entry', mapEntry(shape, key, inner)))
      .join('');
  }
  return escaped(String(value));
}

function structureXml(shape: Shape & { kind: 'structure' }, value: Record<string, unknown>): string {
  return Object.entries(value)
    .map(([name, inner]) => {
      const member = shape.members.get(name);
      if (member === undefined) return element(name, escaped(String(inner)));
      const tag = member.xmlName ?? name;
      return member.isFlattened ? flattened(member.shape, tag, inner) : element(tag, xmlOf(member.shape, inner));
    })
    .join('');
}

function flattened(shape: Shape, tag: string, value: unknown): string {
  if (shape.kind === 'list')
    return (value as unknown[]).map((item) => element(tag, xmlOf(shape.item.shape, item))).join('');
  if (shape.kind !== 'map') return element(tag, xmlOf(shape, value));
  return Object.entries(value as object)
    .map(([key, inner]) => element(tag, mapEntry(shape, key, inner)))
    .join('');
}

function mapEntry(shape: Shape & { kind: 'map' }, key: string, value: unknown): string {
  return (
    element(shape.key.xmlName ?? 'key', escaped(key)) +
    element(shape.value.xmlName ?? 'value', xmlOf(shape.value.shape, value))
  );
}

function xmlAnswer(status: number, service: string, root: string, content: string) {
  const namespace = NAMESPACES[service] === undefined ? '' : ` xmlns="${NAMESPACES[service]}"`;
  return { status, headers: { 'content-type': 'text/xml' }, body: `<${root}${namespace}>${content}</${root}>` };
}
