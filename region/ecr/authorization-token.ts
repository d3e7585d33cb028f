import * as z from 'zod';

/** The user name of every authorization token (Amazon ECR API reference, AuthorizationData). */
const USER = 'AWS';
/** What ECR's passwords say of themselves when they are decoded. */
const TYPE = 'DATA_KEY';

const password = z.looseObject({ payload: z.string(), type: z.literal(TYPE) });

/** What GetAuthorizationToken answers: user and password as Basic authentication takes them. */
export function authorizationToken(accessKeyId: string, expiresAt: Date): string {
  const expiration = Math.floor(expiresAt.getTime() / 1000);
  const content = JSON.stringify({ payload: accessKeyId, version: '2', type: TYPE, expiration });
  return base64(`${USER}:${base64(content)}`);
}

/** The access key that a token carries, of whoever fetched it; undefined for what is no token. */
export function tokenAccessKeyId(token: string): string | undefined {
  const [user, text = ''] = fromBase64(token).split(':');
  if (user !== USER) return undefined;
  try {
    return password.parse(JSON.parse(fromBase64(text))).payload;
  } catch {
    return undefined;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
