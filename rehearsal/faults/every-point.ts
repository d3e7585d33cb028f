import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { CallFault, DeliveryFault, FaultRule } from '../../region/faults/model.ts';
import type { Region } from '../../region/region.ts';
import { handlerRolesOf, roleArnOf } from './handler-roles.ts';

/** A call that a handler makes: the nth of its kind. */
export interface CallPoint {
  readonly at: 'call';
  /** The handler by the name of its construct: `Conclude`, `WakeRollout`. */
  readonly function: string;
  /** `dynamodb:PutItem` */
  readonly operation: string;
  /** Counted from 1 over all calls of that handler and operation. */
  readonly nth: number;
}

/** An event on its way to the targets of one rule. */
export interface EventPoint {
  readonly at: 'delivery';
  readonly ruleName: string;
  readonly source: string;
  readonly detailType: string;
  /** Counted from 1 over all that rule matches. */
  readonly nth: number;
}

/** A place at which one thing can go wrong. */
export type Point = CallPoint | EventPoint;

/** What can go wrong with one call. */
export const CALL_FAULTS = {
  'dies before': { kind: 'kill', applied: 'never' },
  'dies after': { kind: 'kill', applied: 'at-once' },
  'dies, and the call is late': { kind: 'kill', applied: 'later' },
  'is cut off before': { kind: 'lost', connection: 'cut', isApplied: false },
  'is cut off after': { kind: 'lost', connection: 'cut', isApplied: true },
  'waits for the answer': { kind: 'latency', way: 'answer', spread: { minMs: 10_000, maxMs: 10_000 } },
  'reads the past': { kind: 'stale', spread: { minMs: 8_000, maxMs: 8_000 } },
} as const satisfies Readonly<Record<string, CallFault>>;

/** What can go wrong with one event. */
export const EVENT_FAULTS = {
  'is lost': { kind: 'lose' },
  'comes twice': { kind: 'double', later: { minMs: 30_000, maxMs: 30_000 } },
  'is late': { kind: 'delay', by: { minMs: 120_000, maxMs: 120_000 } },
} as const satisfies Readonly<Record<string, DeliveryFault>>;

export type FaultName = keyof typeof CALL_FAULTS | keyof typeof EVENT_FAULTS;

/** Services whose past the region keeps. */
const WITH_A_PAST = ['ecs', 'ecr', 'states'];
const READ = /:(Get|BatchGet|Describe|List)/;

/** A call that only reads has done nothing, whether it was applied or not. */
export function isRead({ operation }: CallPoint): boolean {
  return READ.test(operation);
}

/** The faults that make a difference at that point; a read is alike whether it was lost on its way or its answer was. */
export function faultsAt(point: Point): readonly FaultName[] {
  if (point.at === 'delivery') return Object.keys(EVENT_FAULTS) as FaultName[];
  const names = Object.keys(CALL_FAULTS) as (keyof typeof CALL_FAULTS)[];
  if (!isRead(point)) return names.filter((name) => name !== 'reads the past');
  const hasPast = WITH_A_PAST.includes(point.operation.split(':')[0]!);
  const always = ['dies before', 'is cut off after', 'waits for the answer'];
  return names.filter((name) => always.includes(name) || (hasPast && name === 'reads the past'));
}

/** The rule that lets one thing go wrong once. */
export function ruleAt(cell: DeployedStack, point: Point, fault: FaultName): FaultRule {
  const when = { nth: point.nth, times: 1 };
  if (point.at === 'delivery') {
    const does = EVENT_FAULTS[fault as keyof typeof EVENT_FAULTS];
    return { at: 'delivery', match: { ruleName: point.ruleName }, when, does };
  }
  const [service = '', operation = ''] = point.operation.split(':');
  const match = { service, operation, roleArn: roleArnOf([cell], point.function) };
  return { at: 'call', match, when, does: CALL_FAULTS[fault as keyof typeof CALL_FAULTS] };
}

/** Lists every call of a handler and every event for a rule, in the order in which they come; the list grows. */
export function followPoints(region: Region, cell: DeployedStack): readonly Point[] {
  const names = new Map(handlerRolesOf([cell]).map(({ roleArn, name }) => [roleArn, name]));
  const points: Point[] = [];
  const counts = new Map<string, number>();
  const next = (of: string): number => {
    counts.set(of, (counts.get(of) ?? 0) + 1);
    return counts.get(of)!;
  };
  region.onPark(({ phase, service, operation: of, caller }) => {
    const name = caller?.kind === 'role' ? names.get(caller.roleArn) : undefined;
    if (name === undefined || phase === 'answer') return 'proceed';
    const operation = `${service}:${of}`;
    points.push({ at: 'call', function: name, operation, nth: next(`${name} ${operation}`) });
    return 'proceed';
  });
  region.events.setDelivery(({ source, 'detail-type': detailType }, ruleName) => {
    const nth = next(ruleName);
    // What a schedule sends is no event that could be lost: the next one follows.
    if (source !== 'aws.events') points.push({ at: 'delivery', ruleName, source, detailType, nth });
    return 'once';
  });
  return points;
}
