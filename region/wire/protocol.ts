import type { IncomingHttpHeaders } from 'node:http';
import { Fault } from '../service.ts';
import { inputFault } from './input-faults.ts';
import { rulesOf, type Violation } from './input-rules.ts';
import { AS_IS, SchemaMismatch, walk, type Leaves } from './schema-walk.ts';
import type { OperationShape } from './sdk-shapes.ts';
import { soundInput, soundOutput, UNSOUND } from './sound-values.ts';

/** An HTTP request that has arrived whole. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What goes back, apart from the headers that every answer carries. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One of AWS's ways to put an API call into HTTP. */
export interface Protocol {
  readonly name: 'awsJson' | 'awsQuery' | 'ec2Query' | 'rpcv2Cbor' | 'rest';
  /** `service` is the signing name, and empty when nobody signed; the answer names no operation when the request does not. */
  operationOf(request: WireRequest, service: string): string;
  /** The input as the SDK's own request type; throws `Fault`. */
  decode(request: WireRequest, operation: OperationShape, futureFields: ReadonlySet<string>): object;
  /** Throws `RegionDefect` when the output is not what the API answers. */
  encode(
    service: string,
    operation: OperationShape,
    output: object,
    requestId: string,
    futureFields: ReadonlySet<string>,
  ): WireAnswer;
  encodeFault(service: string, fault: Fault, requestId: string, request: WireRequest): WireAnswer;
}

/** The region itself is wrong, not its caller; it stops whoever runs the kernel. */
export class RegionDefect extends Error {
  override readonly name = 'RegionDefect';
}

/** Checks a request against its schema; what AWS would not understand or not accept becomes the fault that it would send. */
export function checkedInput(
  operation: OperationShape,
  value: unknown,
  leaves: Leaves,
  futureFields: ReadonlySet<string>,
): object {
  const sound = leaves === AS_IS ? soundInput(operation.service, operation.input, value) : UNSOUND;
  if (sound !== UNSOUND) return sound as object;
  const violations: Violation[] = [];
  const rules = { of: (structure: string) => rulesOf(operation.service, structure), violations };
  try {
    const input = walk(operation.input, value, '', { leaves, isNullAbsent: true, futureFields, rules });
    if (violations.length > 0) throw inputFault(operation.service, operation.name, violations);
    return input as object;
  } catch (error) {
    if (!(error instanceof SchemaMismatch)) throw error;
    throw new Fault('SerializationException', `${operation.name}: ${error.message}`);
  }
}

/** Checks one of our own answers against its schema. */
export function checkedOutput(
  operation: OperationShape,
  value: unknown,
  leaves: Leaves,
  futureFields: ReadonlySet<string>,
): object {
  const sound = leaves === AS_IS ? soundOutput(operation.output, value) : UNSOUND;
  if (sound !== UNSOUND) return sound as object;
  try {
    return walk(operation.output, value, '', { leaves, isNullAbsent: false, futureFields }) as object;
  } catch (error) {
    if (!(error instanceof SchemaMismatch)) throw error;
    throw new RegionDefect(`the answer of ${operation.name} is not what the API answers: ${error.message}`);
  }
}
