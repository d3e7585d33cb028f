import type {
  DeleteParameterRequest,
  DescribeParametersRequest,
  DescribeParametersResult,
  GetParameterHistoryRequest,
  GetParameterHistoryResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  ParameterMetadata,
  ParameterType,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { isGiven } from '../given.ts';
import {
  Fault,
  NotModelled,
  operation,
  type Caller,
  type Operation,
  type RegionContext,
  type ResourceCreator,
  type ResourceUpdater,
  type Service,
} from '../service.ts';
import { readProperties } from '../properties.ts';
import { withRequestLimits } from '../request-limits.ts';
import { describeParameters } from './describe-parameters.ts';
import { getParameterHistory, keepVersion } from './history.ts';
import { getParametersByPath, pathPermission } from './hierarchy.ts';
import { newSsmState, type Parameter, type Ssm, type SsmState } from './model.ts';
import { arnOf, describe, named, refuseSelector, refuseUntold, removeParameter } from './parameters.ts';
import { principalOf } from './principal.ts';
import { REQUEST_LIMITS } from './request-limits.ts';

/**
 * AWS Systems Manager: standard parameters. Of a SecureString only the name is kept, so nobody reads it here. Labels, policies
 * and change events are not modelled.
 */
export interface SsmService extends Service {
  /** The value that a parameter has now; undefined when there is no such parameter. */
  valueOf(name: string): string | undefined;
  /** Makes a parameter known that stands outside the stacks, by its name or ARN; its value stays untold. */
  admitParameter(nameOrArn: string): void;
  /** Whether there is a parameter of that name or ARN. */
  hasParameter(nameOrArn: string): boolean;
}

/** Systems Manager quotas, "Maximum size for parameter values": the standard tier. */
const VALUE_BYTES_MAX = 4096;
const NAMES_MAX = 10;
/** API reference, PutParameter: "You can't include values wrapped in double brackets {{}} or {{ssm:parameter-name}} in a parameter value." */
const REFERENCE = /\{\{.*\}\}/s;
const NAME = /^\/?[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/;

const schema = z.strictObject({
  Name: z.string().optional(),
  Type: z.enum(['String', 'StringList']),
  Value: z.string(),
  Description: z.string().optional(),
  Tier: z.literal('Standard').optional(),
  DataType: z.literal('text').optional(),
});

/** Builds the parameter store, empty unless told. */
export function createSsm(context: RegionContext, state: SsmState = newSsmState()): SsmService {
  const ssm: Ssm = { ...context, state };
  return {
    id: 'ssm',
    state,
    operations: withRequestLimits({ id: 'ssm', ...ssm }, REQUEST_LIMITS, {
      ...readOperations(ssm),
      ...writeOperations(ssm),
    }),
    resources: { 'AWS::SSM::Parameter': parameterResource(ssm) },
    updaters: { 'AWS::SSM::Parameter': parameterUpdater(ssm) },
    deleters: { 'AWS::SSM::Parameter': ({ current }) => removeParameter(ssm, current.ref) },
    valueOf: (name) => state.parameters.get(name)?.value,
    admitParameter: (nameOrArn) => void state.untold.set(arnOf(ssm, nameOrArn), new Date(context.kernel.now)),
    hasParameter: (nameOrArn) => hasParameter(ssm, arnOf(ssm, nameOrArn)),
  };
}

function readOperations(ssm: Ssm): Record<string, Operation> {
  return {
    GetParameter: operation<GetParameterRequest, GetParameterResult>({
      permissions: ({ Name }) => [{ action: 'ssm:GetParameter', resource: arnOf(ssm, Name) }],
      apply: ({ Name }) => {
        refuseUntold(ssm, Name);
        return { Parameter: describe(ssm, named(ssm, Name)) };
      },
    }),
    GetParameters: operation<GetParametersRequest, GetParametersResult>({
      permissions: ({ Names = [] }) =>
        Names.map((name) => ({ action: 'ssm:GetParameters', resource: arnOf(ssm, name) })),
      apply: (request) => {
        request.Names?.forEach((name) => refuseUntold(ssm, name));
        return getParameters(ssm, request);
      },
    }),
    GetParametersByPath: operation<GetParametersByPathRequest, GetParametersByPathResult>({
      permissions: (request) => pathPermission(ssm, request),
      apply: (request) => getParametersByPath(ssm, request),
    }),
    GetParameterHistory: operation<GetParameterHistoryRequest, GetParameterHistoryResult>({
      permissions: ({ Name }) => [{ action: 'ssm:GetParameterHistory', resource: arnOf(ssm, Name) }],
      apply: (request) => getParameterHistory(ssm, request),
    }),
    DescribeParameters: operation<DescribeParametersRequest, DescribeParametersResult>({
      permissions: () => [{ action: 'ssm:DescribeParameters', resource: '*' }],
      apply: (request) => describeParameters(metadataOfAll(ssm), request),
    }),
  };
}

function writeOperations(ssm: Ssm): Record<string, Operation> {
  const { parameters, untold } = ssm.state;
  return {
    PutParameter: operation<PutParameterRequest, PutParameterResult>({
      permissions: ({ Name, Overwrite = false }) => [
        { action: 'ssm:PutParameter', resource: arnOf(ssm, Name), context: { 'ssm:Overwrite': String(Overwrite) } },
      ],
      apply: (request, caller) => {
        const isUntold = request.Type === 'SecureString' || untold.has(arnOf(ssm, request.Name));
        if (!isUntold || parameters.has(request.Name ?? '')) return putParameter(ssm, request, caller);
        return putSecret(ssm, request);
      },
    }),
    DeleteParameter: operation<DeleteParameterRequest, object>({
      permissions: ({ Name }) => [{ action: 'ssm:DeleteParameter', resource: arnOf(ssm, Name) }],
      apply: ({ Name }) => {
        if (untold.delete(arnOf(ssm, Name))) return {};
        removeParameter(ssm, named(ssm, Name).name);
        return {};
      },
    }),
  };
}

function hasParameter(ssm: Ssm, arn: string): boolean {
  const { untold, parameters } = ssm.state;
  return untold.has(arn) || [...parameters.keys()].some((name) => arnOf(ssm, name) === arn);
}

function putParameter(ssm: Ssm, request: PutParameterRequest, caller: Caller): PutParameterResult {
  const { kernel, state } = ssm;
  refuseUnmodelled(request);
  const name = checkedName(request.Name);
  const value = request.Value ?? '';
  const former = state.parameters.get(name);
  if (former && !request.Overwrite) throw alreadyExists();
  const type = typeFor(request, former);
  if (value === '' || Buffer.byteLength(value) > VALUE_BYTES_MAX) {
    throw new Fault('ValidationException', `Parameter ${name} takes a value of 1 to ${VALUE_BYTES_MAX} bytes.`);
  }
  if (REFERENCE.test(value))
    throw new Fault('ValidationException', 'Parameter value is not valid: nested parameters are not supported.');
  const version = (former?.version ?? 0) + 1;
  const lastModified = new Date(kernel.now);
  const parameter = { name, type, value, version, lastModified, modifiedBy: principalOf(ssm, caller) };
  state.parameters.set(name, parameter);
  keepVersion(ssm, parameter);
  return { Version: version, Tier: 'Standard' };
}

/** Encrypted, or from outside the stacks: its value is not kept. */
function putSecret(ssm: Ssm, request: PutParameterRequest): PutParameterResult {
  const { untold } = ssm.state;
  const arn = arnOf(ssm, request.Name);
  refuseUnmodelled(request);
  checkedName(request.Name);
  if (untold.has(arn) && !request.Overwrite) throw alreadyExists();
  untold.set(arn, new Date(ssm.kernel.now));
  return { Tier: 'Standard' };
}

function alreadyExists(): Fault {
  return new Fault(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );
}

function refuseUnmodelled(request: PutParameterRequest): void {
  const { KeyId, AllowedPattern, Tags, Policies } = request;
  for (const [member, value] of Object.entries({ KeyId, AllowedPattern, Tags, Policies })) {
    if (isGiven(value)) throw new NotModelled(`PutParameter with ${member}`);
  }
  if (request.Tier !== undefined && request.Tier !== 'Standard') throw new NotModelled(`The tier ${request.Tier}`);
  if (request.DataType !== undefined && request.DataType !== 'text') {
    throw new NotModelled(`The data type ${request.DataType}`);
  }
}

/** A new parameter needs a type, an old one keeps its own. */
function typeFor(request: PutParameterRequest, former: Parameter | undefined): ParameterType {
  if (former && request.Type !== undefined && request.Type !== former.type) {
    throw new Fault('HierarchyTypeMismatchException', 'Parameter Store does not support changing a parameter type.');
  }
  const type = former?.type ?? request.Type;
  if (type !== undefined) return type;
  throw new Fault('ValidationException', 'A parameter type is required when you create a parameter.');
}

function checkedName(name: string | undefined): string {
  const text = name ?? '';
  const isReserved = /^\/?(?:aws|ssm)/i.test(text);
  if (NAME.test(text) && !isReserved && text.length <= 1011 && (!text.includes('/') || text.startsWith('/')))
    return text;
  throw new Fault('ValidationException', `Parameter name ${text} is not valid: it must be fully qualified.`);
}

function getParameters(ssm: Ssm, { Names = [] }: GetParametersRequest): GetParametersResult {
  const { parameters } = ssm.state;
  if (Names.length < 1 || Names.length > NAMES_MAX) {
    throw new Fault('ValidationException', `GetParameters takes 1 to ${NAMES_MAX} names, not ${Names.length}.`);
  }
  Names.forEach(refuseSelector);
  const found = Names.flatMap((name) => parameters.get(name) ?? []);
  return {
    Parameters: found.map((parameter) => describe(ssm, parameter)),
    InvalidParameters: Names.filter((name) => !parameters.has(name)),
  };
}

/** Of the region's own, then of those of this account and region that stand outside, which are taken to be secret. */
function metadataOfAll(ssm: Ssm): ParameterMetadata[] {
  const own = [...ssm.state.parameters.values()].map((parameter): ParameterMetadata => {
    const { Value: _, ...metadata } = describe(ssm, parameter);
    return { ...metadata, Tier: 'Standard' };
  });
  const prefix = arnOf(ssm, '');
  const others = [...ssm.state.untold].flatMap(([ARN, LastModifiedDate]): ParameterMetadata[] =>
    ARN.startsWith(prefix) && !own.some((each) => each.ARN === ARN)
      ? [
          {
            Name: nameIn(ARN, prefix),
            ARN,
            Type: 'SecureString',
            LastModifiedDate,
            Version: 1,
            Tier: 'Standard',
            DataType: 'text',
          },
        ]
      : [],
  );
  return [...own, ...others];
}

/** Names with more than one part begin with a slash; those with one are taken to, as the configuration wants it. */
function nameIn(arn: string, prefix: string): string {
  return `/${arn.slice(prefix.length)}`;
}

function parameterResource(ssm: Ssm): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(schema, 'AWS::SSM::Parameter', properties);
    const name = read.Name ?? `CFN-${logicalId}-${stackName}-${ssm.kernel.random.hex(12)}`;
    putParameter(ssm, { Name: name, Type: read.Type, Value: read.Value }, { kind: 'operator' });
    return { ref: name, attributes: { Type: read.Type, Value: read.Value } };
  };
}

function parameterUpdater(ssm: Ssm): ResourceUpdater {
  return {
    changeable: Object.keys(schema.shape).filter((name) => name !== 'Name'),
    replacing: ['Name'],
    update: ({ current, after }) => {
      const { Type, Value } = readProperties(schema, 'AWS::SSM::Parameter', after);
      const { value, type } = named(ssm, current.ref);
      const request = { Name: current.ref, Type, Value, Overwrite: true };
      if (value !== Value || type !== Type) putParameter(ssm, request, { kind: 'operator' });
      return { ref: current.ref, attributes: { Type, Value } };
    },
  };
}
