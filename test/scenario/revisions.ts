import type {
  DescribeTaskDefinitionResponse,
  RegisterTaskDefinitionResponse,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';

/** A task definition revision as ECS describes it; by ARN or `family:revision`. */
export async function describeRevision({ region }: World, taskDefinition: string): Promise<TaskDefinition> {
  const request = { taskDefinition };
  const answer = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', request);
  return answer.taskDefinition!;
}

/** Registers a revision like that one, with `change` made to its containers; answers its ARN. */
export async function registerLike(
  world: World,
  like: string,
  change: (containers: string) => string = (containers) => containers,
): Promise<string> {
  const { family, containerDefinitions, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn } =
    await describeRevision(world, like);
  const { taskDefinition } = await operate<RegisterTaskDefinitionResponse>(
    world.region,
    'ecs',
    'RegisterTaskDefinition',
    {
      ...{ family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn },
      containerDefinitions: JSON.parse(change(JSON.stringify(containerDefinitions))) as object[],
    },
  );
  return taskDefinition!.taskDefinitionArn!;
}
