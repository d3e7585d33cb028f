import type {
  DeleteParameterRequest,
  DescribeParametersRequest,
  DescribeParametersResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter as ParameterDescription,
  ParameterMetadata,
  ParameterType,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { Fault, NotModelled, operation, type RegionContext, type ResourceCreator, type Service } from '../service.ts';
import { readProperties } from '../properties.ts';
import { describeParameters } from './describe-parameters.ts';

/**
 * AWS Systems Manager: standard parameters. Of a SecureString only the name is kept, so nobody reads it here. Paths, labels,
 * policies and change events are not modelled.
 */
export interface SsmService extends Service {
  /** The value that a parameter has now; undefined when there is no such parameter. */
  valueOf(name: string): string | undefined;
  /** Makes a parameter known that stands outside the stacks, by its name or ARN; its value stays untold. */
  admitParameter(nameOrArn: string): void;
  /** Whether there is a parameter of that name or ARN. */
  hasParameter(nameOrArn: string): boolean;
}

interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly version: number;
  readonly lastModified: Date;
}

/** Systems Manager quotas, "Maximum size for parameter values": the standard tier. */
const VALUE_BYTES_MAX = 4096;
const NAMES_MAX = 10;
const NAME = /^\/?[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/;

const schema = z.strictObject({
  Name: z.string().optional(),
  Type: z.enum(['String', 'StringList']),
  Value: z.string(),
  Description: z.string().optional(),
  Tier: z.literal('Standard').optional(),
  DataType: z.literal('text').optional(),
});

/** Builds the parameter store. */
export function createSsm(context: RegionContext): SsmService {
  const parameters = new Map<string, Parameter>();
  /** Those that stand outside, by ARN, and since when they are known. */
  const outside = new Map<string, Date>();
  const arnOf = (name: string | undefined): string => arnOfParameter(context, name ?? '');
  const refuseOutside = (name: string | undefined): void => {
    if (outside.has(arnOf(name)) && !parameters.has(name ?? ''))
      throw new NotModelled(`The value of the parameter ${name}, outside the stacks,`);
  };
  return {
    id: 'ssm',
    operations: {
      PutParameter: operation<PutParameterRequest, PutParameterResult>({
        permissions: ({ Name, Overwrite = false }) => [
          { action: 'ssm:PutParameter', resource: arnOf(Name), context: { 'ssm:Overwrite': String(Overwrite) } },
        ],
        apply: (request) => {
          const arn = arnOf(request.Name);
          const isUntold = request.Type === 'SecureString' || outside.has(arn);
          if (!isUntold || parameters.has(request.Name ?? '')) return putParameter(context, parameters, request);
          return putSecret(outside, arn, request, new Date(context.kernel.now));
        },
      }),
      GetParameter: operation<GetParameterRequest, GetParameterResult>({
        permissions: ({ Name }) => [{ action: 'ssm:GetParameter', resource: arnOf(Name) }],
        apply: ({ Name }) => {
          refuseOutside(Name);
          return { Parameter: describe(context, named(parameters, Name)) };
        },
      }),
      GetParameters: operation<GetParametersRequest, GetParametersResult>({
        permissions: ({ Names }) =>
          (Names ?? []).map((name) => ({ action: 'ssm:GetParameters', resource: arnOf(name) })),
        apply: (request) => {
          request.Names?.forEach(refuseOutside);
          return getParameters(context, parameters, request);
        },
      }),
      DescribeParameters: operation<DescribeParametersRequest, DescribeParametersResult>({
        permissions: () => [{ action: 'ssm:DescribeParameters', resource: '*' }],
        apply: (request) => describeParameters(metadataOfAll(context, parameters, outside), request),
      }),
      DeleteParameter: operation<DeleteParameterRequest, object>({
        permissions: ({ Name }) => [{ action: 'ssm:DeleteParameter', resource: arnOf(Name) }],
        apply: ({ Name }) => {
          if (!outside.delete(arnOf(Name))) parameters.delete(named(parameters, Name).name);
          return {};
        },
      }),
    },
    resources: { 'AWS::SSM::Parameter': parameterResource(context, parameters) },
    valueOf: (name) => parameters.get(name)?.value,
    admitParameter: (nameOrArn) => void outside.set(arnOf(nameOrArn), new Date(context.kernel.now)),
    hasParameter: (nameOrArn) =>
      outside.has(arnOf(nameOrArn)) || [...parameters.keys()].some((name) => arnOf(name) === arnOf(nameOrArn)),
  };
}

function putParameter(
  context: RegionContext,
  parameters: Map<string, Parameter>,
  request: PutParameterRequest,
): PutParameterResult {
  refuseUnmodelled(request);
  const name = checkedName(request.Name);
  const value = request.Value ?? '';
  const former = parameters.get(name);
  if (former && !request.Overwrite) throw alreadyExists();
  const type = typeFor(request, former);
  if (value === '' || Buffer.byteLength(value) > VALUE_BYTES_MAX) {
    throw new Fault('ValidationException', `Parameter ${name} takes a value of 1 to ${VALUE_BYTES_MAX} bytes.`);
  }
  const version = (former?.version ?? 0) + 1;
  parameters.set(name, { name, type, value, version, lastModified: new Date(context.kernel.now) });
  return { Version: version, Tier: 'Standard' };
}

/** Encrypted, or from outside the stacks: its value is not kept. */
function putSecret(
  outside: Map<string, Date>,
  arn: string,
  request: PutParameterRequest,
  now: Date,
): PutParameterResult {
  refuseUnmodelled(request);
  checkedName(request.Name);
  if (outside.has(arn) && !request.Overwrite) throw alreadyExists();
  outside.set(arn, now);
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
    if (value !== undefined) throw new NotModelled(`PutParameter with ${member}`);
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

function named(parameters: ReadonlyMap<string, Parameter>, name: string | undefined): Parameter {
  refuseSelector(name);
  const parameter = parameters.get(name ?? '');
  // Parameter Store sends no sentence with this error.
  if (!parameter) throw new Fault('ParameterNotFound', '');
  return parameter;
}

function getParameters(
  context: RegionContext,
  parameters: ReadonlyMap<string, Parameter>,
  { Names = [] }: GetParametersRequest,
): GetParametersResult {
  if (Names.length < 1 || Names.length > NAMES_MAX) {
    throw new Fault('ValidationException', `GetParameters takes 1 to ${NAMES_MAX} names, not ${Names.length}.`);
  }
  Names.forEach(refuseSelector);
  const found = Names.flatMap((name) => parameters.get(name) ?? []);
  return {
    Parameters: found.map((parameter) => describe(context, parameter)),
    InvalidParameters: Names.filter((name) => !parameters.has(name)),
  };
}

function refuseSelector(name: string | undefined): void {
  if (name?.includes(':')) throw new NotModelled(`Reading the parameter ${name} by version, label or ARN`);
}

function describe(
  context: RegionContext,
  { name, type, value, version, lastModified }: Parameter,
): ParameterDescription {
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: lastModified,
    ARN: arnOfParameter(context, name),
    DataType: 'text',
  };
}

/** Of the region's own, then of those of this account and region that stand outside, which are taken to be secret. */
function metadataOfAll(
  context: RegionContext,
  parameters: ReadonlyMap<string, Parameter>,
  outside: ReadonlyMap<string, Date>,
): ParameterMetadata[] {
  const own = [...parameters.values()].map((parameter): ParameterMetadata => {
    const { Value: _, ...metadata } = describe(context, parameter);
    return { ...metadata, Tier: 'Standard' };
  });
  const prefix = arnOfParameter(context, '');
  const others = [...outside].flatMap(([ARN, LastModifiedDate]): ParameterMetadata[] =>
    ARN.startsWith(prefix) && !own.some((each) => each.ARN === ARN)
      ? [{ Name: nameIn(ARN, prefix), ARN, Type: 'SecureString', LastModifiedDate, Version: 1, Tier: 'Standard' }]
      : [],
  );
  return [...own, ...others];
}

/** Names with more than one part begin with a slash; those with one are taken to, as the configuration wants it. */
function nameIn(arn: string, prefix: string): string {
  return `/${arn.slice(prefix.length)}`;
}

/** The slash that a name begins with is the one after `parameter`: it is not doubled. An ARN stays as it is. */
export function arnOfParameter({ account, region }: Omit<RegionContext, 'kernel'>, name: string): string {
  if (name.startsWith('arn:')) return name;
  return `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}

function parameterResource(context: RegionContext, parameters: Map<string, Parameter>): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(schema, 'AWS::SSM::Parameter', properties);
    const name = read.Name ?? `CFN-${logicalId}-${stackName}-${context.kernel.random.hex(12)}`;
    putParameter(context, parameters, { Name: name, Type: read.Type, Value: read.Value });
    return { ref: name, attributes: { Type: read.Type, Value: read.Value } };
  };
}
