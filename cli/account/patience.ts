import { explainFailure } from './failures.ts';

/** Looks in a row that may fail for a passing reason: a network that comes and goes, a throttled account. */
const FAILURES_MAX = 5;

/** Answers a function that takes one look after the other: undefined for one that failed for a passing reason, and throws once too many did in a row. */
export function patience(): <Seen>(look: Promise<Seen>) => Promise<Seen | undefined> {
  let failures = 0;
  return async (look) => {
    try {
      const seen = await look;
      failures = 0;
      return seen;
    } catch (error) {
      if (++failures > FAILURES_MAX || !explainFailure(error, {})?.isTransient) throw error;
      return undefined;
    }
  };
}
