import { existsSync } from 'node:fs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { ShownLedger } from '../../functions/aws/ledger-table.ts';
import type { RolloutConfig } from '../../functions/rollout/config.ts';
import { toRolloutConfig, type CheckedService } from '../../configuration/configuration.ts';
import { DEFAULT_FILE, loadConfiguration } from '../../configuration/load-configuration.ts';
import { ledgerTableName, stackName, stateMachineName } from '../../configuration/names.ts';
import type { Registration } from '../../configuration/registration.ts';
import type { Flags, Option, Terminal } from '../terminal/command.ts';
import { choose, refuseAmbiguous, type Candidates, type Chosen } from './chosen-cell.ts';
import { addressClientsFrom, withClients, type AddressClients, type Clients } from './clients.ts';
import { AwsFailure, type Place } from './failures.ts';
import { readRegistrations, type Registered } from './registrations.ts';

/** The settings of a service that the verbs read, whoever says them. */
export type CellService = Pick<
  CheckedService,
  | 'name'
  | 'cluster'
  | 'serviceName'
  | 'family'
  | 'repository'
  | 'containers'
  | 'tagPolicy'
  | 'tickMinutes'
  | 'executionRole'
  | 'taskRole'
>;

/** A service where it is deployed: its names there, and the clients to reach it. */
export interface DeployedCell {
  /** As it was deployed. */
  readonly service: CellService;
  readonly config: RolloutConfig;
  /** As the configuration beside you has it, deployed or not; undefined where that says nothing of the service. */
  readonly configured?: CheckedService | undefined;
  /** What a provisioned service is built for, before a task definition says it. */
  readonly architecture?: Registration['architecture'];
  /** Name of the dashboard on which it is drawn, without the Region; undefined without one. */
  readonly dashboard?: Registration['dashboard'];
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** ARN of whoever calls. */
  readonly caller: string;
  readonly stateMachineArn: string;
  /** Where outcomes and alarms are published; undefined for a cell that has not registered. */
  readonly topicArn?: string | undefined;
  readonly ledger: ShownLedger;
  readonly clients: Clients;
  /** For the one verb that tells where the service is reached. */
  readonly addressClients: () => Promise<AddressClients>;
}

/** The flags of every verb that acts on a service in an account. */
export const CELL_OPTIONS = {
  service: { type: 'string', placeholder: '[CLUSTER/]NAME', summary: 'The service, where there are several.' },
  config: { type: 'string', placeholder: 'FILE', summary: 'Picks the service by default. [rollouts.config.ts]' },
} as const satisfies Record<string, Option>;

/** An account and Region: what has registered there, and what is configured here. */
export interface Account extends Candidates {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** ARN of whoever calls. */
  readonly caller: string;
  readonly clients: Clients;
  readonly addressClients: () => Promise<AddressClients>;
}

/** Finds the service that the flags name and hands it to `use`; a failure of AWS becomes one sentence. */
export async function withCell<T>(
  flags: Flags,
  session: Pick<Terminal, 'env'>,
  use: (cell: DeployedCell) => Promise<T>,
  find: typeof chosenCell = chosenCell,
): Promise<T> {
  return await withAccount(flags, session, (account, learn) => use(find(account, flags, learn)));
}

/** The service that the flags name, or the configuration; failures speak of it from now on. Throws where its stack is another's. */
export function chosenCell(account: Account, flags: Flags, learn: (more: Place) => void): DeployedCell {
  const cell = foundCell(account, flags, learn);
  const owner = ownerOf(account.registered, cell);
  if (owner === undefined) return cell;
  const { config, service } = cell;
  const message = `${stackName(service.name)} in ${account.region} is the cell of ${owner}, and ${config.service} has none: rollouts doctor says what to do`;
  throw new AwsFailure(message, false, undefined);
}

/** As {@link chosenCell}, for verbs that act: a name that several services bear is refused, whatever is configured here. */
export function cellToActOn(account: Account, flags: Flags, learn: (more: Place) => void): DeployedCell {
  refuseAmbiguous(account, flags['service'] as string | undefined);
  return chosenCell(account, flags, learn);
}

