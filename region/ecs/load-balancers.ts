import type { LoadBalancer } from '@aws-sdk/client-ecs';
import { Fault, NotModelled } from '../service.ts';
import type { TaskDefinitionRecord, World } from './model.ts';

const MODELLED = ['targetGroupArn', 'containerName', 'containerPort'];

/**
 * Refuses load balancers that cannot reach the tasks: a target group that is missing, that no listener forwards to, or
 * that takes no addresses; a container or port that the task definition does not have.
 */
export function checkLoadBalancers(
  world: World,
  loadBalancers: readonly LoadBalancer[],
  taskDefinition: TaskDefinitionRecord,
): void {
  for (const loadBalancer of loadBalancers) {
    const other = Object.keys(loadBalancer).find((member) => !MODELLED.includes(member));
    if (other !== undefined) throw new NotModelled(`A load balancer of a service with ${other}`);
    checkTargetGroup(world, loadBalancer.targetGroupArn ?? '');
    checkContainer(loadBalancer, taskDefinition);
  }
}

function checkTargetGroup(world: World, arn: string): void {
  const group = world.findTargetGroup(arn);
  if (!group) refuse(`The specified target group does not exist: ${arn}`);
  if (!group!.hasLoadBalancer) {
    refuse(`The target group with targetGroupArn ${arn} does not have an associated load balancer.`);
  }
  if (group!.targetType === 'ip') return;
  refuse(
    `The provided target group ${arn} has target type ${group!.targetType}, which is incompatible with the awsvpc network mode specified in the task definition.`,
  );
}

function checkContainer({ containerName, containerPort }: LoadBalancer, { definition }: TaskDefinitionRecord): void {
  const container = definition.containerDefinitions?.find(({ name }) => name === containerName);
  if (!container) refuse(`The container ${containerName} does not exist in the task definition.`);
  if (container!.portMappings?.some((mapping) => mapping.containerPort === containerPort)) return;
  refuse(`The container ${containerName} did not have a container port ${containerPort} defined.`);
}

function refuse(message: string): never {
  throw new Fault('InvalidParameterException', message);
}
