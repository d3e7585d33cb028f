import type { Duplex } from 'node:stream';
import type { Authorize, Caller, Decision, PermissionRequest, RecordMetric } from '../service.ts';
import type { HttpModules } from './sandbox/modules.ts';

/** What Lambda needs from the rest of the region. */
export interface LambdaPorts {
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
  /** Where the files of an asset are, by its `Code.S3Key`. */
  readonly loadCode: (s3Key: string) => { readonly directory: string };
  /** Throws a `Fault` when the log group does not exist. */
  readonly writeLog: (logGroupName: string, logStreamName: string, line: string) => void;
  readonly recordMetric: RecordMetric;
  /** Sends a message as the function's role; throws `Fault`. */
  readonly sendToQueue: (queueArn: string, body: string, caller: Caller) => void;
}
