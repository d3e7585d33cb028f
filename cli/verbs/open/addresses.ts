import type { Service } from '@aws-sdk/client-ecs';
import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';
import type { AddressClients } from '../../account/clients.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { look, type Looked } from '../../account/look.ts';
import type { Address } from './address.ts';
import { balancedAddresses } from './balanced-addresses.ts';
import { portsOf, taskAddresses } from './task-addresses.ts';

/** How the service is reached; why not, where there is no address. */
export interface Reached {
  readonly addresses: readonly Address[];
  readonly why: string | undefined;
}

/** Its load balancers' addresses, else those of its running tasks, the ones on the internet first. */
export async function readAddresses(
  cell: DeployedCell,
  service: Service | undefined,
  definition: Looked<RawTaskDefinition>,
): Promise<Reached> {
  if (!service) return { addresses: [], why: 'ECS has no such service' };
  const targetGroups = (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
  const ports = 'found' in definition ? portsOf(definition.found ?? {}) : [];
  const looked = await withAddressClients(cell, (clients) =>
    look(() =>
      targetGroups.length > 0
        ? balancedAddresses(clients.loadBalancing, targetGroups)
        : taskAddresses(cell, clients.ec2, service, ports),
    ),
  );
  if ('refused' in looked) return { addresses: [], why: looked.refused };
  const addresses = [...(looked.found ?? [])].sort((one, other) => Number(other.isPublic) - Number(one.isPublic));
  if (addresses.length > 0) return { addresses, why: undefined };
  return { addresses, why: targetGroups.length > 0 ? 'no load balancer forwards to its target group' : 'no task runs' };
}

async function withAddressClients<T>(cell: DeployedCell, use: (clients: AddressClients) => Promise<T>): Promise<T> {
  const clients = await cell.addressClients();
  try {
    return await use(clients);
  } finally {
    clients.ec2.destroy();
    clients.loadBalancing.destroy();
  }
}
