import { Fault } from '../service.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { checkedInput, checkedOutput, type Protocol, type WireRequest } from './protocol.ts';
import { queryCompatible } from './query-compatible.ts';
import { AS_IS } from './schema-walk.ts';

const HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };

/** `/service/<name>/operation/<operation>` with CBOR bodies, as the AWS CLI calls CloudWatch. https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
export const cborProtocol: Protocol = {
  name: 'rpcv2Cbor',
  operationOf: (request) => request.path.split('/').at(-1) ?? '',
  decode: (request, operation, futureFields) => checkedInput(operation, parsed(request), AS_IS, futureFields),
  encode(_service, operation, output, _requestId, futureFields) {
    return { status: 200, headers: HEADERS, body: encodeCbor(checkedOutput(operation, output, AS_IS, futureFields)) };
  },
  encodeFault(service, fault, _requestId, request) {
    const headers = { ...HEADERS, ...queryCompatible(service, fault, request) };
    return { status: fault.status, headers, body: encodeCbor({ __type: fault.code, message: fault.message }) };
  },
};

function parsed(request: WireRequest): unknown {
  if (request.body.length === 0) return {};
  try {
    return decodeCbor(request.body);
  } catch (error) {
    throw new Fault('SerializationException', `the body of the request cannot be read: ${(error as Error).message}`);
  }
}
