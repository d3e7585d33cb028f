import type { RequestLimit } from '../request-limits.ts';

/** Developer guide, "Request throttling for the Amazon ECS API": one token bucket per category, shared by its actions. */
export const REQUEST_LIMITS = {
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
} as const satisfies Readonly<Record<string, RequestLimit>>;
