import { randomBytes } from 'node:crypto';
import { isSame } from './gate.ts';

/** 256 bits. */
const SECRET_BYTES = 32;

/** Who may ask: whoever has the cookie that the one-time code was traded for. It lives as long as the process. */
export interface Session {
  /** Stands in the fragment of the printed address, which no request carries. */
  readonly code: string;
  /** The Set-Cookie header for the code; undefined where it is wrong, or was traded before. */
  trade(code: string): string | undefined;
  /** Whether a Cookie header holds the cookie. */
  knows(cookies: string | undefined): boolean;
}

/** A session at a port: cookies know hosts but no ports, so that each console names its own. */
export function openSession(port: number): Session {
  const [code, secret] = [randomSecret(), randomSecret()];
  const name = `rollouts-${port}`;
  let isTraded = false;
  return {
    code,
    trade(given) {
      if (isTraded || !isSame(given, code)) return undefined;
      isTraded = true;
      return `${name}=${secret}; Path=/; HttpOnly; SameSite=Strict`;
    },
    knows(cookies = '') {
      const given = cookies.split(/; */).find((cookie) => cookie.startsWith(`${name}=`));
      return given !== undefined && isSame(given.slice(name.length + 1), secret);
    },
  };
}

function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
