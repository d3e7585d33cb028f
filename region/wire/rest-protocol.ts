import { parseJson } from '../json.ts';
import { Fault, NotModelled } from '../service.ts';
import { checkedInput, checkedOutput, type Protocol, type WireAnswer, type WireRequest } from './protocol.ts';
import { labelsOf, operationAt, queryOf } from './rest-routes.ts';
import { xmlFault, XML_SERVICES } from './rest-xml-fault.ts';
import { AS_IS, isDate, walk, type Leaves } from './schema-walk.ts';
import { errorMembers } from './sdk-clients.ts';
import type { Member, OperationShape, Shape, StructureShape, TimestampFormat } from './sdk-shapes.ts';
import { dateOf, writtenDate } from './timestamps.ts';

/** Timestamps in bodies are numbers of seconds unless a shape says otherwise, blobs are base64; those of other places have been read. */
const READ: Leaves = {
  timestamp: (value) => (isDate(value) ? value : dateOf(value)),
  blob: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : AS_IS.blob(value)),
};
const WRITE: Leaves = {
  timestamp: (value, format) => (isDate(value) ? writtenDate(value, format) : undefined),
  blob: (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : undefined),
};

const NO_CONTENT = 204;
const JSON_TYPE = 'application/json';

/**
 * restJson1: method and path name the operation, and a member travels in the path, the query, a header or the body.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html. Of restXml it has the errors alone.
 */
export const restProtocol: Protocol = {
  name: 'rest',
  operationOf: (request, service) => operationAt(service, request)?.name ?? '',
  decode: (request, operation, futureFields) =>
    checkedInput(operation, inputOf(request, operation), READ, futureFields),
  encode: (_service, operation, output, _requestId, futureFields) => answerOf(operation, output, futureFields),
  encodeFault(service, fault, requestId) {
    const status = FORBIDDEN.has(fault.code) ? 403 : fault.status;
    if (XML_SERVICES.has(service)) return xmlFault(service, fault, status, requestId);
    const members = errorMembers(service, fault.code);
    const body = {
      ...(members.includes('Type') ? { Type: status < 500 ? 'User' : 'Service' } : {}),
      [members.includes('Message') ? 'Message' : 'message']: fault.message,
    };
    const headers = { 'content-type': JSON_TYPE, 'x-amzn-errortype': fault.code };
    return { status, headers, body: JSON.stringify(body) };
  },
};

/** What REST APIs answer with 403 where others answer with 400. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
]);

/** Refuses by method and path what names no operation; undefined when one is named. */
export function restRefusal(service: string, request: WireRequest): NotModelled | undefined {
  if (operationAt(service, request) !== undefined) return undefined;
  const path = request.path.length > 200 ? `${request.path.slice(0, 200)}…` : request.path;
  return new NotModelled(`${request.method} ${path} (the REST API of ${service})`);
}

function structureOf(shape: Shape, operation: OperationShape): StructureShape | undefined {
  if (shape.kind !== 'structure') return undefined;
  for (const { binding } of shape.members.values()) {
    if (binding?.in === 'unread') throw new NotModelled(`${operation.name}, whose schema says ${binding.name},`);
  }
  return shape;
}

