import type { EcsRegion } from './ecs-fixture.ts';

export const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:team/database';
export const CONTAINER = {
  secrets: [
    { name: 'API_KEY', valueFrom: '/team/key' },
    { name: 'DATABASE', valueFrom: `${SECRET}:url::` },
  ],
  logConfiguration: {
    logDriver: 'awslogs' as const,
    options: { 'awslogs-group': 'api', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'ecs' },
  },
};

/** The first task that stops of a service whose only revision needs all of that. */
export async function firstStop(region: EcsRegion) {
  const taskDefinition = region.register(region.push('v1', 'a'), {}, CONTAINER);
  region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
  const stopped = () => region.tasks('STOPPED').find(({ lastStatus }) => lastStatus === 'STOPPED');
  await region.kernel.runUntil(() => stopped() !== undefined, 'a stopped task', 600_000);
  return stopped()!;
}
