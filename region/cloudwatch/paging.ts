import { pageOf, type Page } from '../page.ts';
import { Fault } from '../service.ts';

/** A page of a list whose size callers cannot choose. */
export function pageAfter<Item>(all: readonly Item[], size: number, token: string | undefined): Page<Item> {
  return pageOf(all, size, token, () => {
    return new Fault('InvalidParameterValueException', 'The value for NextToken is not one of an earlier answer.');
  });
}

/** The token of the next page, as answers have it. */
export function nextOf({ nextToken }: Page<unknown>): { NextToken?: string } {
  return nextToken === undefined ? {} : { NextToken: nextToken };
}
