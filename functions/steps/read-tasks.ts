import type { EcsReader } from '../aws/client-kinds.ts';
import { logger } from '../aws/log.ts';
import { describeService, seeTasks, type ServiceName } from '../aws/service.ts';
import { describeRaw } from '../aws/task-definitions.ts';
import { primaryOf } from '../rollout/service-facts.ts';
import { taskDefinitionFacts } from '../rollout/task-definition-facts.ts';
import type { SeenTasks } from '../rollout/task-lives.ts';
import { patienceOf } from './patience.ts';

/** Milliseconds that it may take: a rollout ends in time, whether or not its tasks are known. */
const WITHIN_MS = 2000;

/** The service and its tasks as they are now. It never fails: undefined where ECS does not tell them, or not in time. */
export async function readTasks(ecs: EcsReader, name: ServiceName): Promise<SeenTasks | undefined> {
  try {
    return await patienceOf(WITHIN_MS).within('ECS', look(ecs, name));
  } catch (error) {
    const { name: errorName, message } = error instanceof Error ? error : new Error(String(error));
    logger.warn('the history will not say what the tasks did', { errorName, errorMessage: message });
    return undefined;
  }
}

async function look(ecs: EcsReader, name: ServiceName): Promise<SeenTasks | undefined> {
  const [service, running, stopped] = await Promise.all([
    describeService(ecs, name),
    seeTasks(ecs, name, 'RUNNING'),
    seeTasks(ecs, name, 'STOPPED'),
  ]);
  const taskDefinition = service && primaryOf(service)?.taskDefinition;
  const described = taskDefinition && (await describeRaw(ecs, taskDefinition));
  const containers = described && taskDefinitionFacts(described.taskDefinition).containers;
  return service && { service, tasks: [...running, ...stopped], containers };
}
