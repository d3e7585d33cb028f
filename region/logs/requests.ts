import { Fault } from '../service.ts';

/** How a request names its log group. */
interface NamesGroup {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
}

/** By its name, or by its name or ARN as an identifier, but not by both. */
export function nameOfGroup({ logGroupName, logGroupIdentifier }: NamesGroup): string {
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    const problem = 'A request needs either logGroupName or logGroupIdentifier, and cannot have both.';
    throw new Fault('InvalidParameterException', problem);
  }
  return logGroupName ?? logGroupIdentifier!.replace(/^arn:[^:]+:logs:[^:]+:\d{12}:log-group:/, '');
}

/** The request but for the members that name its group. */
export function withoutGroup<Request extends NamesGroup>(request: Request): Omit<Request, keyof NamesGroup> {
  const { logGroupName: _name, logGroupIdentifier: _identifier, ...rest } = request;
  return rest;
}

/** One page, and the token of the next when there is one. */
export function paged<Item>(items: readonly Item[], limit: number, token = '0'): { page: Item[]; nextToken?: string } {
  if (!/^\d+$/.test(token)) throw invalidToken();
  const start = Number(token);
  const end = start + limit;
  return { page: items.slice(start, end), ...(end < items.length ? { nextToken: String(end) } : {}) };
}

/** What is said of a token that no earlier answer had. */
export function invalidToken(): Fault {
  return new Fault('InvalidParameterException', 'The specified nextToken is invalid.');
}
