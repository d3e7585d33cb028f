import type { RequestLimit } from '../request-limits.ts';

/**
 * Developer guide, "Step Functions service quotas", API action throttling, as most Regions have them: us-east-1, us-west-2
 * and eu-west-1 have more of some.
 */
export const REQUEST_LIMITS = {
  StartExecution: { burst: 800, perSecond: 150, actions: ['StartExecution'] },
  StopExecution: { burst: 1_000, perSecond: 200, actions: ['StopExecution'] },
  DescribeExecution: { burst: 300, perSecond: 15, actions: ['DescribeExecution'] },
  GetExecutionHistory: { burst: 400, perSecond: 20, actions: ['GetExecutionHistory'] },
  ListExecutions: { burst: 200, perSecond: 5, actions: ['ListExecutions'] },
  SendTask: { burst: 1_500, perSecond: 300, actions: ['SendTaskFailure', 'SendTaskHeartbeat', 'SendTaskSuccess'] },
} as const satisfies Readonly<Record<string, RequestLimit>>;
