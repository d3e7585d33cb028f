import type { Caller } from '../service.ts';
import { Instance } from './instance.ts';
import type { FunctionConfiguration, LambdaPorts } from './model.ts';
import { partitionOf } from '../partition.ts';

/** Creates a cold instance: an own session of the role, an own log stream, an own sandbox. */
export function createInstance(ports: LambdaPorts, configuration: FunctionConfiguration): Instance {
  const { kernel } = ports;
  const { name, arn, logGroupName } = configuration;
  const caller = ports.assumeRole(configuration.roleArn, { principal: 'lambda.amazonaws.com', sourceArn: arn }, name);
  const accessKeyId = ports.issueAccessKey(caller);
  const day = new Date(kernel.now).toISOString().slice(0, 10).replaceAll('-', '/');
  const logStreamName = `${day}/[$LATEST]${kernel.random.hex(32)}`;
  return new Instance({
    kernel,
    accessKeyId,
    logStreamName,
    functionName: name,
    code: configuration.code,
    handler: configuration.handler,
    timeoutSeconds: configuration.timeoutSeconds,
    environment: environmentOf(ports, configuration, accessKeyId, logStreamName),
    logFormat: { format: configuration.logFormat, level: configuration.logLevel },
    connect: ports.connect,
    memoryHttp: ports.memoryHttp,
    sdk: ports.sdk,
    writeLine: (line) => {
      if (mayLog(ports, caller, logGroupName, logStreamName)) ports.writeLog(logGroupName, logStreamName, line);
    },
  });
}

/** Without these permissions Lambda drops the lines without a word, and so do we. */
function mayLog(ports: LambdaPorts, caller: Caller, group: string, stream: string): boolean {
  const resource = `arn:${partitionOf(ports.region)}:logs:${ports.region}:${ports.account}:log-group:${group}:log-stream:${stream}`;
  const actions = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  return actions.every((action) => ports.authorize(caller, { action, resource }).isAllowed);
}

/** "Defined runtime environment variables", then the function's own. */
function environmentOf(
  ports: LambdaPorts,
  configuration: FunctionConfiguration,
  accessKeyId: string,
  logStreamName: string,
): Record<string, string> {
  const { random } = ports.kernel;
  return {
    _HANDLER: configuration.handler,
    AWS_REGION: ports.region,
    AWS_DEFAULT_REGION: ports.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySizeMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_LAMBDA_LOG_FORMAT: configuration.logFormat,
    ...(configuration.logFormat === 'JSON' ? { AWS_LAMBDA_LOG_LEVEL: configuration.logLevel } : {}),
    AWS_LAMBDA_RUNTIME_API: '169.254.100.1:9001',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: random.hex(40),
    AWS_SESSION_TOKEN: random.hex(64),
    ...(configuration.isTraced ? { AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR' } : {}),
    LAMBDA_TASK_ROOT: '/var/task',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    TZ: ':UTC',
    ...configuration.environment,
  };
}
