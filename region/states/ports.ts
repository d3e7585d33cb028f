import type { Authorize, Caller, EmitEvent, InvokeFunction, RecordMetric, RegionContext } from '../service.ts';
import type { WriteLog } from './write-logs.ts';

/** Assumes a role for a service; throws `Fault` when the role is missing or its trust policy does not let the service. */
export type AssumeRole = (
  roleArn: string,
  session: { readonly principal: 'states.amazonaws.com'; readonly sourceArn: string },
) => Caller;

/** What Step Functions needs of the other services. */
export interface StatesPorts {
  readonly invoke: InvokeFunction;
  readonly authorize: Authorize;
  readonly assumeRole: AssumeRole;
  readonly emit: EmitEvent;
  readonly recordMetric: RecordMetric;
  readonly writeLog?: WriteLog;
}

export type StatesContext = RegionContext & StatesPorts;
