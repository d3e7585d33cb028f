import { Fault } from '../service.ts';

/** What a SigV4 `Authorization` header says of its sender; the signature itself is not verified. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly signingName: string;
}

const CREDENTIAL = /^AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/;

/** Reads `Credential=<key>/<date>/<region>/<signing name>/aws4_request`; throws the `Fault` of an unsigned request. */
export function credentialScope(authorization: string | undefined): CredentialScope {
  const match = CREDENTIAL.exec(authorization ?? '');
  if (match === null)
    throw new Fault('MissingAuthenticationTokenException', 'Request is missing Authentication Token', 403);
  const [, accessKeyId, region, signingName] = match;
  return { accessKeyId: accessKeyId!, region: region!, signingName: signingName! };
}
