import type { Prices } from './prices.ts';

/** Hours of a month, as AWS's own calculator counts them. */
export const HOURS = 730;

/** A call of one of our functions: all have 512 MB. How long it takes is a guess on the safe side. */
export const FUNCTION_CALL = { gigabytes: 0.5, seconds: 0.5 };

/** US dollars for so many calls of our functions. */
export function functionCalls(calls: number, { prices }: Prices): number {
  const { gigabytes, seconds } = FUNCTION_CALL;
  return calls * (prices.lambdaRequest.usd + gigabytes * seconds * prices.lambdaArmGbSecond.usd);
}
