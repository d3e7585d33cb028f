import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { Region } from '../../region/region.ts';
import { roleArnOf } from './handler-roles.ts';

/** Which parked call a handler dies at. */
export interface KillPoint {
  /** The handler by the name of its construct: `Conclude`, `WakeRollout`. */
  readonly function: string;
  /** `dynamodb:PutItem` */
  readonly operation: string;
  /** `arrive`: the call is never applied. `answer`: it is applied and the handler never hears of it. */
  readonly phase: 'arrive' | 'answer';
  /** Counted from 1 over all matching calls. @default 1 */
  readonly nth?: number;
  /** How many matching calls from there on are fatal: retries may meet the next. @default 1 */
  readonly times?: number;
}

/** A handler that dies at one of its calls. */
export interface Kill {
  readonly hasHappened: () => boolean;
  /** From now on it lives. */
  readonly stop: () => void;
}

/** Kills a handler at one of its calls. */
export function killHandlerAt(region: Region, cell: DeployedStack, point: KillPoint): Kill {
  const [service = '', operation = ''] = point.operation.split(':');
  const fault = region.faults.start({
    at: 'call',
    match: { service, operation, roleArn: roleArnOf([cell], point.function) },
    when: { nth: point.nth ?? 1, times: point.times ?? 1 },
    does: { kind: 'kill', applied: point.phase === 'arrive' ? 'never' : 'at-once' },
  });
  return { hasHappened: () => fault.acted > 0, stop: () => fault.stop() };
}
