import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Act } from '../acts.ts';
import type { Place } from '../documents.ts';
import type { Zone } from './times.ts';

/** What every part of a page goes by. */
export interface Shown {
  readonly place: Place;
  readonly zone: Zone;
  /** Whether it is a file that somebody keeps: nothing in it can be clicked, and nothing changes. */
  readonly isReport: boolean;
  /** Whether what is shown is as it is now; acts wait otherwise. */
  readonly isFresh: boolean;
  /** Begins an act; absent where there are none. */
  readonly begin?: (act: Act, service: string) => void;
}

/** For whoever shows something. */
export const ShownContext = createContext<Shown>({
  place: { isReadOnly: true },
  zone: { isLocal: false },
  isReport: true,
  isFresh: false,
});

/** What this part of the page goes by. */
export function useShown(): Shown {
  return useContext(ShownContext);
}
