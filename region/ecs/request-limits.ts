import { Fault, type Operation } from '../service.ts';
import type { World } from './model.ts';

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
  'task definition read': {
    burst: 50,
    perSecond: 20,
    actions: ['DescribeTaskDefinition', 'ListTaskDefinitionFamilies', 'ListTaskDefinitions'],
  },
  'cluster resource modify': { burst: 100, perSecond: 40, actions: ['StopTask'] },
  'cluster resource read': { burst: 100, perSecond: 20, actions: ['DescribeTasks', 'ListTasks'] },
  'cluster read': { burst: 50, perSecond: 20, actions: ['DescribeClusters', 'ListClusters'] },
  'tag modify': { burst: 20, perSecond: 10, actions: ['TagResource', 'UntagResource'] },
  'tag read': { burst: 50, perSecond: 20, actions: ['ListTagsForResource'] },
} as const;

type Category = keyof typeof LIMITS;

/** The same operations, each refused with `ThrottlingException` when its bucket is empty. Others have no published limit. */
export function withRequestLimits(world: World, operations: Record<string, Operation>): Record<string, Operation> {
  const limited = { ...operations };
  for (const [category, { actions }] of Object.entries(LIMITS)) {
    for (const action of actions) limited[action] = withLimit(world, category as Category, operations[action]!);
  }
  return limited;
}

function withLimit(world: World, category: Category, operation: Operation): Operation {
  return {
    permissions: (input, caller) => operation.permissions(input, caller),
    apply: (input, caller) => {
      take(world, category);
      return operation.apply(input, caller);
    },
  };
}

function take({ kernel, state: { buckets } }: World, category: Category): void {
  const { burst, perSecond } = LIMITS[category];
  const { tokens, filledAt } = buckets.get(category) ?? { tokens: burst, filledAt: kernel.now };
  const gained = ((kernel.now - filledAt) / 1000) * perSecond;
  const left = Math.min(burst, tokens + gained);
  const isEnough = left >= 1;
  buckets.set(category, { tokens: isEnough ? left - 1 : left, filledAt: kernel.now });
  if (!isEnough) throw new Fault('ThrottlingException', 'Rate exceeded');
}
