import type { Act } from '../acts.ts';
import type { ServiceDocument } from '../documents.ts';
import { ago, imageName } from './words.ts';

/** An image that somebody may choose. */
export interface Choice {
  /** Absent for what the tag policy selects. */
  readonly digest?: string;
  readonly name: string;
  readonly note: string;
}

/** More would not be read. */
const SHOWN = 5;

/** The images that an act may name, the likeliest first; none where there is nothing to choose. */
export function choicesOf(act: Act, { standing }: ServiceDocument, now: number): Choice[] {
  if (!standing) return [];
  const proven = (standing.proven ?? []).map(({ digest, tag, provenAt }): Choice => ({
    digest,
    name: imageName({ digest, tag }),
    note: `proven ${ago(Date.parse(provenAt), now)}`,
  }));
  if (act === 'rollback') return proven.slice(0, SHOWN);
  if (act !== 'start') return [];
  const { held, selected, quarantine } = standing;
  const waiting = held ?? selected?.image;
  const isKeptOut = quarantine.some(({ digest }) => digest === waiting?.digest);
  const newest: Choice = { name: 'the newest', note: 'what the tag policy selects; pushes are followed' };
  return [
    newest,
    ...(waiting && !isKeptOut
      ? [{ digest: waiting.digest, name: imageName(waiting), note: 'the newest push, waits' }]
      : []),
    ...quarantine.map(({ digest, tags }) => ({
      digest,
      name: imageName({ digest, tag: tags[0] ?? null }),
      note: 'quarantined',
    })),
    ...proven,
  ].slice(0, SHOWN + 1);
}
