import { useEffect } from 'preact/hooks';
import { linkTo, type Address } from './address.ts';
import { choose, chosen, otherTheme } from './settings.ts';

/** What each key does, for whoever asks. */
export const KEYS: readonly (readonly [key: string, words: string])[] = [
  ['/', 'filter'],
  ['j k', 'next, previous row'],
  ['Enter', 'open'],
  ['Esc', 'up, or close'],
  ['← →', 'in the picture: from event to event'],
  ['t', 'light or dark'],
  ['u', 'UTC or local time'],
  ['?', 'this'],
];

/** Listens for keys; while somebody types, and in a dialog, none means anything. */
export function useKeys(address: Address, onHelp: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      if (target.matches('input, textarea, select')) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      if (event.key === 'Escape') up(address);
      else if (chosen().hasKeys) letterKey(event, onHelp);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [address.service, address.rolloutId]);
}

function up({ service, rolloutId }: Address): void {
  location.hash = rolloutId !== undefined && service !== undefined ? linkTo(service) : '#/';
}

function letterKey(event: KeyboardEvent, onHelp: () => void): void {
  const rows = [...document.querySelectorAll<HTMLElement>('a.name, a.hrow')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const acts: Readonly<Record<string, () => void>> = {
    '/': () => {
      event.preventDefault();
      document.querySelector<HTMLElement>('.search')?.focus();
    },
    j: () => rows[Math.min(at + 1, rows.length - 1)]?.focus(),
    k: () => rows[Math.max(at - 1, 0)]?.focus(),
    t: () => change({ theme: otherTheme() }),
    u: () => change({ isLocalTime: !chosen().isLocalTime }),
    '?': onHelp,
  };
  if (Object.hasOwn(acts, event.key)) acts[event.key]!();
}

/** Everything on the page is told by what was chosen. */
function change(choice: Parameters<typeof choose>[0]): void {
  choose(choice);
  dispatchEvent(new Event('hashchange'));
}
