import { z } from 'zod';
import { cellVerb, type CellVerb } from '../account/cell-verb.ts';
import { chosen, nothingIn } from '../account/chosen-cell.ts';
import {
  cellIn,
  chosenCell,
  configuredCell,
  withAccount,
  type Account,
  type DeployedCell,
} from '../account/deployed-cell.ts';
import { ledgerKey } from '../../configuration/configuration.ts';
import { UsageError, type Answered, type Flags, type Session } from '../terminal/command.ts';
import { overviewJson, overviewSchema, type OverviewDocument } from './status/overview-json.ts';
import { overviewLines } from './status/overview-text.ts';
import { readOverview } from './status/overview.ts';
import { standingJson, standingSchema, type StandingDocument } from './status/standing-json.ts';
import { standingLines } from './status/standing-text.ts';
import { readStanding } from './status/standing.ts';

const one = cellVerb({
  name: 'status',
  summary:
    'Shows what runs and since when, who holds the service, what waits, is held or quarantined; of all services of the account and Region a line each, where none is named or configured.',
  options: { all: { type: 'boolean', summary: 'All services of the account and Region, whatever is configured.' } },
  schema: z.union([standingSchema, overviewSchema]),
  ask({ all, service }) {
    if (all === true && service !== undefined) throw new UsageError('status takes --all or --service, not both');
    return {};
  },
  async runIn(cell, _asked, { clock }) {
    return await tellOne(cell, clock.now());
  },
});

/** `rollouts status`: how a service stands, or all of them. */
export const status: CellVerb<StandingDocument | OverviewDocument, object> = {
  ...one,
  async run(flags, session) {
    one.ask(flags);
    return await withAccount(flags, session, async (account, learn) => {
      if (isAboutAll(flags, account)) return await tellAll(account, session);
      try {
        return await tellOne(chosenCell(account, flags, learn), session.clock.now());
      } catch (error) {
        if (isNamed(flags) || account.registered.cells.length === 0 || !isNotDeployed(error)) throw error;
        // What is configured here need not be deployed there, as in a fresh checkout.
        return await tellAll({ ...account, configured: [] }, session);
      }
    });
  },
};

/** Nobody names a service or a configuration of one. */
function isAboutAll(flags: Flags, { configured, registered }: Account): boolean {
  if (flags['all'] === true) return true;
  return flags['service'] === undefined && configured.length !== 1 && registered.cells.length + configured.length > 1;
}

function isNamed({ service, config }: Flags): boolean {
  return service !== undefined || config !== undefined;
}

function isNotDeployed(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException';
}

async function tellOne(cell: DeployedCell, now: number): Promise<Answered<StandingDocument>> {
  const standing = await readStanding(cell);
  return { document: standingJson(standing, cell, now), lines: standingLines(standing, cell, now), exitCode: 0 };
}

async function tellAll(account: Account, { clock }: Pick<Session, 'clock'>): Promise<Answered<OverviewDocument>> {
  const { registered, configured, place } = account;
  const unregistered = configured.filter((service) => !chosen(account, ledgerKey(service))?.registration);
  const cells = [
    ...registered.cells.map(({ config }) => cellIn(account, chosen(account, config.service)!)),
    ...unregistered.map((service) => configuredCell(account, service)),
  ];
  if (cells.length === 0) throw nothingIn(account);
  const briefs = await readOverview(cells);
  const lines = overviewLines(briefs, place, registered.unreadable, clock.now());
  return { document: overviewJson(briefs, account), lines, exitCode: 0 };
}
