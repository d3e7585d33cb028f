import type { StateValue } from './evaluate.ts';

/** The state of an alarm, with CloudWatch's reason for it. */
export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON; missing until the first evaluation that changed the state. */
  readonly reasonData: string | undefined;
  /** Virtual milliseconds since the epoch. */
  readonly since: number;
}

/** `2019-10-02T17:04:40.989+0000` */
export function awsTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}
