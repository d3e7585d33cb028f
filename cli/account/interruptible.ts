import type { Clients } from './clients.ts';
import type { DeployedCell } from './deployed-cell.ts';

type Send = (command: object, options: { readonly abortSignal: AbortSignal }) => Promise<unknown>;

/** The same cell, whose calls end with an AbortError as soon as `signal` aborts: an AWS that is silent keeps nobody. */
export function interruptible(cell: DeployedCell, signal: AbortSignal): DeployedCell {
  const ending = (client: { readonly send: unknown }): object => {
    const send = (command: object) => (client.send as Send).call(client, command, { abortSignal: signal });
    return Object.assign(Object.create(client) as object, { send });
  };
  const ended = Object.fromEntries(Object.entries(cell.clients).map(([name, client]) => [name, ending(client)]));
  const clients = ended as unknown as Clients;
  return { ...cell, clients, ledger: { ...cell.ledger, client: clients.dynamodb } };
}

/** What comes of the work; undefined when it failed because `signal` had aborted. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
