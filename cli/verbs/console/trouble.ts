import type { Trouble } from '../../../console/documents.ts';
import { AwsFailure, explainFailure, type Place } from '../../account/failures.ts';
import { utc } from '../../terminal/moments.ts';

const KINDS: readonly (readonly [RegExp, Trouble['kind']])[] = [
  [/credentials|SSO session|security token/i, 'credentials'],
  [/ may not |AWS denied it/, 'denied'],
  [/is not deployed in|does not have the (service|repository)/, 'absent'],
];

/** What kept a look from seeing, as the page tells it. */
export function troubleOf(error: unknown, place: Place, now: number): Trouble {
  const failure = error instanceof AwsFailure ? error : explainFailure(error, place);
  const message = failure?.message ?? (error instanceof Error ? error.message : String(error));
  const kind = KINDS.find(([words]) => words.test(message))?.[1] ?? (failure?.isTransient ? 'silent' : 'other');
  return { kind, message: sentence(message), since: utc(now) };
}

/** A command line begins its sentence elsewhere; a name at its beginning is spelled as it is. */
function sentence(text: string): string {
  const begun = text.replace(/^[a-z]+(?=[ ,])/, (word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  return `${begun}${/[.!?]$/.test(text) ? '' : '.'}`;
}
