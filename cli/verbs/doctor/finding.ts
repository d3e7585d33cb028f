import type { Looked } from '../../account/look.ts';

/** What the doctor says of one thing. */
export interface Finding {
  /** `ok`: ready. `warning`: works, but may hurt. `problem`: a rollout would fail or never start. `unknown`: nobody let us look. */
  readonly level: 'ok' | 'warning' | 'problem' | 'unknown';
  /** A word or two that name the thing looked at. */
  readonly subject: string;
  /** One sentence. */
  readonly message: string;
  /** What stands in lines of its own, to be copied. */
  readonly details?: readonly string[];
  /** How to fix it. */
  readonly remedy?: string;
}

export type { Looked } from '../../account/look.ts';

/** What puts into the account everything that the configuration creates. */
export const DEPLOY = 'npx cdk deploy --all';

export function ok(subject: string, message: string): Finding {
  return { level: 'ok', subject, message };
}

export function warning(subject: string, message: string, remedy: string): Finding {
  return { level: 'warning', subject, message, remedy };
}

export function problem(subject: string, message: string, remedy: string): Finding {
  return { level: 'problem', subject, message, remedy };
}

/** Judges what was found; where nobody could look, that is the finding. */
export function judge<T>(subject: string, looked: Looked<T>, of: (found: T | undefined) => Finding[]): Finding[] {
  if ('found' in looked) return of(looked.found);
  return [{ level: 'unknown', subject, message: `Could not look: ${looked.refused}.` }];
}
