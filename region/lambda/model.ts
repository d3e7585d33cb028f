import type { Duplex } from 'node:stream';
import type { Authorize, Caller, Decision, PermissionRequest, RecordMetric, RegionContext } from '../service.ts';
import type { DirectSdk, SdkHost } from '../wire/direct-sdk.ts';
import type { InvocationFaults } from '../faults/invocation-faults.ts';
import type { Code } from './code.ts';
import type { Instance } from './instance.ts';
import type { HttpModules } from './sandbox/modules.ts';
import type { LogLevel } from './sandbox/output.ts';

/** What Lambda needs from the rest of the region. */
export interface LambdaPorts extends RegionContext {
  readonly authorize: Authorize;
  readonly authorizeByPolicy: (policyDocument: object, caller: Caller, request: PermissionRequest) => Decision;
  /** Throws `Fault` when the role does not exist or does not trust the service. */
  readonly assumeRole: (
    roleArn: string,
    service: { readonly principal: string; readonly sourceArn?: string },
    sessionName: string,
  ) => Caller;
  readonly issueAccessKey: (caller: Caller) => string;
  /** Opens a connection to the region's door and answers the client's end. */
  readonly connect: () => Duplex;
  /** `http` and `https` whose every connection is made by `connect`. */
  readonly memoryHttp: (connect: () => Duplex) => HttpModules;
  /** The SDK that the runtime brings along. @default none: a bundle must hold its own */
  readonly sdk?: ((host: SdkHost) => DirectSdk) | undefined;
  /** Where the files of an asset are, by its `Code.S3Key`. */
  readonly loadCode: (s3Key: string) => { readonly directory: string };
  /** Throws a `Fault` when the log group does not exist. */
  readonly writeLog: (logGroupName: string, logStreamName: string, line: string) => void;
  readonly recordMetric: RecordMetric;
  /** Sends a message as the function's role; throws `Fault`. */
  readonly sendToQueue: (queueArn: string, body: string, caller: Caller) => void;
  /** @default nothing goes wrong */
  readonly faults?: InvocationFaults;
}

/** What Lambda knows; each table by ARN, qualified or not. */
export interface LambdaState {
  /** A version or an alias is another ARN of the same function. */
  readonly functions: Map<string, LambdaFunction>;
  /** The statements of resource policies. */
  readonly permissions: Map<string, readonly object[]>;
  readonly eventInvokeConfigs: Map<string, EventInvokeConfig>;
  /** The version that an alias points to, by the alias's ARN. */
  readonly aliasVersions: Map<string, string>;
}

export interface Functions extends LambdaPorts {
  readonly state: LambdaState;
  /** By the function's own ARN. They run, hold sockets and closures, and so are no state: a copy begins with cold starts. */
  readonly instances: Map<string, Set<Instance>>;
  /** Those that wait for an invocation, with the ARN of their function; the one that has waited longest first. */
  readonly idle: Map<Instance, string>;
}

/** A function as its template describes it. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly architecture: 'arm64' | 'x86_64';
  /** Virtual milliseconds since the epoch at which it took this shape. */
  readonly modifiedAt: number;
  readonly code: Code;
  /** `index.handler` */
  readonly handler: string;
  readonly roleArn: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly isTraced: boolean;
  readonly logGroupName: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly logLevel: LogLevel;
  /** Of the platform's own lines, which the region does not write. */
  readonly systemLogLevel: 'DEBUG' | 'INFO' | 'WARN';
  /** Invocations that may run at once. */
  readonly concurrency: number;
}

export interface LambdaFunction extends FunctionConfiguration {
  lastVersion: number;
}

/** How a function, version or alias is invoked asynchronously. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  /** ARN of a queue. */
  readonly onFailure: string | undefined;
}

/** No function. */
export function newLambdaState(): LambdaState {
  return { functions: new Map(), permissions: new Map(), eventInvokeConfigs: new Map(), aliasVersions: new Map() };
}
