import { z } from 'zod';
import {
  Fault,
  type CreatedResource,
  type ResourceCreator,
  type ResourceDeleter,
  type ResourceUpdater,
} from '../service.ts';
import type { Code } from './code.ts';
import {
  addFunction,
  addPermission,
  functionWithArn,
  removeFunction,
  removePermission,
  updateFunction,
} from './functions.ts';
import type { FunctionConfiguration, Functions } from './model.ts';
import { generatedName } from '../generated-name.ts';
import { readProperties, replacedByAnyChange } from '../properties.ts';
import { EVENT_AGE_SECONDS_MAX, FUNCTION_UPDATE_MS } from './timing.ts';
import { partitionOf } from '../partition.ts';

/** API reference, CreateFunction. */
const FUNCTION_NAME_CHARACTERS_MAX = 64;

const logLevel = z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']);

const functionProperties = z.strictObject({
  Architectures: z.tuple([z.enum(['arm64', 'x86_64'])]).optional(),
  Code: z.union([z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }), z.strictObject({ ZipFile: z.string() })]),
  Description: z.string().max(256).optional(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).optional(),
  FunctionName: z.string().max(64).optional(),
  Handler: z.string(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['Text', 'JSON']).optional(),
      LogGroup: z.string().optional(),
      ApplicationLogLevel: logLevel.optional(),
      SystemLogLevel: z.enum(['DEBUG', 'INFO', 'WARN']).optional(),
    })
    .optional(),
  MemorySize: z.number().int().min(128).max(10240).optional(),
  ReservedConcurrentExecutions: z.number().int().min(0).optional(),
  Role: z.string(),
  Runtime: z.literal('nodejs24.x'),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
  Timeout: z.number().int().min(1).max(900).optional(),
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
});

const permissionProperties = z.strictObject({
  Action: z.literal('lambda:InvokeFunction'),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceAccount: z.string().optional(),
  SourceArn: z.string().optional(),
});

const eventInvokeProperties = z.strictObject({
  DestinationConfig: z
    .strictObject({ OnFailure: z.strictObject({ Destination: z.string().regex(/^arn:[^:]+:sqs:/) }).optional() })
    .optional(),
  FunctionName: z.string(),
  MaximumEventAgeInSeconds: z.number().int().min(60).max(EVENT_AGE_SECONDS_MAX).optional(),
  MaximumRetryAttempts: z.number().int().min(0).max(2).optional(),
  Qualifier: z.string(),
});

const versionProperties = z.strictObject({ Description: z.string().optional(), FunctionName: z.string() });

const aliasProperties = z.strictObject({
  Description: z.string().optional(),
  FunctionName: z.string(),
  FunctionVersion: z.string(),
  Name: z.string(),
});

/** The account's quota of concurrent executions, which a function without a reservation may use up. */
const CONCURRENCY_DEFAULT = 1000;

/** `AWS::Lambda::Function`, `Permission`, `EventInvokeConfig`, `Version` and `Alias`. */
export function lambdaResources(functions: Functions): Record<string, ResourceCreator> {
  const arnOf = arnsOf(functions);
  return {
    'AWS::Lambda::Function': (logicalId, properties, stackName) => {
      const given = readProperties(functionProperties, `AWS::Lambda::Function ${logicalId}`, properties);
      const name =
        given.FunctionName ?? generatedName(functions.kernel, stackName, logicalId, FUNCTION_NAME_CHARACTERS_MAX);
      const configuration = configurationOf(functions, name, arnOf(name), given);
      checkRole(functions, configuration);
      addFunction(functions, configuration);
      return { ref: name, attributes: { Arn: configuration.arn } };
    },
    'AWS::Lambda::Permission': (logicalId, properties) => {
      const given = readProperties(permissionProperties, `AWS::Lambda::Permission ${logicalId}`, properties);
      const arn = arnOf(given.FunctionName);
      addPermission(functions, arn, statementOf(arn, given));
      return { ref: logicalId, attributes: {} };
    },
    'AWS::Lambda::EventInvokeConfig': (logicalId, properties) => {
      configureEvents(functions, logicalId, properties);
      return { ref: logicalId, attributes: {} };
    },
    ...qualifiers(functions, arnOf),
  };
}

