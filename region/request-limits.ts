import type { Kernel } from './kernel/kernel.ts';
import { Fault, type Operation, type Quotas } from './service.ts';

/** How many requests may still come at once; refilled over time. */
export interface TokenBucket {
  readonly tokens: number;
  /** Virtual milliseconds since the epoch. */
  readonly filledAt: number;
}

/** One token bucket, which all its actions draw from. */
export interface RequestLimit {
  readonly burst: number;
  readonly perSecond: number;
  readonly actions: readonly string[];
}

/** What a service's limits need of it. */
export interface Limited {
  /** `ecs` */
  readonly id: string;
  readonly kernel: Kernel;
  /** What its buckets have left, by the names of the limits. */
  readonly state: { readonly buckets: Map<string, TokenBucket> };
  readonly quotas?: Quotas | undefined;
}

/** The same operations, each refused with `ThrottlingException` when its bucket is empty. Others have no published limit. */
export function withRequestLimits(
  service: Limited,
  limits: Readonly<Record<string, RequestLimit>>,
  operations: Readonly<Record<string, Operation>>,
): Record<string, Operation> {
  const limited = { ...operations };
  for (const [name, limit] of Object.entries(limits)) {
    for (const action of limit.actions) limited[action] = withLimit(service, name, limit, operations[action]!);
  }
  return limited;
}

function withLimit(service: Limited, name: string, limit: RequestLimit, operation: Operation): Operation {
  return {
    ...operation,
    permissions: (input, caller) => operation.permissions(input, caller),
    apply: (input, caller) => {
      take(service, name, limit);
      return operation.apply(input, caller);
    },
  };
}

function take({ id, kernel, state: { buckets }, quotas }: Limited, name: string, limit: RequestLimit): void {
  const rates = quotas?.requestRates?.[id] ?? 1;
  // Nobody has less than one request.
  const burst = Math.max(1, limit.burst * rates);
  const { tokens, filledAt } = buckets.get(name) ?? { tokens: burst, filledAt: kernel.now };
  const gained = ((kernel.now - filledAt) / 1000) * limit.perSecond * rates;
  const left = Math.min(burst, tokens + gained);
  const isEnough = left >= 1;
  buckets.set(name, { tokens: isEnough ? left - 1 : left, filledAt: kernel.now });
  if (!isEnough) throw new Fault('ThrottlingException', 'Rate exceeded');
}