/** The service whose cell has the names that another one's would have; undefined where there is none such. */
function ownerOf({ cells }: Registered, { config, service }: DeployedCell): string | undefined {
  const isAnothers = (cell: Registration): boolean =>
    cell.config.service !== config.service && stackName(cell.name) === stackName(service.name);
  return cells.find(isAnothers)?.config.service;
}

/** As {@link chosenCell}, whose ever the stack is. */
export function foundCell(account: Account, { service }: Flags, learn: (more: Place) => void): DeployedCell {
  const cell = cellIn(account, choose(account, service as string | undefined));
  const others = account.registered.cells.map(({ config }) => config.service);
  learn({ stackName: stackName(cell.service.name), others: others.filter((key) => key !== cell.config.service) });
  return cell;
}

/** Looks who has registered and hands that to `use`; a failure of AWS becomes one sentence, with what `use` has learnt of the place. */
export async function withAccount<T>(
  flags: Flags,
  { env }: Pick<Terminal, 'env'>,
  use: (account: Account, learn: (more: Place) => void) => Promise<T>,
): Promise<T> {
  const configured = await configuredHere(flags);
  return await withClients(env, {}, async (clients, region, learn) => {
    const [{ Account: account = '', Arn = '' }, registered] = await Promise.all([
      clients.sts.send(new GetCallerIdentityCommand({})),
      registeredUnless(configured.length > 0, clients),
    ]);
    const partition = Arn.split(':')[1] ?? 'aws';
    const place = `${region}, account ${account}`;
    const addressClients = (): Promise<AddressClients> => addressClientsFrom(env);
    return await use(
      { registered, configured, place, account, region, partition, caller: Arn, clients, addressClients },
      learn,
    );
  });
}

/** What the file says that is named; without one what stands beside the command line, which may say nothing where a service is named. */
async function configuredHere({ config, service, all }: Flags): Promise<readonly CheckedService[]> {
  if (typeof config === 'string') return (await loadConfiguration(config)).services;
  if (all === true || !existsSync(DEFAULT_FILE)) return [];
  try {
    return (await loadConfiguration()).services;
  } catch (error) {
    if (typeof service === 'string') return [];
    throw error;
  }
}

/** Who may not read them, as before cells registered, still finds what the configuration names. */
async function registeredUnless(isConfigured: boolean, { ssm }: Clients): Promise<Registered> {
  try {
    return await readRegistrations(ssm);
  } catch (error) {
    if (isConfigured && error instanceof Error && /^AccessDenied/.test(error.name)) return NOBODY;
    throw error;
  }
}

const NOBODY: Registered = { cells: [], unreadable: [] };

/** A chosen service where it is deployed. */
export function cellIn(account: Account, { registration, configured }: Chosen): DeployedCell {
  return registration ? registeredCell(account, registration, configured) : configuredCell(account, configured);
}

function registeredCell(there: Account, registration: Registration, configured?: CheckedService): DeployedCell {
  const { account, region, caller, clients, addressClients } = there;
  const { config, stateMachineArn, topicArn, ledgerTableArn, architecture, dashboard } = registration;
  return {
    service: { ...config, ...registration },
    config,
    configured,
    architecture,
    dashboard,
    account,
    region,
    caller,
    stateMachineArn,
    topicArn,
    ledger: ledgerOf(clients, ledgerTableArn.slice(ledgerTableArn.lastIndexOf('/') + 1), config.service),
    clients,
    addressClients,
  };
}

/** By the names that follow from a configuration: a cell of a release that did not register. */
export function configuredCell(
  there: Pick<Account, 'account' | 'region' | 'partition' | 'caller' | 'clients' | 'addressClients'>,
  configured: CheckedService,
): DeployedCell {
  const { account, region, partition, caller, clients, addressClients } = there;
  const config = toRolloutConfig(configured);
  const machine = stateMachineName(configured.name);
  return {
    service: configured,
    config,
    configured,
    architecture: configured.provision?.architecture,
    dashboard: configured.dashboard?.name,
    account,
    region,
    caller,
    stateMachineArn: `arn:${partition}:states:${region}:${account}:stateMachine:${machine}`,
    ledger: ledgerOf(clients, ledgerTableName(configured.name), config.service),
    clients,
    addressClients,
  };
}

function ledgerOf({ dynamodb: client }: Clients, tableName: string, service: string): ShownLedger {
  return { sees: 'all-but-tokens', client, tableName, service };
}