/** Collects the members from where they travel; what does not fit is left as it is, for the check to refuse. */
function inputOf(request: WireRequest, operation: OperationShape): Record<string, unknown> {
  const members = [...(structureOf(operation.input, operation)?.members ?? [])];
  const labels = labelsOf(operation.http!, request);
  const query = queryOf(request);
  refuseUnknownQuery(operation, members, query);
  const payload = members.find(([, { binding }]) => binding?.in === 'payload');
  const input: Record<string, unknown> = payload === undefined ? parsed(request) : {};
  for (const [name, { binding }] of members) {
    if (binding !== undefined && Object.hasOwn(input, name))
      throw new Fault('SerializationException', `${operation.name}: ${name} is not a member of the body`);
  }
  for (const [name, member] of members) {
    const value = valueAt(request, member, labels[name], query);
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function valueAt(request: WireRequest, member: Member, label: string | undefined, query: URLSearchParams): unknown {
  const { binding, shape } = member;
  switch (binding?.in) {
    case 'label':
      return label === undefined ? undefined : fromText(shape, label, 'date-time');
    case 'query': {
      if (shape.kind === 'list')
        return query.has(binding.name)
          ? query.getAll(binding.name).map((text) => fromText(shape.item.shape, text, 'date-time'))
          : undefined;
      const text = query.get(binding.name);
      return text === null ? undefined : fromText(shape, text, 'date-time');
    }
    case 'header': {
      const text = request.headers[binding.name.toLowerCase()];
      if (text === undefined) return undefined;
      return fromText(shape, Array.isArray(text) ? text.join(',') : text, 'http-date');
    }
    case 'payload':
      return request.body.length === 0 ? undefined : payloadOf(request, shape);
    default:
      return undefined;
  }
}

function payloadOf(request: WireRequest, shape: Shape): unknown {
  if (shape.kind === 'blob') return new Uint8Array(request.body);
  return shape.kind === 'string' ? request.body.toString('utf8') : parsed(request);
}

/** What a query says that nobody reads would change nothing. */
function refuseUnknownQuery(
  operation: OperationShape,
  members: readonly (readonly [string, Member])[],
  query: URLSearchParams,
): void {
  const bound = members.flatMap(([, { binding }]) => (binding?.in === 'query' ? [binding.name] : []));
  const fixed = new URLSearchParams(operation.http!.uri.split('?')[1] ?? '');
  const unknown = [...query.keys()].find((name) => !bound.includes(name) && !fixed.has(name));
  if (unknown !== undefined)
    throw new Fault('SerializationException', `${operation.name} has no query parameter ${unknown}`);
}

function fromText(shape: Shape, text: string, usual: TimestampFormat): unknown {
  if (shape.kind === 'number') return numberIn(text) ?? text;
  if (shape.kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (shape.kind !== 'timestamp') return text;
  return dateOf((shape.format ?? usual) === 'epoch-seconds' ? Number(text) : text) ?? text;
}

/** Undefined for text that is no number; `NaN` would be refused as nothing at all. */
function numberIn(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(number) ? undefined : number;
}

function answerOf(operation: OperationShape, output: object, futureFields: ReadonlySet<string>): WireAnswer {
  const value = checkedOutput(operation, output, AS_IS, futureFields) as Record<string, unknown>;
  const members = structureOf(operation.output, operation)?.members ?? new Map<string, Member>();
  const headers: Record<string, string> = { 'content-type': JSON_TYPE };
  const body: Record<string, unknown> = {};
  let { status } = operation.http!;
  let payload: Buffer | string | undefined;
  for (const [name, inner] of Object.entries(value)) {
    const member = members.get(name);
    if (member?.binding?.in === 'status') status = inner as number;
    else if (member?.binding?.in === 'header') headers[member.binding.name.toLowerCase()] = headerOf(inner);
    else if (member?.binding?.in === 'payload') payload = writtenPayload(member.shape, inner, futureFields);
    else body[name] = member === undefined ? inner : written(member.shape, inner, futureFields);
  }
  const hasPayload = [...members.values()].some(({ binding }) => binding?.in === 'payload');
  if (hasPayload || status === NO_CONTENT) return { status, headers, body: payload ?? '' };
  return { status, headers, body: JSON.stringify(body) };
}

function headerOf(value: unknown): string {
  return isDate(value) ? value.toUTCString() : String(value);
}

function writtenPayload(shape: Shape, value: unknown, futureFields: ReadonlySet<string>): Buffer | string {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return typeof value === 'string' ? value : JSON.stringify(written(shape, value, futureFields));
}

function written(shape: Shape, value: unknown, futureFields: ReadonlySet<string>): unknown {
  return walk(shape, value, '', { leaves: WRITE, isNullAbsent: false, futureFields });
}

function parsed(request: WireRequest): Record<string, unknown> {
  if (request.body.length === 0) return {};
  try {
    const value: unknown = parseJson(request.body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below: whatever the body is, it is no JSON object.
  }
  throw new Fault('SerializationException', 'the body of the request is not a JSON object');
}
