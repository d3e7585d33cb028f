/** Links into the AWS console; each leads to one thing, in its own Region. */
export interface ConsoleLinks {
  service(cluster: string, serviceName: string): string;
  /** The tasks of a service. */
  tasks(cluster: string, serviceName: string): string;
  /** The log lines of all its tasks. */
  serviceLogs(cluster: string, serviceName: string): string;
  task(cluster: string, taskId: string): string;
  taskLogs(cluster: string, taskId: string): string;
  stateMachine(arn: string): string;
  execution(arn: string): string;
  logGroup(name: string, region?: string): string;
  dashboard(name: string): string;
  repository(account: string, name: string): string;
  /** All alarms with that in their names; letters, digits and hyphens. */
  alarms(search: string): string;
}

/** The console's domain by partition. None is guessed: no link is better than one that leads nowhere. */
export const CONSOLE_DOMAINS = {
  aws: 'aws.amazon.com',
  'aws-cn': 'amazonaws.cn',
  'aws-eusc': 'amazonaws-eusc.eu',
  'aws-us-gov': 'amazonaws-us-gov.com',
} as const;

/** Links for a partition (`aws`) and a Region; undefined where the console's host is not known. */
export function consoleLinks(partition: string, region: string): ConsoleLinks | undefined {
  return isKnown(partition) ? linksAt(CONSOLE_DOMAINS[partition], region) : undefined;
}

function isKnown(partition: string): partition is keyof typeof CONSOLE_DOMAINS {
  return Object.hasOwn(CONSOLE_DOMAINS, partition);
}

/** Links for the domain of a console and a Region; either may be known only to whoever deploys. */
export function linksAt(domain: string, region: string): ConsoleLinks {
  const page = (path: string, fragment: string, at = region): string =>
    `https://${[at, 'console', domain].join('.')}/${path}?region=${at}${fragment === '' ? '' : `#${fragment}`}`;
  const ecs = (cluster: string, ...path: string[]): string =>
    page(['ecs/v2/clusters', ...[cluster, ...path].map(encodeURIComponent)].join('/'), '');
  return {
    service: (cluster, serviceName) => ecs(cluster, 'services', serviceName, 'health'),
    tasks: (cluster, serviceName) => ecs(cluster, 'services', serviceName, 'tasks'),
    serviceLogs: (cluster, serviceName) => ecs(cluster, 'services', serviceName, 'logs'),
    task: (cluster, taskId) => ecs(cluster, 'tasks', taskId, 'configuration'),
    taskLogs: (cluster, taskId) => ecs(cluster, 'tasks', taskId, 'logs'),
    stateMachine: (arn) => page('states/home', `/statemachines/view/${arn}`),
    execution: (arn) => page('states/home', `/v2/executions/details/${inUrl(arn)}`),
    logGroup: (name, at) => page('cloudwatch/home', `logsV2:log-groups/log-group/${twiceEncoded(name)}`, at),
    dashboard: (name) => page('cloudwatch/home', `dashboards/dashboard/${encodeURIComponent(name)}`),
    repository: (account, name) => page(`ecr/repositories/private/${account}/${name}`, ''),
    alarms: (search) => page('cloudwatch/home', `alarmsV2:?~(search~'${search})`),
  };
}

/** As CloudWatch writes names of log groups into fragments: `/ecs/api` is `$252Fecs$252Fapi`. */
function twiceEncoded(name: string): string {
  return encodeURIComponent(encodeURIComponent(name)).replaceAll('%', '$');
}

/** Names of executions are whatever whoever starts them likes; what would end a link in a text, or format it, is written otherwise. */
function inUrl(text: string): string {
  return encodeURI(text).replace(/[!'()*~@]|[.]$/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}
