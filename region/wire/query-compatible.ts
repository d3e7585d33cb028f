import type { Fault } from '../service.ts';
import type { WireRequest } from './protocol.ts';
import { errorShape } from './sdk-clients.ts';

/**
 * Clients of services that once spoke awsQuery ask for the error's older name in a header.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#awsquerycompatible-trait
 */
export function queryCompatible(service: string, fault: Fault, request: WireRequest): Readonly<Record<string, string>> {
  if (request.headers['x-amzn-query-mode'] !== 'true') return {};
  const code = errorShape(service, fault.code)?.queryCode ?? fault.code;
  return { 'x-amzn-query-error': `${code};${fault.status < 500 ? 'Sender' : 'Receiver'}` };
}
