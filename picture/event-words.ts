import type { ChronicledEvent } from './chronicle.ts';

/** What kinds of events are called. */
export const KIND_WORDS: Readonly<Record<ChronicledEvent['kind'], string>> = {
  push: 'push',
  kept: 'kept',
  deed: 'somebody',
  foreign: 'someone else',
  fault: 'fault',
  decided: 'decided',
  ecs: 'ECS',
  ended: 'ended',
};

const BAD_WORDS = /^[\w ?]+: (failed|error|lost|foreign|refused|reject(ed)?|no-target|rolled-back-by-ecs)\b/;
const BAD_OUTCOMES = /^(REJECTED|ROLLED_BACK|ABORTED|FAILED)|^[A-Z][a-z]/;

/** Whether an event decided, or said, that something went wrong. */
export function isBad({ kind, text }: ChronicledEvent): boolean {
  if (kind === 'decided') return BAD_WORDS.test(text);
  if (kind === 'ended') return BAD_OUTCOMES.test(text);
  return kind === 'ecs' && /^ECS deployment \S+ failed/.test(text);
}

/** Whether an event came from outside and has its words in the picture; what was decided or reported stands in the list. */
export function comesFromOutside({ kind }: ChronicledEvent): boolean {
  return kind === 'push' || kind === 'deed' || kind === 'foreign';
}

/** What stands in the picture for an event: of a push its tag, the repository and the digest are in the list. */
export function flagText({ kind, text }: ChronicledEvent): string {
  const tag = kind === 'push' ? /:([^:\s]+) \(/.exec(text)?.[1] : undefined;
  return tag === undefined ? text : `push ${tag}`;
}
