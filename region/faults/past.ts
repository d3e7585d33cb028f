import { NotModelled, type Operation, type Service } from '../service.ts';
import { drawMs, type Faulty } from './due.ts';
import type { FaultRule, FaultsState, Spread } from './model.ts';

/** What stale reads need of the region. */
export interface PastPorts {
  /** What a service knows now. */
  readonly stateOf: (service: string) => object | undefined;
  /** The same service, knowing only `state`; undefined where that is not modelled. */
  readonly serviceAt: (service: string, state: object) => Service | undefined;
}

/** Acts come in bursts: what lies closer together is one moment of the past. */
const MOMENT_MS = 250;

const READ = /^(Describe|List|Get|BatchGet)/;

/** Whether an operation only reads. */
export function isRead(operation: string): boolean {
  return READ.test(operation);
}

/** Refuses a rule that could not be played. */
export function checkStale({ stateOf, serviceAt }: PastPorts, rule: FaultRule): void {
  if (rule.at !== 'call' || rule.does.kind !== 'stale') return;
  const service = rule.match?.service;
  if (service === undefined) throw new Error('a stale read needs match.service: the past of one service is kept');
  const state = stateOf(service);
  if (state === undefined || serviceAt(service, state) === undefined)
    throw new NotModelled(`A stale read of ${service}`);
}

/** Before each act: keeps what the services know whose past may be read, and forgets what is too old to be asked for. */
export function rememberPast({ kernel, state }: Faulty, { stateOf }: PastPorts): void {
  if (state.rules.size === 0 && state.snapshots.size === 0) return;
  const ages = oldestAges(state);
  for (const service of state.snapshots.keys()) if (!ages.has(service)) state.snapshots.delete(service);
  for (const [service, ageMs] of ages) {
    const kept = state.snapshots.get(service) ?? [];
    state.snapshots.set(service, kept);
    if (kernel.now < (kept.at(-1)?.untilMs ?? -Infinity) + MOMENT_MS) continue;
    kept.push({ untilMs: kernel.now, state: structuredClone(stateOf(service)!) });
    while (kept[0]!.untilMs < kernel.now - ageMs) kept.shift();
  }
}

/** How far back stale reads may look, by service. */
function oldestAges({ rules }: FaultsState): ReadonlyMap<string, number> {
  const ages = new Map<string, number>();
  for (const { rule, acted } of rules.values()) {
    if (rule.at !== 'call' || rule.does.kind !== 'stale') continue;
    // One that has acted as often as it may asks for nothing more.
    if (acted >= (rule.when?.times ?? Infinity)) continue;
    const { maxMs, tailMs = 0 } = rule.does.spread;
    const service = rule.match!.service!;
    ages.set(service, Math.max(ages.get(service) ?? 0, maxMs, tailMs));
  }
  return ages;
}

/** The operation as it would have answered some time ago; as it is where that time lies before all that is remembered. */
export function pastOperation(
  { kernel, state }: Faulty,
  { serviceAt }: PastPorts,
  call: { readonly service: string; readonly operation: string },
  spread: Spread,
): Operation | undefined {
  const then = kernel.now - drawMs(state, spread);
  const snapshot = state.snapshots.get(call.service)?.find(({ untilMs }) => untilMs > then);
  return snapshot && serviceAt(call.service, snapshot.state)?.operations[call.operation];
}
