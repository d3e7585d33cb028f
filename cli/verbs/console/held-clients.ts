import { stackName } from '../../../configuration/names.ts';
import { REGISTRATIONS } from '../../../configuration/registration.ts';
import { ledgerKey } from '../../../configuration/configuration.ts';
import { chosenCell, withAccount, type Account, type DeployedCell } from '../../account/deployed-cell.ts';
import type { Place } from '../../account/failures.ts';
import { readRegistrations } from '../../account/registrations.ts';
import type { Flags, Terminal } from '../../terminal/command.ts';

/** An account whose clients stay open from look to look. */
export interface HeldAccount {
  readonly account: Account;
  /** Keys of all services: what has registered, and what is configured here. */
  services(): readonly string[];
  /** Names of registrations that this release cannot read, by the service that they are of. */
  unreadable(): ReadonlyMap<string, string>;
  /** Looks who has registered since; failures leave what was known. */
  lookAgain(): Promise<void>;
  /** Throws where the service's stack is another's. */
  cell(service: string): DeployedCell;
  /** Where a call for a service goes, for whoever tells of its failure. */
  whereIs(service: string): Place;
}

/** Opens clients when they are first needed, and anew after they were dropped: renewed credentials are read then. */
export interface AccountHolder {
  account(): Promise<HeldAccount>;
  drop(): void;
}

interface Held {
  readonly account: Promise<HeldAccount>;
  readonly release: () => void;
}

/** Nothing is opened before somebody asks. */
export function holdAccount(flags: Flags, env: Terminal['env']): AccountHolder {
  let held: Held | undefined;
  return {
    account() {
      held ??= open(flags, env);
      return held.account;
    },
    drop() {
      held?.release();
      held = undefined;
    },
  };
}

function open(flags: Flags, env: Terminal['env']): Held {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const account = new Promise<HeldAccount>((resolve, reject) => {
    const use = async (opened: Account): Promise<void> => {
      resolve(holding(opened));
      await released;
    };
    withAccount(flags, { env }, use).catch(reject);
  });
  // Whoever waits for it hears of its failure; without anybody it is none.
  account.catch(() => {});
  return { account, release };
}

function holding(opened: Account): HeldAccount {
  let account = opened;
  const cells = new Map<string, DeployedCell>();
  const places = new Map<string, Place>();
  return {
    get account() {
      return account;
    },
    services() {
      const registered = account.registered.cells.map(({ config }) => config.service);
      return [...new Set([...registered, ...account.configured.map(ledgerKey), ...this.unreadable().keys()])].sort();
    },
    unreadable: () =>
      new Map(account.registered.unreadable.map((name) => [name.replace(`${REGISTRATIONS}/`, ''), name] as const)),
    async lookAgain() {
      const registered = await readRegistrations(account.clients.ssm).catch(() => undefined);
      if (registered) account = { ...account, registered };
    },
    cell(service) {
      const learn = (more: Place): void => void places.set(service, { ...places.get(service), ...more });
      const cell = cells.get(service) ?? chosenCell(account, { service }, learn);
      cells.set(service, cell);
      return cell;
    },
    whereIs: (service) => ({
      stackName: stackName(service.slice(service.indexOf('/') + 1)),
      ...places.get(service),
      region: account.region,
    }),
  };
}
