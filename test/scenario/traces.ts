import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';

/** All that a world is made of beside logs, metrics, messages and executions, without ids and times. */
export async function traces(world: World): Promise<object> {
  const { region, config } = world;
  const { repository: repositoryName, cluster, serviceName: service, family: familyPrefix } = config;
  const call = <T>(id: string, operation: string, input: object): Promise<T> =>
    operate<T>(region, id, operation, input);
  const { taskDefinitionArns } = await call<{ taskDefinitionArns: string[] }>('ecs', 'ListTaskDefinitions', {
    familyPrefix,
  });
  const { taskArns: tasks } = await call<{ taskArns: string[] }>('ecs', 'ListTasks', { cluster, serviceName: service });
  const found = {
    ledger: await world.ledgerState(),
    history: await world.history(),
    images: await call('ecr', 'DescribeImages', { repositoryName }),
    liveImage: region.ssm.valueOf(`/rollouts/${service}/image`),
    service: await call('ecs', 'DescribeServices', { cluster, services: [service] }),
    serviceDeployments: await call('ecs', 'ListServiceDeployments', { cluster, service }),
    tasks: await call('ecs', 'DescribeTasks', { cluster, tasks }),
    taskDefinitions: await Promise.all(
      taskDefinitionArns.map((taskDefinition) =>
        call('ecs', 'DescribeTaskDefinition', { taskDefinition, include: ['TAGS'] }),
      ),
    ),
    alarms: world.alarms(),
    deadLetters: world.deadLetters(),
  };
  return JSON.parse(JSON.stringify(found, aside)) as object;
}

/** Who did it, how many writes it took and how long, where ECS placed the tasks, and every id and time. */
const ASIDE = ['registeredBy', 'version', 'detectionLagSeconds', 'attachments', 'availabilityZone', 'runtimeId'];
const IDS_AND_TIMES =
  /\b(?:\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<!:)[0-9a-f]{32}|\d{16,20}|(?:\d+\.){3}\d+)\b|(?<=service-deployment\/\w+\/\w+\/)\S+/g;

function aside(member: string, value: unknown): unknown {
  if (ASIDE.includes(member)) return undefined;
  if (typeof value === 'number' && value > 1e12) return 'a time';
  return typeof value === 'string' ? value.replace(IDS_AND_TIMES, 'an id or time') : value;
}
