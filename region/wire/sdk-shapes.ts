/**
 * Reads the runtime schemas that the AWS SDK for JavaScript exports (`RegisterTaskDefinitionRequest$`). Their tuple
 * layout is undocumented, so this is the only module that knows it; a canary test compares it with known shapes.
 */

/** How a timestamp travels when its own shape does not leave that to the protocol. */
export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

export interface StructureShape {
  readonly kind: 'structure';
  readonly name: string;
  readonly isUnion: boolean;
  readonly members: ReadonlyMap<string, Member>;
  /** Names of the members that must be present. */
  readonly required: readonly string[];
  /** The member by which the API knows a call that is sent again; clients fill it in by themselves. */
  readonly idempotencyToken: string | undefined;
}

/** What the SDK's schemas say of one type; `document` is free JSON, `unit` has no members. */
export type Shape =
  | StructureShape
  | { readonly kind: 'list'; readonly isSparse: boolean; readonly item: Member }
  | { readonly kind: 'map'; readonly isSparse: boolean; readonly key: Member; readonly value: Member }
  | { readonly kind: 'timestamp'; readonly format: TimestampFormat | undefined }
  | { readonly kind: 'string' | 'boolean' | 'number' | 'blob' | 'document' | 'unit' | 'bigNumber' };

/** A member of a structure, an item of a list, a key or value of a map. */
export interface Member {
  /** Resolved when first asked for: shapes may contain themselves. */
  readonly shape: Shape;
  /** Its name in XML and in forms, where that differs from the member's own. */
  readonly xmlName: string | undefined;
  /** Its name in the forms of EC2, where that differs from {@link xmlName}. */
  readonly ec2QueryName: string | undefined;
  /** In XML and forms: items stand directly in the parent. */
  readonly isFlattened: boolean;
  /** Where a REST API carries it; undefined means in the body, beside the others. */
  readonly binding: Binding | undefined;
}

/** A place in an HTTP message other than the body; `unread` names a trait that the region does not know how to follow. */
export type Binding =
  | { readonly in: 'label' | 'payload' | 'status' }
  | { readonly in: 'query' | 'header' | 'unread'; readonly name: string };

/** An API operation as the SDK describes it. */
export interface OperationShape {
  /** The signing name of its service. */
  readonly service: string;
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Undefined but in REST APIs. */
  readonly http: HttpTrait | undefined;
}

/** How a REST API is asked for an operation, and with what status it answers. */
export interface HttpTrait {
  readonly method: string;
  /** `/2015-03-31/functions/{FunctionName}/invocations` */
  readonly uri: string;
  readonly status: number;
}

/** What the schema of an error says of its older, XML era name: `['NotFound', 404]`. */
export interface ErrorShape {
  readonly queryCode: string | undefined;
  readonly queryStatus: number | undefined;
}

type Reference = unknown;
type Tuple = readonly unknown[];
type Traits = Readonly<Record<string, unknown>>;

/** First elements of the tuples. */
const SIMPLE = 0;
const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const ERROR = -3;
const UNION = 4;
const OPERATION = 9;

/** Numbers that stand for whole schemas, and the bits that make lists and maps of them. */
const LIST_OF = 64;
const MAP_OF = 128;
const ELEMENT_BITS = 63;
const LEAVES: Readonly<Record<number, Shape>> = {
  0: { kind: 'string' },
  1: { kind: 'number' },
  2: { kind: 'boolean' },
  4: { kind: 'timestamp', format: undefined },
  5: { kind: 'timestamp', format: 'date-time' },
  6: { kind: 'timestamp', format: 'http-date' },
  7: { kind: 'timestamp', format: 'epoch-seconds' },
  15: { kind: 'document' },
  17: { kind: 'bigNumber' },
  19: { kind: 'bigNumber' },
  21: { kind: 'blob' },
  // A blob that streams.
  42: { kind: 'blob' },
};

const known = new WeakMap<object, Shape>();

/** Reads the schema of an operation (`GetParameter$`); undefined when the export is none. */
export function readOperation(service: string, exported: unknown): OperationShape | undefined {
  if (!Array.isArray(exported) || exported[0] !== OPERATION) return undefined;
  const [, , name, traits, input, output] = exported as Tuple;
  return { service, name: String(name), input: readShape(input), output: readShape(output), http: httpTrait(traits) };
}

function httpTrait(traits: unknown): HttpTrait | undefined {
  const http = traitsOf(traits)['http'] as readonly [string, string, number] | undefined;
  return http && { method: http[0], uri: http[1], status: http[2] };
}

/** Reads the schema of an error (`ParameterNotFound$`); undefined when the export is none. */
export function readError(exported: unknown): ErrorShape | undefined {
  if (!Array.isArray(exported) || exported[0] !== ERROR) return undefined;
  const [code, status] = (traitsOf(exported[3])['awsQueryError'] ?? []) as [string?, number?];
  return { queryCode: code, queryStatus: status };
}

/** The members of an error (`message`, or `Message`, and others); none when the export is no error. */
export function readErrorMembers(exported: unknown): readonly string[] {
  return Array.isArray(exported) && exported[0] === ERROR ? (exported[4] as readonly string[]) : [];
}

