/** Signs about the middle of 12 by 12 pixels; each differs from every other without its colour. */
export const SIGNS: Readonly<Record<string, string>> = {
  tick: 'M-4.5 .5-1.5 3.5 4.5-3.5',
  dot: 'M-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0Z',
  play: 'M-3-4.5V4.5L5 0Z',
  pause: 'M-2.5-4V4M2.5-4V4',
  back: 'M-4.5-1.5H1.5a3 3 0 0 1 0 6H-1M-4.5-1.5-1.5-4.5M-4.5-1.5-1.5 1.5',
  bar: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0M-3-3 3 3',
  cross: 'M-4-4 4 4M4-4-4 4',
};
