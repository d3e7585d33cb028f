import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { parseAddress, type Address } from './address.ts';
import { current, nowThere, onNews, type PageState } from './store.ts';

/** All that is known; whoever uses it is drawn anew when something was learnt. */
export function usePage(): PageState {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => onNews(() => redraw(undefined)), []);
  return current();
}

/** Where the page is. */
export function useAddress(): Address {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    // A filter that is typed changes the address without a step back, and tells so itself.
    const follow = (): void => redraw(undefined);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return parseAddress(location.hash);
}

/** AWS's present time, anew each second while `isMoving`; it stands still under a pointer or the focus, and in a hidden tab. */
export function useNow(isMoving: boolean, isHeld: () => boolean = () => false): number {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(() => {
      if (!isHeld() && !document.hidden) redraw(undefined);
    }, 1000);
    return () => clearInterval(timer);
  }, [isMoving]);
  return nowThere();
}

/** An element, and its width in pixels; 0 until it is there. */
export function useWidth<Of extends HTMLElement>() {
  const ref = useRef<Of>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const watcher = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    watcher.observe(element);
    setWidth(Math.floor(element.clientWidth));
    return () => watcher.disconnect();
  }, []);
  return [ref, width] as const;
}
