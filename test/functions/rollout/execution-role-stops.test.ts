import { expect, it } from 'vitest';
import { classifyStop } from '../../../functions/rollout/stopped-task.ts';
import { EcsRegion } from '../../region/ecs/ecs-fixture.ts';
import { firstStop } from '../../region/ecs/first-stop.ts';

it.each([
  'sts:AssumeRole',
  'ecr:GetAuthorizationToken',
  'ecr:BatchGetImage',
  'ecr:GetDownloadUrlForLayer',
  'ssm:GetParameters',
  'secretsmanager:GetSecretValue',
  'logs:CreateLogStream',
])('a task whose execution role may not %s stops for a reason that no retry heals', async (action) => {
  const region = new EcsRegion();
  region.refused.add(action);
  const task = await firstStop(region);
  expect(classifyStop({ ...task, containers: [] } as never)).toMatchObject({ blame: 'deterministic' });
});
