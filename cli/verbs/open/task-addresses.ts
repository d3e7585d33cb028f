import { DescribeNetworkInterfacesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, type Service, type Task } from '@aws-sdk/client-ecs';
import { listTasks } from '../../../functions/aws/service.ts';
import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import type { Address } from './address.ts';
import { containersOf } from './containers.ts';

/** As many as DescribeTasks takes, and fewer than a filter of EC2's takes values. */
const TASKS_PER_CALL = 100;

/** Where running tasks are reached: by a public address, else by the one in their network. */
export async function taskAddresses(
  { clients, config }: DeployedCell,
  ec2: EC2Client,
  service: Service,
  ports: readonly number[],
): Promise<Address[]> {
  const { cluster, serviceName } = config;
  const arns = await listTasks(clients.ecs, { cluster, serviceName, desiredStatus: 'RUNNING' });
  const addresses: Address[] = [];
  for (let start = 0; start < arns.length; start += TASKS_PER_CALL) {
    const request = new DescribeTasksCommand({ cluster, tasks: arns.slice(start, start + TASKS_PER_CALL) });
    const tasks = ((await clients.ecs.send(request)).tasks ?? []).filter(({ lastStatus }) => lastStatus === 'RUNNING');
    const publicIps = isPublic(service) ? await publicIpsOf(ec2, tasks) : new Map<string, string>();
    addresses.push(...tasks.flatMap((task) => addressesOf(task, publicIps, ports)));
  }
  return addresses;
}

/** The ports on which its containers listen. */
export function portsOf(definition: RawTaskDefinition): number[] {
  const mappings = containersOf(definition).flatMap(({ portMappings = [] }) => portMappings);
  return [...new Set(mappings.flatMap(({ containerPort }) => containerPort ?? []))];
}

/** While it deploys, the tasks of a service may stand in several networks. */
function isPublic({ deployments = [], networkConfiguration }: Service): boolean {
  return [networkConfiguration, ...deployments.map((deployment) => deployment.networkConfiguration)].some(
    (network) => network?.awsvpcConfiguration?.assignPublicIp === 'ENABLED',
  );
}

/** By network interface. One may go while we ask, so they are looked for by a filter, which takes no offence. */
async function publicIpsOf(ec2: EC2Client, tasks: readonly Task[]): Promise<ReadonlyMap<string, string>> {
  const ids = tasks.flatMap((task) => detailOf(task, 'networkInterfaceId') ?? []);
  if (ids.length === 0) return new Map();
  const Filters = [{ Name: 'network-interface-id', Values: ids }];
  const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  return new Map(
    NetworkInterfaces.flatMap(({ NetworkInterfaceId: id, Association }) =>
      id !== undefined && Association?.PublicIp !== undefined ? [[id, Association.PublicIp] as const] : [],
    ),
  );
}

function addressesOf(task: Task, publicIps: ReadonlyMap<string, string>, ports: readonly number[]): Address[] {
  const publicIp = publicIps.get(detailOf(task, 'networkInterfaceId') ?? '');
  const host = publicIp ?? detailOf(task, 'privateIPv4Address');
  if (host === undefined) return [];
  return (ports.length > 0 ? ports : [undefined]).map((port) => ({
    url: undefined,
    host,
    port,
    protocol: undefined,
    isPublic: publicIp !== undefined,
    isByRule: false,
    taskArn: task.taskArn,
  }));
}

/** What ECS says of the task's network interface. */
function detailOf({ attachments = [] }: Task, wanted: string): string | undefined {
  const own = attachments.find(({ type }) => type === 'ElasticNetworkInterface');
  return own?.details?.find(({ name }) => name === wanted)?.value;
}
