/**
 * What becomes of something that the region should never have thrown: a run that proves something must end with it (`end`);
 * a region that serves people goes on without the call, task or delivery that it struck (`contain`).
 */
export type DefectPolicy = 'end' | 'contain';

/** A defect that was contained. */
export interface Defect {
  /** Virtual milliseconds since the epoch. */
  readonly at: number;
  /** The act that it struck, as the trace names it. */
  readonly where: string;
  /** `Not modelled by the region: …`, which is also the reason of what was stopped. */
  readonly reason: string;
  readonly error: unknown;
}

/** How the sentence ends that refuses something by name. */
export const REFUSAL_ENDING = 'is not modelled by this region';

/** A reason is one line of a timeline, also where the error quotes a whole request. */
const REASON_CHARACTERS_MAX = 1000;

/** The reason of whatever stops because of `error`. */
export function reasonOf(error: unknown): string {
  return `Not modelled by the region: ${describe(error)}`.slice(0, REASON_CHARACTERS_MAX);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  return message.endsWith(REFUSAL_ENDING) ? message.slice(0, -REFUSAL_ENDING.length).trimEnd() : `${name}: ${message}`;
}
