import type { Fault } from '../service.ts';
import { checkedInput, checkedOutput, type Protocol, type WireRequest } from './protocol.ts';
import { formOf, tree, typed, type FormDialect } from './query-form.ts';
import { READ, WRITE, xmlOf } from './query-xml.ts';
import { errorShape } from './sdk-clients.ts';
import type { ErrorShape } from './sdk-shapes.ts';
import { element, escaped } from './xml.ts';

/** What the XML of a service's answers says it is; clients do not read it, but AWS sends it. */
const NAMESPACES: Readonly<Record<string, string>> = {
  elasticloadbalancing: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  monitoring: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

const QUERY: FormDialect = { wireName: (name, { xmlName }) => xmlName ?? name, areListsFlat: false };

/** awsQuery: the request is a form, the answer is XML. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const queryProtocol: Protocol = {
  name: 'awsQuery',
  operationOf: (request) => formOf(request).get('Action') ?? '',
  decode(request, operation, futureFields) {
    const fields = [...formOf(request)].filter(([name]) => name !== 'Action' && name !== 'Version');
    return checkedInput(operation, typed(QUERY, operation.input, tree(fields)), READ, futureFields);
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

function xmlAnswer(status: number, service: string, root: string, content: string) {
  const namespace = NAMESPACES[service] === undefined ? '' : ` xmlns="${NAMESPACES[service]}"`;
  return { status, headers: { 'content-type': 'text/xml' }, body: `<${root}${namespace}>${content}</${root}>` };
}
