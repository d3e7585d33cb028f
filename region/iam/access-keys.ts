import { Fault, type Caller, type RegionContext } from '../service.ts';

/** Access keys of sessions, by which the door knows who calls. */
export interface AccessKeys {
  /** `ASIA…`: what SigV4 calls the credential of `caller`; valid for ever unless told. */
  readonly issueAccessKey: (caller: Caller, expiresAt?: Date) => string;
  /** Undefined for a key that nobody has; throws `ExpiredTokenException` for one whose session is over. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
}

/** Creates the account's access keys, none yet. */
export function createAccessKeys({ kernel }: Pick<RegionContext, 'kernel'>): AccessKeys {
  const sessions = new Map<string, { readonly caller: Caller; readonly expiresAt: Date | undefined }>();
  return {
    issueAccessKey(caller, expiresAt) {
      const accessKeyId = `ASIA${kernel.random.hex(16).toUpperCase()}`;
      sessions.set(accessKeyId, { caller, expiresAt });
      return accessKeyId;
    },
    callerOf(accessKeyId) {
      const session = sessions.get(accessKeyId);
      if (session?.expiresAt !== undefined && session.expiresAt.getTime() <= kernel.now)
        throw new Fault('ExpiredTokenException', 'The security token included in the request is expired');
      return session?.caller;
    },
  };
}
