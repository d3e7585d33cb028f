import type { Fault } from '../service.ts';
import type { WireAnswer } from './protocol.ts';
import { element, escaped } from './xml.ts';

/** Signing names of the REST APIs whose clients read XML. */
export const XML_SERVICES: ReadonlySet<string> = new Set(['cloudfront', 'route53', 's3', 's3-outposts', 's3express']);

/** An error as restXml sends it; S3 wraps it in nothing. https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html#operation-error-serialization */
export function xmlFault(service: string, fault: Fault, status: number, requestId: string): WireAnswer {
  const code = element('Code', fault.code) + element('Message', escaped(fault.message));
  const receipt = element('RequestId', requestId);
  const type = element('Type', status < 500 ? 'Sender' : 'Receiver');
  const body = service.startsWith('s3')
    ? element('Error', code + receipt)
    : element('ErrorResponse', element('Error', type + code) + receipt);
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
