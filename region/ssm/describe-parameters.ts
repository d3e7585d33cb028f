import type {
  DescribeParametersRequest,
  DescribeParametersResult,
  ParameterMetadata,
  ParameterStringFilter,
} from '@aws-sdk/client-ssm';
import { Fault, NotModelled } from '../service.ts';

const PAGE_SIZE_MAX = 50;
const FILTER_VALUES_MAX = 50;
/** Systems Manager API reference, ParameterStringFilter: the pattern of Key. */
const FILTER_KEY = /^(?:tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$/;
const OPTIONS: Readonly<Record<string, (name: string, value: string) => boolean>> = {
  Equals: (name, value) => name === value,
  BeginsWith: (name, value) => name.startsWith(value),
  Contains: (name, value) => name.includes(value),
};

/**
 * One page of what is known of parameters, which never includes a value. A page is filtered after it is cut, so that it may hold
 * fewer than `MaxResults`, or none, although more follow: "results are returned on a best-effort basis" (API reference).
 */
export function describeParameters(
  all: readonly ParameterMetadata[],
  { Filters, ParameterFilters = [], MaxResults = PAGE_SIZE_MAX, NextToken, Shared }: DescribeParametersRequest,
): DescribeParametersResult {
  if (Filters !== undefined) throw new NotModelled('DescribeParameters with Filters, which is deprecated,');
  if (Shared) throw new NotModelled('DescribeParameters with Shared');
  if (MaxResults < 1 || MaxResults > PAGE_SIZE_MAX)
    throw new Fault('ValidationException', `MaxResults is 1 to ${PAGE_SIZE_MAX}, not ${MaxResults}.`);
  const filters = ParameterFilters.map(filterOf);
  const start = NextToken === undefined ? 0 : offsetOf(NextToken);
  const end = start + MaxResults;
  const page = all.slice(start, end).filter(({ Name = '' }) => filters.every((passes) => passes(Name)));
  return { Parameters: page, ...(end < all.length && { NextToken: tokenOf(end) }) };
}

function filterOf({ Key = '', Option = 'Equals', Values = [] }: ParameterStringFilter): (name: string) => boolean {
  if (!FILTER_KEY.test(Key))
    throw new Fault('ValidationException', `The filter key ${Key} fails to satisfy a pattern.`);
  if (Key === 'Label') throw new Fault('InvalidFilterKey', 'The filter key Label is not valid for DescribeParameters.');
  if (Key !== 'Name') throw new NotModelled(`DescribeParameters with the filter key ${Key}`);
  const fits = Object.hasOwn(OPTIONS, Option) ? OPTIONS[Option] : undefined;
  if (!fits) throw new Fault('InvalidFilterOption', `The filter option ${Option} is not valid for Name.`);
  if (Values.length > FILTER_VALUES_MAX)
    throw new Fault('ValidationException', `A filter takes 1 to ${FILTER_VALUES_MAX} values, not ${Values.length}.`);
  if (Values.length === 0 || Values.includes(''))
    throw new Fault('InvalidFilterValue', 'The filter value is not valid.');
  return (name) => Values.some((value) => fits(name, value));
}

function tokenOf(offset: number): string {
  return Buffer.from(`from ${offset}`).toString('base64');
}

function offsetOf(token: string): number {
  const match = /^from (\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (!match) throw new Fault('InvalidNextToken', 'The specified token is not valid.');
  return Number(match[1]);
}
