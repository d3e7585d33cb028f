import type { GetParametersByPathRequest, GetParametersByPathResult } from '@aws-sdk/client-ssm';
import { pageOf } from '../page.ts';
import { Fault, NotModelled, type PermissionRequest } from '../service.ts';
import { invalidToken } from './history.ts';
import type { Ssm } from './model.ts';
import { arnOf, arnOfParameter, describe, refuseUntold } from './parameters.ts';

const PAGE_SIZE_MAX = 10;
const PATH = /^\/(?:[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*\/?)?$/;

/** The path is asked about as if it were a parameter, and only it: who may read a path may read all below (API reference). */
export function pathPermission(
  ssm: Ssm,
  { Path = '', Recursive = false }: GetParametersByPathRequest,
): PermissionRequest[] {
  const resource = arnOf(ssm, Path.replace(/(.)\/$/, '$1'));
  return [{ action: 'ssm:GetParametersByPath', resource, context: { 'ssm:Recursive': String(Recursive) } }];
}

/** The parameters below a path, in the order of their names. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
export function getParametersByPath(ssm: Ssm, request: GetParametersByPathRequest): GetParametersByPathResult {
  const { Path = '', Recursive = false, ParameterFilters, MaxResults = PAGE_SIZE_MAX, NextToken } = request;
  if (ParameterFilters !== undefined) throw new NotModelled('GetParametersByPath with ParameterFilters');
  if (!PATH.test(Path)) throw new Fault('ValidationException', INVALID_PATH);
  const prefix = Path.endsWith('/') ? Path : `${Path}/`;
  const isBelow = (name: string): boolean =>
    name.startsWith(prefix) && (Recursive || !name.slice(prefix.length).includes('/'));
  for (const name of untoldNames(ssm)) if (isBelow(name)) refuseUntold(ssm, name);
  const found = [...ssm.state.parameters.values()].filter(({ name }) => isBelow(name));
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = pageOf(found, MaxResults, NextToken, invalidToken);
  return {
    Parameters: items.map((parameter) => describe(ssm, parameter)),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

/** A name with one part only stands in no path, but its ARN does not tell: it is taken to, as DescribeParameters takes it. */
function untoldNames(ssm: Ssm): string[] {
  const root = arnOfParameter(ssm, '/');
  return [...ssm.state.untold.keys()].flatMap((arn) => (arn.startsWith(root) ? `/${arn.slice(root.length)}` : []));
}

const INVALID_PATH =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';
