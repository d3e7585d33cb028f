import type { GetParameterHistoryRequest, GetParameterHistoryResult, ParameterHistory } from '@aws-sdk/client-ssm';
import { pageOf } from '../page.ts';
import { Fault } from '../service.ts';
import type { Parameter, Ssm } from './model.ts';
import { named, refuseUntold } from './parameters.ts';

/** "Parameter Store retains the 100 most recent versions" (user guide, "Working with parameter versions"). */
const VERSIONS_MAX = 100;
const PAGE_SIZE_MAX = 50;

/** Keeps a version; without labels, the oldest makes room for the newest. */
export function keepVersion({ state }: Ssm, parameter: Parameter): void {
  const former = state.history.get(parameter.name) ?? [];
  state.history.set(parameter.name, [...former, parameter].slice(-VERSIONS_MAX));
}

/** The versions that are kept, oldest first. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html */
export function getParameterHistory(ssm: Ssm, request: GetParameterHistoryRequest): GetParameterHistoryResult {
  const { Name, MaxResults = PAGE_SIZE_MAX, NextToken } = request;
  refuseUntold(ssm, Name);
  const versions = ssm.state.history.get(named(ssm, Name).name) ?? [];
  const { items, nextToken } = pageOf(versions, MaxResults, NextToken, invalidToken);
  return { Parameters: items.map(describe), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
}

function describe({ name, type, value, version, lastModified, modifiedBy }: Parameter): ParameterHistory {
  return {
    Name: name,
    Type: type,
    LastModifiedDate: lastModified,
    LastModifiedUser: modifiedBy,
    Value: value,
    Version: version,
    Labels: [],
    Tier: 'Standard',
    Policies: [],
    DataType: 'text',
  };
}

/** What is said of a token that no earlier answer had. */
export function invalidToken(): Fault {
  return new Fault('InvalidNextToken', 'The specified token is not valid.');
}