function configureEvents(functions: Functions, logicalId: string, properties: unknown): void {
  const given = readProperties(eventInvokeProperties, `AWS::Lambda::EventInvokeConfig ${logicalId}`, properties);
  const arn = qualified(arnsOf(functions)(given.FunctionName), given.Qualifier);
  functionWithArn(functions, arn);
  functions.state.eventInvokeConfigs.set(arn, {
    maximumRetryAttempts: given.MaximumRetryAttempts ?? 2,
    maximumEventAgeSeconds: given.MaximumEventAgeInSeconds ?? EVENT_AGE_SECONDS_MAX,
    onFailure: given.DestinationConfig?.OnFailure?.Destination,
  });
}

/** The complete ARN of what is named by its name or its ARN. */
function arnsOf({ region, account }: Functions): (nameOrArn: string) => string {
  const prefix = `arn:${partitionOf(region)}:lambda:${region}:${account}:function:`;
  return (nameOrArn) => (nameOrArn.startsWith('arn:') ? nameOrArn : prefix + nameOrArn);
}

function qualified(arn: string, qualifier: string): string {
  return qualifier === '$LATEST' ? arn : `${arn}:${qualifier}`;
}

/** Deleters of the same types. */
export function lambdaDeleters(functions: Functions): Record<string, ResourceDeleter> {
  const arnOf = arnsOf(functions);
  const { functions: known, permissions, eventInvokeConfigs, aliasVersions } = functions.state;
  const unqualify: ResourceDeleter = ({ current: { ref } }) => {
    for (const table of [known, permissions, eventInvokeConfigs, aliasVersions]) table.delete(ref);
  };
  return {
    'AWS::Lambda::Function': ({ current }) => removeFunction(functions, current.attributes['Arn']!),
    'AWS::Lambda::Permission': ({ properties }) => {
      const given = permissionProperties.parse(properties);
      const arn = arnOf(given.FunctionName);
      removePermission(functions, arn, statementOf(arn, given));
    },
    'AWS::Lambda::EventInvokeConfig': ({ properties }) => {
      const given = eventInvokeProperties.parse(properties);
      eventInvokeConfigs.delete(qualified(arnOf(given.FunctionName), given.Qualifier));
    },
    'AWS::Lambda::Version': unqualify,
    'AWS::Lambda::Alias': unqualify,
  };
}

