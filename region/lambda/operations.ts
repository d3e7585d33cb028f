import type {
  FunctionConfiguration as FunctionDescription,
  GetFunctionConfigurationRequest,
  InvocationRequest,
  InvocationResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
} from '@aws-sdk/client-lambda';
import { parseJson } from '../json.ts';
import { pageOf } from '../page.ts';
import { partitionOf } from '../partition.ts';
import {
  Fault,
  later,
  NotModelled,
  operation,
  type Caller,
  type InvocationResult,
  type Later,
  type Operation,
} from '../service.ts';
import { enqueue } from './asynchronous.ts';
import { allFunctions, functionWithArn } from './functions.ts';
import { accept, begin, refuseThrottled } from './invocations.ts';
import type { Functions, LambdaFunction } from './model.ts';

/** "ListFunctions returns a maximum of 50 items in each response, even if you set the number higher" (API reference). */
const PAGE_SIZE_MAX = 50;

/** What is typed to see a function and to try it. */
export function lambdaOperations(functions: Functions): Record<string, Operation> {
  return {
    ListFunctions: operation<ListFunctionsRequest, ListFunctionsResponse>({
      permissions: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
      apply: (request) => listFunctions(functions, request),
    }),
    GetFunctionConfiguration: operation<GetFunctionConfigurationRequest, FunctionDescription>({
      permissions: ({ FunctionName = '', Qualifier }) => [
        { action: 'lambda:GetFunctionConfiguration', resource: arnOf(functions, FunctionName, Qualifier) },
      ],
      apply: (request) => getFunctionConfiguration(functions, request),
    }),
    Invoke: operation<InvocationRequest, InvocationResponse>({
      // Asked where all invocations ask: the function's own policy may allow what the caller's does not.
      permissions: () => [],
      apply: (request, caller) => invoke(functions, request, caller),
    }),
  };
}

function listFunctions(functions: Functions, request: ListFunctionsRequest): ListFunctionsResponse {
  const { FunctionVersion, Marker, MaxItems = PAGE_SIZE_MAX, MasterRegion } = request;
  if (MasterRegion !== undefined) throw new NotModelled('ListFunctions with MasterRegion');
  const listed = allFunctions(functions).flatMap((one) => descriptions(one, FunctionVersion === 'ALL'));
  const size = Math.min(MaxItems, PAGE_SIZE_MAX);
  const { items, nextToken } = pageOf(listed, size, Marker, () => {
    return new Fault('InvalidParameterValueException', 'The provided marker is not valid.');
  });
  return { Functions: items, ...(nextToken === undefined ? {} : { NextMarker: nextToken }) };
}

/** What lists leave out is that it can be invoked, and that it runs what was last deployed: here from the beginning. */
function getFunctionConfiguration(
  functions: Functions,
  { FunctionName = '', Qualifier }: GetFunctionConfigurationRequest,
): FunctionDescription {
  const functionArn = arnOf(functions, FunctionName, Qualifier);
  const target = functionWithArn(functions, functionArn);
  const described = describe(target, functionArn, versionOf(functions, target, functionArn));
  return { ...described, State: 'Active', LastUpdateStatus: 'Successful' };
}

/** The function as it is, and on demand each version that was published of it. */
function descriptions(target: LambdaFunction, withVersions: boolean): FunctionDescription[] {
  const latest = describe(target, target.arn, '$LATEST');
  if (!withVersions) return [latest];
  const versions = Array.from({ length: target.lastVersion }, (_, index) => String(index + 1));
  const qualified = ['$LATEST', ...versions].map((version) => describe(target, `${target.arn}:${version}`, version));
  return qualified;
}

