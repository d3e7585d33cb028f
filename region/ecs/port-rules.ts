import type { ContainerDefinition, PortMapping, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { firstDouble, refuse } from './client-exception.ts';

const MAX_PORT = 65_535;
/** API reference, PortMapping.name. */
const PORT_NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/;

/** Network modes, and the ports that the containers of one task share under `awsvpc` and `host`. */
export function checkNetworking(input: RegisterTaskDefinitionRequest): void {
  const containers = input.containerDefinitions ?? [];
  const mode = input.networkMode ?? 'bridge';
  for (const { name, portMappings = [] } of containers)
    for (const mapping of portMappings) checkMapping(name!, mapping, mode);
  if (mode === 'awsvpc') containers.forEach(checkAwsvpc);
  const mappings = containers.flatMap(({ portMappings = [] }) => portMappings);
  const name = firstDouble(mappings.flatMap((mapping) => mapping.name ?? []));
  if (name !== undefined) refuse(`port mapping name is already used: ${name}`);
  if (mode === 'awsvpc' || mode === 'host') checkShared(mappings);
}

function checkMapping(container: string, mapping: PortMapping, mode: string): void {
  const { containerPort, containerPortRange, hostPort, name, appProtocol } = mapping;
  if (containerPortRange !== undefined) {
    if (containerPort !== undefined || hostPort !== undefined) refuse('cannot specify both single port and port range');
    const [first, last] = rangeOf(mapping);
    if (!(first >= 1 && first < last && last <= MAX_PORT))
      refuse(`Invalid 'containerPortRange' setting: ${containerPortRange}`);
  } else if (!isPort(containerPort, 1))
    refuse(
      `Invalid 'containerPort' setting for container '${container}'. It is 1 to ${MAX_PORT}, not ${containerPort}.`,
    );
  if (hostPort !== undefined && !isPort(hostPort, 0))
    refuse(`Invalid 'hostPort' setting for container '${container}'. It is 0 to ${MAX_PORT}, not ${hostPort}.`);
  const isShared = mode === 'awsvpc' || mode === 'host';
  if (isShared && hostPort !== undefined && hostPort !== containerPort)
    refuse(`When networkMode=${mode}, the host ports and container ports in port mappings must match.`);
  if (name !== undefined && !PORT_NAME.test(name))
    refuse(
      `Invalid port mapping name '${name}' on container '${container}': lowercase letters, numbers, underscores and hyphens.`,
    );
  if (appProtocol !== undefined && name === undefined)
    refuse(`Invalid port mapping on container '${container}'. 'appProtocol' requires a 'name'.`);
}

function isPort(port: number | undefined, least: number): boolean {
  return port !== undefined && Number.isInteger(port) && port >= least && port <= MAX_PORT;
}

/** First and last port of a mapping; no numbers when its range is none. */
function rangeOf({ containerPort = 0, containerPortRange }: PortMapping): readonly [first: number, last: number] {
  if (containerPortRange === undefined) return [containerPort, containerPort];
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(containerPortRange) ?? [];
  return [Number(first), Number(last)];
}

/** One container of a task listens on a port, per protocol. */
function checkShared(mappings: readonly PortMapping[]): void {
  mappings.forEach((mapping, index) => {
    const [first, last] = rangeOf(mapping);
    const double = mappings.slice(0, index).some((other) => {
      const [otherFirst, otherLast] = rangeOf(other);
      const isSameProtocol = (other.protocol ?? 'tcp') === (mapping.protocol ?? 'tcp');
      return isSameProtocol && first <= otherLast && otherFirst <= last;
    });
    const port = mapping.containerPortRange ?? mapping.containerPort;
    if (double) refuse(`container port is used multiple times in task: ${port}/${mapping.protocol ?? 'tcp'}`);
  });
}

function checkAwsvpc(container: ContainerDefinition): void {
  const where = 'not supported on container when networkMode=awsvpc';
  if (container.disableNetworking) refuse(`Disable Networking is ${where}.`);
  if (container.dnsServers?.length) refuse(`DNS servers are ${where}.`);
  if (container.dnsSearchDomains?.length) refuse(`DNS search domains are ${where}.`);
  if (container.extraHosts?.length) refuse(`Extra hosts are ${where}.`);
  if (container.hostname) refuse(`hostname is ${where}.`);
  if (container.links?.length) refuse('Links are not supported when networkMode=awsvpc.');
}
