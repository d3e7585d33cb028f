import type { Fault } from '../service.ts';
import { checkedInput, checkedOutput, type Protocol, type WireAnswer } from './protocol.ts';
import { formOf, tree, typed, type FormDialect } from './query-form.ts';
import { READ, WRITE, xmlOf } from './query-xml.ts';
import { element, escaped } from './xml.ts';

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution */
const EC2: FormDialect = {
  wireName: (name, { ec2QueryName, xmlName }) => ec2QueryName ?? capitalized(xmlName ?? name),
  areListsFlat: true,
};

/** ec2Query: awsQuery's forms with flat lists and names of their own; answers have no envelope but the operation's. */
export const ec2QueryProtocol: Protocol = {
  name: 'ec2Query',
  operationOf: (request) => formOf(request).get('Action') ?? '',
  decode(request, operation, futureFields) {
    const fields = [...formOf(request)].filter(([name]) => name !== 'Action' && name !== 'Version');
    return checkedInput(operation, typed(EC2, operation.input, tree(fields)), READ, futureFields);
  },
  encode(_service, operation, output, requestId, futureFields) {
    const value = checkedOutput(operation, output, WRITE, futureFields);
    const content = element('requestId', requestId) + xmlOf(operation.output, value);
    const root = `${operation.name}Response`;
    return xmlAnswer(200, `<${root} xmlns="${NAMESPACE}">${content}</${root}>`);
  },
  encodeFault(_service, fault, requestId) {
    const { code, status } = ownName(fault);
    const error = element('Code', code) + element('Message', escaped(fault.message));
    const errors = element('Errors', element('Error', error));
    return xmlAnswer(status, element('Response', errors + element('RequestID', requestId)));
  },
};

/** EC2 is older than the names that other services give to refusals (EC2 API reference, "Common client error codes"). */
const OWN_NAMES: Readonly<Record<string, Pick<Fault, 'code' | 'status'>>> = {
  AccessDeniedException: { code: 'UnauthorizedOperation', status: 403 },
  ExpiredTokenException: { code: 'RequestExpired', status: 400 },
  UnrecognizedClientException: { code: 'AuthFailure', status: 401 },
};

function ownName(fault: Fault): Pick<Fault, 'code' | 'status'> {
  return Object.hasOwn(OWN_NAMES, fault.code) ? OWN_NAMES[fault.code]! : fault;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function xmlAnswer(status: number, content: string): WireAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${content}`;
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body };
}