/** Size and digest of the code are left out: functions run from directories, nobody zips them. */
function describe(target: LambdaFunction, arn: string, version: string): FunctionDescription {
  const variables =
    Object.keys(target.environment).length === 0 ? {} : { Environment: { Variables: { ...target.environment } } };
  return {
    FunctionName: target.name,
    FunctionArn: arn,
    Runtime: 'nodejs24.x',
    Role: target.roleArn,
    Handler: target.handler,
    Description: target.description,
    Timeout: target.timeoutSeconds,
    MemorySize: target.memorySizeMb,
    LastModified: new Date(target.modifiedAt).toISOString().replace('Z', '+0000'),
    Version: version,
    ...variables,
    TracingConfig: { Mode: target.isTraced ? 'Active' : 'PassThrough' },
    PackageType: 'Zip',
    Architectures: [target.architecture],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: {
      LogFormat: target.logFormat,
      LogGroup: target.logGroupName,
      ...(target.logFormat === 'JSON'
        ? { ApplicationLogLevel: target.logLevel, SystemLogLevel: target.systemLogLevel }
        : {}),
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
function invoke(
  functions: Functions,
  request: InvocationRequest,
  caller: Caller,
): InvocationResponse | Later<InvocationResponse> {
  const { InvocationType = 'RequestResponse', LogType = 'None', Payload, FunctionName, Qualifier, ...rest } = request;
  const [unread] = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (unread !== undefined) throw new NotModelled(`Invoke with ${unread[0]}`);
  const functionArn = arnOf(functions, FunctionName ?? '', Qualifier);
  const mode = InvocationType === 'Event' ? 'asynchronous' : 'synchronous';
  const invocation = { functionArn, payload: payloadOf(Payload), caller };
  switch (InvocationType) {
    case 'DryRun':
      accept(functions, invocation, mode);
      return { StatusCode: 204 };
    case 'Event':
      enqueue(functions, accept(functions, invocation, mode), functions.state.eventInvokeConfigs.get(functionArn));
      return { StatusCode: 202 };
    case 'RequestResponse': {
      const accepted = accept(functions, invocation, mode);
      refuseThrottled(functions, accepted.target);
      const executedVersion = versionOf(functions, accepted.target, functionArn);
      return later((onEnd) =>
        begin(functions, accepted, (result, tail) =>
          onEnd({ ...answerOf(result), ExecutedVersion: executedVersion, ...logged(LogType, tail) }),
        ),
      );
    }
    default:
      return InvocationType satisfies never;
  }
}

/** A failure is no error of the API: the header `X-Amz-Function-Error` tells it, and the payload is what the runtime reported. */
function answerOf(result: InvocationResult): InvocationResponse & { Payload: never } {
  const text = result.kind === 'answered' ? JSON.stringify(result.payload) : result.message;
  const answer = {
    StatusCode: 200,
    // Node.js has no "Handled" errors.
    ...(result.kind === 'failed' ? { FunctionError: 'Unhandled' } : {}),
    Payload: new Uint8Array(Buffer.from(text)),
  };
  return answer as InvocationResponse & { Payload: never };
}

/** The region's logs have the lines of functions, none of the platform; so has their end. */
function logged(logType: 'None' | 'Tail', tail: string): { LogResult?: string } {
  return logType === 'None' ? {} : { LogResult: Buffer.from(tail).toString('base64') };
}

function payloadOf(payload: Uint8Array | undefined): unknown {
  if (payload === undefined || payload.length === 0) return {};
  try {
    return parseJson(Buffer.from(payload).toString('utf8'));
  } catch (error) {
    const problem = `Could not parse request body into json: Could not parse payload into json: ${(error as Error).message}`;
    throw new Fault('InvalidRequestContentException', problem);
  }
}

/** `name`, `name:qualifier`, `123456789012:function:name`, or an ARN; a qualifier stands in one place. */
function arnOf({ region, account }: Functions, given: string, qualifier: string | undefined): string {
  const [, prefix, name, suffix] = FUNCTION_NAME.exec(given) ?? [];
  if (name === undefined)
    throw new Fault(
      'ValidationException',
      `1 validation error detected: Value '${given}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${FUNCTION_NAME.source}`,
    );
  if (suffix !== undefined && qualifier !== undefined && suffix !== qualifier) {
    throw new Fault(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  const own = `arn:${partitionOf(region)}:lambda:${region}:${account}:function:`;
  const isForeign = prefix !== undefined && !own.endsWith(prefix);
  const base = `${isForeign ? prefix : own}${name}`;
  const version = suffix ?? qualifier;
  return version === undefined || version === '$LATEST' ? base : `${base}:${version}`;
}

const FUNCTION_NAME =
  /^((?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?(?:\d{12}:)?function:)?([a-zA-Z0-9_-]{1,140})(?::(\$LATEST|[a-zA-Z0-9_-]{1,128}))?$/;

function versionOf({ state }: Functions, { arn }: LambdaFunction, functionArn: string): string {
  if (functionArn === arn) return '$LATEST';
  return state.aliasVersions.get(functionArn) ?? functionArn.slice(arn.length + 1);
}
