/** A service did not say in time whether it did something; it may have. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** A time that some work may take together, begun when it is asked for. */
export interface Patience {
  /** For calls that end with it; the SDK does not hear it while it waits to try again. */
  readonly abortSignal: AbortSignal;
  /** What comes of the work of that service; throws {@link NoAnswer} once the time is over. The work goes on then, heard by nobody. */
  within<Result>(whose: string, work: Promise<Result>): Promise<Result>;
}

/** A time of so many milliseconds, from now on. */
export function patienceOf(ms: number): Patience {
  const abortSignal = AbortSignal.timeout(ms);
  const over = new Promise<void>((resolve) => abortSignal.addEventListener('abort', () => resolve(), { once: true }));
  const refuse = (whose: string) => (): never => {
    throw new NoAnswer(`${whose} did not answer within ${ms / 1000} seconds.`);
  };
  return { abortSignal, within: (whose, work) => Promise.race([work, over.then(refuse(whose))]) };
}
