import type { Place, ServiceDocument, Trouble } from '../../../console/documents.ts';
import type { Source } from '../../../console/server/source.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { AwsFailure } from '../../account/failures.ts';
import type { Clock } from '../../terminal/clock.ts';
import type { Flags, Terminal } from '../../terminal/command.ts';
import { doAct, foreseeAct } from './account-acts.ts';
import { holdAccount, type HeldAccount } from './held-clients.ts';
import { readService, type ServiceReader } from './service-reader.ts';
import { troubleOf } from './trouble.ts';

/** What a console of an account is opened with. */
export interface AccountOptions {
  /** Those that name a configuration. */
  readonly flags: Flags;
  readonly env: Terminal['env'];
  readonly clock: Clock;
  readonly isReadOnly: boolean;
}

/** A source that must be closed. */
export interface AccountSource extends Source {
  close(): void;
}

/** Reads and changes all services of an account and Region with the operator's own credentials. */
export function accountSource(options: AccountOptions): AccountSource {
  const { env, clock } = options;
  const timeThere = timeOfAws(clock);
  const last = new Map<string, ServiceDocument>();
  const there = placeOf(options, timeThere);
  const onCell = async <T>(service: string, use: (cell: DeployedCell) => Promise<T>): Promise<T> => {
    try {
      return await use((await there.open()).cell(service));
    } catch (error) {
      throw new Error(there.trouble(error, service).message, { cause: error });
    }
  };
  return {
    get place() {
      return there.place();
    },
    services: () => there.services(),
    discover: () => there.discover(),
    async look(service) {
      const before = last.get(service) ?? { service, history: [] };
      const document = await there
        .reader(service)
        .then((reader) => reader.look())
        .catch((error: unknown) => troubled(before, there.trouble(error, service)));
      last.set(service, document);
      return document;
    },
    rollout: (service, rolloutId) => onCell(service, async () => (await there.reader(service)).rollout(rolloutId)),
    foresee: (request) => onCell(request.service, (cell) => foreseeAct(cell, request, clock.now())),
    act: (request) => onCell(request.service, (cell) => doAct(cell, request, { env, clock })),
    close: () => there.close(),
  };
}

/** The account as it is reached now, and a reader for each service; both are opened anew after credentials ended. */
function placeOf({ flags, env, isReadOnly }: AccountOptions, timeThere: (newest: number) => number) {
  const holder = holdAccount(flags, env);
  const readers = new Map<string, ServiceReader>();
  let held: HeldAccount | undefined;
  let place: Place = { isReadOnly };
  const trouble = (error: unknown, service?: string): Trouble => {
    const where = { endpoint: env['AWS_ENDPOINT_URL'] || undefined, profile: env['AWS_PROFILE'] || undefined };
    const told = troubleOf(error, { ...where, ...(service !== undefined && held?.whereIs(service)) }, timeThere(0));
    // Clients whose credentials ended are of no more use; new ones read the renewed.
    if (told.kind === 'credentials' || held === undefined) holder.drop();
    if (told.kind === 'credentials') readers.clear();
    return told;
  };
  const open = async (): Promise<HeldAccount> => {
    held = await holder.account();
    const { account, region, caller } = held.account;
    place = { account, region, caller: caller.split(':').slice(5).join(':'), isReadOnly };
    return held;
  };
  return {
    trouble,
    open,
    place: () => place,
    services: () => held?.services(),
    close: () => holder.drop(),
    async discover(): Promise<void> {
      const isNew = held === undefined;
      try {
        const account = await open();
        if (!isNew) await account.lookAgain();
      } catch (error) {
        place = { ...place, trouble: trouble(error) };
      }
    },
    async reader(service: string): Promise<ServiceReader> {
      const account = await open();
      const strange = account.unreadable().get(service);
      if (strange !== undefined) throw new AwsFailure(unreadableText(strange), false, undefined);
      const reader = readers.get(service) ?? readService(account.cell(service), timeThere);
      readers.set(service, reader);
      return reader;
    },
  };
}

function unreadableText(parameter: string): string {
  return `${parameter} says nothing that this release reads: use the release that was deployed`;
}

/** What was read before stays, with why the newest look saw nothing, and since when. */
function troubled(before: ServiceDocument, trouble: Trouble): ServiceDocument {
  const since = before.trouble?.kind === trouble.kind ? before.trouble.since : trouble.since;
  return { ...before, trouble: { ...trouble, since } };
}

/** AWS's present time, as far as its newest stamps and the clock here tell: never behind a stamp. */
function timeOfAws(clock: Clock): (newest: number) => number {
  let ahead = Number.NEGATIVE_INFINITY;
  return (newest) => {
    // A machine whose clock is right is not behind by more than a call takes.
    ahead = Math.max(ahead, newest - clock.now(), 0);
    return clock.now() + ahead;
  };
}
