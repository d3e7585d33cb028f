import { expect, it } from 'vitest';
import { toleratedUnder } from '../../rehearsal/faults/catalogue.ts';

const REGISTERED_AGAIN = 'revision: Rollout one registered api:3, api:5: one is enough.';
const TOLD_AGAIN = 'notification: Rollout one (SUCCEEDED) was announced 2 times, not 1.';

it.each([
  [[], []],
  [['lost-answers'], [TOLD_AGAIN]],
  // What one of them hides the other would show.
  [['stale-reads'], []],
  [['stale-reads', 'events-lost'], []],
  [
    ['stale-reads', 'lost-answers'],
    [REGISTERED_AGAIN, TOLD_AGAIN],
  ],
  [['zombies'], [REGISTERED_AGAIN, TOLD_AGAIN]],
])('under %s an audit lets pass %s', (faults, sentences) => {
  const tolerated = toleratedUnder(faults);
  const passes = (sentence: string): boolean => tolerated.some(({ matcher }) => matcher.test(sentence));
  expect([REGISTERED_AGAIN, TOLD_AGAIN].filter(passes)).toEqual(sentences);
});