/** Updaters of functions, permissions and settings of events. */
export function lambdaUpdaters(functions: Functions): Record<string, ResourceUpdater> {
  return {
    'AWS::Lambda::Function': functionUpdater(functions),
    'AWS::Lambda::Permission': replacedByAnyChange(permissionProperties.shape),
    'AWS::Lambda::EventInvokeConfig': {
      changeable: ['DestinationConfig', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts'],
      replacing: ['FunctionName', 'Qualifier'],
      update: ({ logicalId, current, after }) => {
        configureEvents(functions, logicalId, after);
        return current;
      },
    },
  };
}

/** Everything but its name may change in place, and takes its time: functions of one deployment change one after the other. */
function functionUpdater(functions: Functions): ResourceUpdater {
  const { FunctionName: _name, ...changeable } = functionProperties.shape;
  const { kernel } = functions;
  return {
    changeable: Object.keys(changeable),
    replacing: ['FunctionName'],
    update: ({ logicalId, current, after }) => {
      const given = readProperties(functionProperties, `AWS::Lambda::Function ${logicalId}`, after);
      const configuration = configurationOf(functions, current.ref, current.attributes['Arn']!, given);
      checkRole(functions, configuration);
      updateFunction(functions, configuration);
      const updatedAt = kernel.now + FUNCTION_UPDATE_MS;
      return { ...current, awaited: () => (kernel.now < updatedAt ? undefined : current) };
    },
  };
}

/** Functions that have versions never change here, so a version is only another ARN. */
function qualifiers(functions: Functions, arnOf: (nameOrArn: string) => string): Record<string, ResourceCreator> {
  const qualify = (unqualified: string, qualifier: string): CreatedResource => {
    const ref = `${arnOf(unqualified)}:${qualifier}`;
    functions.state.functions.set(ref, functionWithArn(functions, arnOf(unqualified)));
    return { ref, attributes: { FunctionArn: ref, Version: qualifier, AliasArn: ref } };
  };
  return {
    'AWS::Lambda::Version': (logicalId, properties) => {
      const given = readProperties(versionProperties, `AWS::Lambda::Version ${logicalId}`, properties);
      return qualify(given.FunctionName, String(++functionWithArn(functions, arnOf(given.FunctionName)).lastVersion));
    },
    'AWS::Lambda::Alias': (logicalId, properties) => {
      const given = readProperties(aliasProperties, `AWS::Lambda::Alias ${logicalId}`, properties);
      functionWithArn(functions, `${arnOf(given.FunctionName)}:${given.FunctionVersion}`);
      const alias = qualify(given.FunctionName, given.Name);
      functions.state.aliasVersions.set(alias.ref, given.FunctionVersion);
      return alias;
    },
  };
}

function configurationOf(
  functions: Functions,
  name: string,
  arn: string,
  given: z.output<typeof functionProperties>,
): FunctionConfiguration {
  const environment = given.Environment?.Variables ?? {};
  refuseReserved(environment);
  return {
    name,
    arn,
    environment,
    description: given.Description ?? '',
    architecture: given.Architectures?.[0] ?? 'x86_64',
    modifiedAt: functions.kernel.now,
    code: codeOf(functions, given.Code),
    handler: given.Handler,
    roleArn: given.Role,
    timeoutSeconds: given.Timeout ?? 3,
    memorySizeMb: given.MemorySize ?? 128,
    isTraced: given.TracingConfig?.Mode === 'Active',
    logGroupName: given.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: given.LoggingConfig?.LogFormat ?? 'Text',
    logLevel:
      given.LoggingConfig?.ApplicationLogLevel ?? (given.LoggingConfig?.LogFormat === 'JSON' ? 'INFO' : 'TRACE'),
    systemLogLevel: given.LoggingConfig?.SystemLogLevel ?? 'INFO',
    concurrency: given.ReservedConcurrentExecutions ?? CONCURRENCY_DEFAULT,
  };
}

/** One for each directory of a region: what is read of it is kept once, however many functions have it. */
const CODES = new WeakMap<Functions, Map<string, Code>>();

function codeOf(functions: Functions, code: z.output<typeof functionProperties>['Code']): Code {
  if ('ZipFile' in code) return { kind: 'inline', source: code.ZipFile };
  const { directory } = functions.loadCode(code.S3Key);
  const codes = CODES.get(functions) ?? new Map<string, Code>();
  CODES.set(functions, codes);
  const known = codes.get(directory) ?? { kind: 'directory', directory };
  codes.set(directory, known);
  return known;
}

/** "Defined runtime environment variables": these belong to the runtime. */
const RESERVED =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|AWS_LAMBDA_(FUNCTION_|LOG_|INITIALIZATION_TYPE|RUNTIME_API).*|AWS_EXECUTION_ENV|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

function refuseReserved(environment: Readonly<Record<string, string>>): void {
  const reserved = Object.keys(environment).filter((name) => RESERVED.test(name));
  if (reserved.length === 0) return;
  const message = `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`;
  throw new Fault('InvalidParameterValueException', message);
}

function checkRole(functions: Functions, { roleArn, arn, name }: FunctionConfiguration): void {
  try {
    functions.assumeRole(roleArn, { principal: 'lambda.amazonaws.com', sourceArn: arn }, name);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const message = `The role defined for the function cannot be assumed by Lambda. (${thrown.message})`;
    throw new Fault('InvalidParameterValueException', message);
  }
}

function statementOf(arn: string, given: z.output<typeof permissionProperties>): object {
  const isService = given.Principal.endsWith('.amazonaws.com');
  return {
    Effect: 'Allow',
    Principal: isService ? { Service: given.Principal } : { AWS: given.Principal },
    Action: given.Action,
    Resource: arn,
    Condition: {
      ...(given.SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': given.SourceArn } }),
      ...(given.SourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': given.SourceAccount } }),
    },
  };
}
