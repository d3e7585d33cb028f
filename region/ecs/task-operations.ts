import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  StopTaskRequest,
  StopTaskResponse,
} from '@aws-sdk/client-ecs';
import { Fault, NotModelled, operation, type Operation, type PermissionRequest } from '../service.ts';
import { lastSegment } from './arns.ts';
import type { ClusterRecord, TaskRecord, World } from './model.ts';
import { pageOf } from './paging.ts';
import { taskChanged, wake } from './scheduler.ts';
import { clusterArn } from './service-operations.ts';
import { clusterOf, serviceOf } from './services.ts';
import { forgetOldTasks, stopTask } from './task-stop.ts';
import { taskView } from './task-view.ts';
import { SCHEDULER_REACTION_MS } from './timing.ts';

const MAX_DESCRIBED = 100;

export function taskOperations(world: World): Record<string, Operation> {
  return {
    ListTasks: operation<ListTasksRequest, ListTasksResponse>({
      // AWS documents `container-instance` as the resource type, which Fargate has none of: policies use `*` with ecs:cluster.
      permissions: (input) => [
        { action: 'ecs:ListTasks', resource: '*', context: { 'ecs:cluster': clusterArn(world, input.cluster) } },
      ],
      apply: (input) => listTasks(world, input),
    }),
    DescribeTasks: operation<DescribeTasksRequest, DescribeTasksResponse>({
      permissions: (input) =>
        (input.tasks ?? []).map((task) => onTask(world, 'ecs:DescribeTasks', input.cluster, task)),
      apply: (input) => describeTasks(world, input),
    }),
    StopTask: operation<StopTaskRequest, StopTaskResponse>({
      permissions: (input) => [onTask(world, 'ecs:StopTask', input.cluster, input.task ?? '')],
      apply: (input) => {
        const task = findTask(clusterOf(world, input.cluster), input.task ?? '');
        if (!task) throw new Fault('InvalidParameterException', 'The referenced task was not found.');
        stopTask(
          world,
          task,
          { code: 'UserInitiated', reason: input.reason ?? 'Task stopped by user' },
          taskChanged(world),
        );
        wake(world, task.service, SCHEDULER_REACTION_MS);
        return { task: taskView(world, task) };
      },
    }),
  };
}

function onTask(world: World, action: string, cluster: string | undefined, task: string): PermissionRequest {
  const arn = task.startsWith('arn:') ? task : world.arns.task(lastSegment(cluster ?? 'default'), task);
  return { action, resource: arn, context: { 'ecs:cluster': clusterArn(world, cluster) } };
}

/** `desiredStatus` is what filters, not what the task is: STOPPED lists tasks that are being stopped, too. Default RUNNING. */
function listTasks(world: World, input: ListTasksRequest): ListTasksResponse {
  refuseUnmodelledFilters(input);
  forgetOldTasks(world);
  const cluster = clusterOf(world, input.cluster);
  const service = input.serviceName === undefined ? undefined : serviceOf(cluster, input.serviceName);
  const desiredStatus = input.desiredStatus ?? 'RUNNING';
  const tasks = [...cluster.tasks.values()].filter(
    (task) =>
      task.desiredStatus === desiredStatus &&
      (!service || task.service === service) &&
      (input.family === undefined || task.deployment.taskDefinition.family === input.family) &&
      (input.startedBy === undefined || task.deployment.id === input.startedBy) &&
      (input.launchType === undefined || input.launchType === 'FARGATE'),
  );
  const page = pageOf(tasks, ({ id }) => id, input, { most: 100, usual: 100 });
  return { taskArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
}

function refuseUnmodelledFilters(input: ListTasksRequest): void {
  if (input.containerInstance !== undefined) throw new NotModelled('ListTasks with containerInstance');
  if (input.daemonName !== undefined) throw new NotModelled('ListTasks with daemonName');
  const isAlone = input.serviceName === undefined && input.family === undefined && input.launchType === undefined;
  // The API page: "startedBy … must be the only filter that you use".
  if (input.startedBy !== undefined && !isAlone)
    throw new Fault('InvalidParameterException', 'startedBy must be the only filter.');
}

function describeTasks(world: World, input: DescribeTasksRequest): DescribeTasksResponse {
  const names = input.tasks ?? [];
  if (names.length === 0) throw new Fault('InvalidParameterException', 'Tasks cannot be empty.');
  if (names.length > MAX_DESCRIBED)
    throw new Fault('InvalidParameterException', `Tasks must have at most ${MAX_DESCRIBED} items.`);
  forgetOldTasks(world);
  const cluster = clusterOf(world, input.cluster);
  const looked = names.map((name) => ({ name, task: findTask(cluster, name) }));
  return {
    tasks: looked.filter(({ task }) => task !== undefined).map(({ task }) => taskView(world, task!)),
    failures: looked
      .filter(({ task }) => task === undefined)
      .map(({ name }) => ({ arn: onTask(world, '', input.cluster, name).resource, reason: 'MISSING' })),
  };
}

function findTask(cluster: ClusterRecord, idOrArn: string): TaskRecord | undefined {
  const task = cluster.tasks.get(lastSegment(idOrArn));
  return task && idOrArn.startsWith('arn:') && idOrArn !== task.arn ? undefined : task;
}
