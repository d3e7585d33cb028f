import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { ShownLedger } from '../../functions/aws/ledger-table.ts';
import type { RolloutConfig } from '../../functions/rollout/config.ts';
import { toRolloutConfig, type CheckedConfiguration, type CheckedService } from '../../configuration/configuration.ts';
import { loadConfiguration } from '../../configuration/load-configuration.ts';
import { ledgerTableName, stackName, stateMachineName } from '../../configuration/names.ts';
import { UsageError, type Flags, type Option, type Terminal } from '../terminal/command.ts';
import { nearest } from '../terminal/nearest.ts';
import { addressClientsFrom, withClients, type AddressClients, type Clients } from './clients.ts';

/** A configured service where it is deployed: its names there, and the clients to reach it. */
export interface DeployedCell {
  readonly service: CheckedService;
  readonly config: RolloutConfig;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly stateMachineArn: string;
  readonly ledger: ShownLedger;
  readonly clients: Clients;
  /** For the one verb that tells where the service is reached. */
  readonly addressClients: () => Promise<AddressClients>;
}

/** The flags of every verb that acts on a service in an account. */
export const CELL_OPTIONS = {
  service: { type: 'string', placeholder: 'NAME', summary: 'The service, where several are configured.' },
  config: { type: 'string', placeholder: 'FILE', summary: 'Configuration that was deployed. [rollouts.config.ts]' },
} as const satisfies Record<string, Option>;

/** Finds the service that the flags name and hands it to `use`; a failure of AWS becomes one sentence. */
export async function withCell<T>(
  flags: Flags,
  { env }: Pick<Terminal, 'env'>,
  use: (cell: DeployedCell) => Promise<T>,
): Promise<T> {
  const service = chosenService(await loadConfiguration(flags['config'] as string | undefined), flags['service']);
  return await withClients(env, stackName(service.serviceName), async (clients, region) =>
    use({ ...(await cellIn(region, service, clients)), addressClients: () => addressClientsFrom(env) }),
  );
}

async function cellIn(
  region: string,
  service: CheckedService,
  clients: Clients,
): Promise<Omit<DeployedCell, 'addressClients'>> {
  const { Account: account = '', Arn = '' } = await clients.sts.send(new GetCallerIdentityCommand({}));
  const partition = Arn.split(':')[1] ?? 'aws';
  const config = toRolloutConfig(service);
  const machine = stateMachineName(service.serviceName);
  return {
    service,
    config,
    account,
    region,
    stateMachineArn: `arn:${partition}:states:${region}:${account}:stateMachine:${machine}`,
    ledger: {
      sees: 'all-but-tokens',
      client: clients.dynamodb,
      tableName: ledgerTableName(service.serviceName),
      service: config.service,
    },
    clients,
  };
}

/** The service with that name, `service` or `cluster/service`; the only one where no name is given. */
export function chosenService({ services }: CheckedConfiguration, name: Flags[string]): CheckedService {
  const names = services.map(({ serviceName }) => serviceName);
  if (typeof name !== 'string') {
    if (services.length === 1) return services[0]!;
    throw new UsageError(
      `${services.length} services are configured; name one: --service ${names.join(', --service ')}`,
    );
  }
  const found = services.find(({ serviceName, cluster }) => [serviceName, `${cluster}/${serviceName}`].includes(name));
  if (found) return found;
  const close = nearest(name, names);
  throw new UsageError(
    `no service "${name}" is configured${close ? `; did you mean "${close}"?` : `; there is ${names.join(', ')}`}`,
  );
}
