import type { Kernel } from '../kernel/kernel.ts';
import { Fault, type Operation } from '../service.ts';

// Developer guide, "Request throttling for the Amazon ECS API": one token bucket per category, shared by its actions.
const LIMITS = {
  'service modify': { burst: 50, perSecond: 5, actions: ['UpdateService'] },
  'service read': { burst: 100, perSecond: 20, actions: ['DescribeServices', 'ListServices'] },
  'service deployment': { burst: 50, perSecond: 20, actions: ['ListServiceDeployments', 'DescribeServiceDeployments'] },
  'service revision': { burst: 50, perSecond: 20, actions: ['DescribeServiceRevisions'] },
  'task definition modify': {
    burst: 20,
    perSecond: 1,
    actions: ['RegisterTaskDefinition', 'DeregisterTaskDefinition'],
  },
  'task definition read': { burst: 50, perSecond: 20, actions: ['DescribeTaskDefinition', 'ListTaskDefinitions'] },
  'cluster resource modify': { burst: 100, perSecond: 40, actions: ['StopTask'] },
  'cluster resource read': { burst: 100, perSecond: 20, actions: ['DescribeTasks', 'ListTasks'] },
  'cluster read': { burst: 50, perSecond: 20, actions: ['DescribeClusters', 'ListClusters'] },
  'tag modify': { burst: 20, perSecond: 10, actions: ['TagResource'] },
  'tag read': { burst: 50, perSecond: 20, actions: ['ListTagsForResource'] },
} as const;

interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
  tokens: number;
  filledAt: number;
}

/** The same operations, each refused with `ThrottlingException` when its bucket is empty. Others have no published limit. */
export function withRequestLimits(kernel: Kernel, operations: Record<string, Operation>): Record<string, Operation> {
  const limited = { ...operations };
  for (const { burst, perSecond, actions } of Object.values(LIMITS)) {
    const bucket: Bucket = { burst, perSecond, tokens: burst, filledAt: kernel.now };
    for (const action of actions) limited[action] = withLimit(kernel, bucket, operations[action]!);
  }
  return limited;
}

function withLimit(kernel: Kernel, bucket: Bucket, operation: Operation): Operation {
  return {
    permissions: (input, caller) => operation.permissions(input, caller),
    apply: (input, caller) => {
      take(bucket, kernel.now);
      return operation.apply(input, caller);
    },
  };
}

function take(bucket: Bucket, now: number): void {
  const gained = ((now - bucket.filledAt) / 1000) * bucket.perSecond;
  bucket.tokens = Math.min(bucket.burst, bucket.tokens + gained);
  bucket.filledAt = now;
  if (bucket.tokens < 1) throw new Fault('ThrottlingException', 'Rate exceeded');
  bucket.tokens -= 1;
}
