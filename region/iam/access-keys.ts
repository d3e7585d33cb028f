import { Fault, type Caller } from '../service.ts';
import type { Identities } from './model.ts';

/** `ASIA…`: what SigV4 calls the credential of `caller`; valid for ever unless told. */
export function issueAccessKey({ kernel, state }: Identities, caller: Caller, expiresAt?: Date): string {
  const accessKeyId = `ASIA${kernel.random.hex(16).toUpperCase()}`;
  state.sessions.set(accessKeyId, { caller, expiresAt });
  return accessKeyId;
}

/** Undefined for a key that nobody has; throws `ExpiredTokenException` for one whose session is over. */
export function callerOf({ kernel, state }: Identities, accessKeyId: string): Caller | undefined {
  const session = state.sessions.get(accessKeyId);
  if (session?.expiresAt !== undefined && session.expiresAt.getTime() <= kernel.now)
    throw new Fault('ExpiredTokenException', 'The security token included in the request is expired');
  return session?.caller;
}