/** Reads any schema; the same schema always gives the same object. */
export function readShape(reference: Reference): Shape {
  const schema = dereferenced(reference);
  if (schema === 'unit') return { kind: 'unit' };
  if (typeof schema === 'number') return numbered(schema);
  if (!Array.isArray(schema)) throw unreadable(schema);
  const cached = known.get(schema);
  if (cached !== undefined) return cached;
  const shape = readTuple(schema);
  known.set(schema, shape);
  return shape;
}

function readTuple(schema: Tuple): Shape {
  const [kind, , , traits, fourth, fifth] = schema;
  const isSparse = Boolean(traitsOf(traits)['sparse']);
  switch (kind) {
    case SIMPLE:
      return readShape(fourth);
    case LIST:
      return { kind: 'list', isSparse, item: member(fourth) };
    case MAP:
      return { kind: 'map', isSparse, key: member(fourth), value: member(fifth) };
    case STRUCTURE:
    case ERROR:
    case UNION:
      return structure(schema);
    default:
      throw unreadable(schema);
  }
}

function structure(schema: Tuple): StructureShape {
  const [kind, , name, , memberNames, memberSchemas, requiredCount] = schema;
  const names = memberNames as readonly string[];
  const schemas = memberSchemas as readonly Reference[];
  return {
    kind: 'structure',
    name: String(name),
    isUnion: kind === UNION,
    members: new Map(names.map((memberName, index) => [memberName, member(schemas[index])])),
    // The SDK sorts members so that the required ones stand first; a union has none.
    required: kind === UNION ? [] : names.slice(0, Number(requiredCount ?? 0)),
    idempotencyToken: names.find((_, index) => isIdempotencyToken(schemas[index])),
  };
}

function numbered(schema: number): Shape {
  if (schema >= MAP_OF) return { kind: 'map', isSparse: false, key: member(0), value: member(schema & ELEMENT_BITS) };
  if (schema >= LIST_OF) return { kind: 'list', isSparse: false, item: member(schema & ELEMENT_BITS) };
  const leaf = LEAVES[schema];
  if (leaf === undefined) throw unreadable(schema);
  return leaf;
}

/** A pair of reference and traits, or a bare reference. */
function member(reference: Reference): Member {
  const isPair = Array.isArray(reference) && reference.length === 2;
  const target = isPair ? (reference as Tuple)[0] : reference;
  const traits = isPair ? traitsOf((reference as Tuple)[1]) : {};
  let shape: Shape | undefined;
  return {
    get shape() {
      return (shape ??= readShape(target));
    },
    xmlName: traits['xmlName'] as string | undefined,
    ec2QueryName: traits['ec2QueryName'] as string | undefined,
    isFlattened: Boolean(traits['xmlFlattened']),
    binding: isPair ? bindingOf((reference as Tuple)[1]) : undefined,
  };
}

/** The flag of a member's traits that are a number. */
const IDEMPOTENCY_TOKEN = 4;

function isIdempotencyToken(reference: Reference): boolean {
  if (!Array.isArray(reference) || reference.length !== 2) return false;
  const traits = (reference as Tuple)[1];
  return typeof traits === 'number'
    ? (traits & IDEMPOTENCY_TOKEN) !== 0
    : Boolean(traitsOf(traits)['idempotencyToken']);
}

/** Traits of a member that are nothing but flags stand as the bits of a number. */
const LABEL_BIT = 1;
const PAYLOAD_BIT = 16;
const STATUS_BIT = 32;
const QUERY_PARAMS_BIT = 64;
/** Traits that put a member elsewhere than the region looks for it. */
const UNREAD = ['httpQueryParams', 'httpPrefixHeaders', 'jsonName', 'hostLabel'];

function bindingOf(traits: unknown): Binding | undefined {
  const flags = typeof traits === 'number' ? traits : 0;
  const named = traitsOf(traits);
  const has = (bit: number, name: string): boolean => (flags & bit) !== 0 || named[name] !== undefined;
  if (has(LABEL_BIT, 'httpLabel')) return { in: 'label' };
  if (has(PAYLOAD_BIT, 'httpPayload')) return { in: 'payload' };
  if (has(STATUS_BIT, 'httpResponseCode')) return { in: 'status' };
  if (named['httpQuery'] !== undefined) return { in: 'query', name: String(named['httpQuery']) };
  if (named['httpHeader'] !== undefined) return { in: 'header', name: String(named['httpHeader']) };
  const unread = has(QUERY_PARAMS_BIT, 'httpQueryParams') ? 'httpQueryParams' : UNREAD.find((name) => name in named);
  return unread === undefined ? undefined : { in: 'unread', name: unread };
}

/** Traits as a number are flags; but for those of HTTP (`idempotencyToken`, `sensitive`, …) none matters to the region. */
function traitsOf(traits: unknown): Traits {
  return typeof traits === 'object' && traits !== null ? (traits as Traits) : {};
}

function dereferenced(reference: Reference): unknown {
  return typeof reference === 'function' ? dereferenced((reference as () => unknown)()) : reference;
}

function unreadable(schema: unknown): Error {
  return new Error(`the AWS SDK describes a type in a way that the region cannot read: ${JSON.stringify(schema)}`);
}
