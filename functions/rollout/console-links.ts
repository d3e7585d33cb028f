import type { FailedTask } from './failed-task.ts';
import type { RolloutRecord } from './ledger.ts';

/** Where AWS's console shows what a record tells of. */
export interface ConsoleLinks {
  readonly execution: string;
  readonly service: string;
  /** The task that a verdict names, else all of the service's. */
  readonly task: string;
  /** The logs of that task, else of the service. */
  readonly log: string;
}

/** The console of each partition; that of the first has an address for each Region. */
const CONSOLES: Readonly<Record<string, (region: string) => string>> = {
  aws: (region) => `https://${region}.console.aws.amazon.com`,
  'aws-cn': () => 'https://console.amazonaws.cn',
  'aws-us-gov': () => 'https://console.amazonaws-us-gov.com',
};

/** The pages of AWS's console about a rollout and the task, if any, that a verdict names. */
export function consoleLinks(
  { executionArn, service }: Pick<RolloutRecord, 'executionArn' | 'service'>,
  task: Pick<FailedTask, 'taskArn'> | undefined,
): ConsoleLinks {
  const [, partition = 'aws', , region = ''] = executionArn.split(':');
  const [cluster = '', serviceName = ''] = service.split('/');
  const home = (CONSOLES[partition] ?? CONSOLES['aws']!)(region);
  const inCluster = `${home}/ecs/v2/clusters/${cluster}`;
  const ofService = `${inCluster}/services/${serviceName}`;
  const taskId = task?.taskArn.slice(task.taskArn.lastIndexOf('/') + 1);
  const page = taskId === undefined ? ofService : `${inCluster}/tasks/${taskId}`;
  const query = `?region=${region}`;
  return {
    execution: `${home}/states/home${query}#/v2/executions/details/${inUrl(executionArn)}`,
    service: `${ofService}/health${query}`,
    task: `${page}/${taskId === undefined ? 'tasks' : 'configuration'}${query}`,
    log: `${page}/logs${query}`,
  };
}

/** Names of executions are whatever whoever starts them likes; what would end a link in a text is written otherwise. */
function inUrl(text: string): string {
  return encodeURI(text).replace(/['()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}
