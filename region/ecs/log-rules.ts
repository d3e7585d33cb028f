import type { LogConfiguration, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { refuse } from './client-exception.ts';

/** Developer guide, "Amazon ECS task definition parameters for Fargate": the drivers. */
const FARGATE_DRIVERS = ['awslogs', 'splunk', 'awsfirelens'];
/** Options without which a driver cannot work; each may also come from a secret. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  awslogs: ['awslogs-region', 'awslogs-group'],
  splunk: ['splunk-token', 'splunk-url'],
};

/** Where containers log to. */
export function checkLogging(input: RegisterTaskDefinitionRequest): void {
  const containers = input.containerDefinitions ?? [];
  const isFargate = input.requiresCompatibilities?.includes('FARGATE') ?? false;
  for (const { logConfiguration } of containers)
    if (logConfiguration) checkLogConfiguration(logConfiguration, isFargate, input.executionRoleArn);
  const routers = containers.flatMap(({ firelensConfiguration }) => firelensConfiguration ?? []);
  const isRouted = containers.some(({ logConfiguration }) => logConfiguration?.logDriver === 'awsfirelens');
  if (isRouted && routers.length === 0)
    refuse(
      'When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified',
    );
  if (routers.length > 1) refuse('At most one container can have a firelens configuration object.');
  if (isFargate && routers.some(({ options }) => options?.['config-file-type'] === 's3'))
    refuse("Fargate launch type does not support FirelensConfiguration config file from 's3'");
}

function checkLogConfiguration(
  { logDriver = '' as never, options = {}, secretOptions = [] }: LogConfiguration,
  isFargate: boolean,
  executionRoleArn: string | undefined,
): void {
  if (isFargate && !FARGATE_DRIVERS.includes(logDriver))
    refuse(`${logDriver} is not a valid log driver. Must be one of [${FARGATE_DRIVERS.join(',')}]`);
  const given = new Set([...Object.keys(options), ...secretOptions.map(({ name }) => name)]);
  const missing = (REQUIRED[logDriver] ?? []).filter((option) => !given.has(option) || options[option] === '');
  if (missing.length > 0) refuse(`Log driver ${logDriver} requires options: ${missing.join(', ')}`);
  const { mode } = options;
  if (mode !== undefined && mode !== 'blocking' && mode !== 'non-blocking')
    refuse(`Invalid log option 'mode': blocking or non-blocking, not '${mode}'.`);
  if (executionRoleArn) return;
  if (secretOptions.length > 0)
    refuse("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.");
  if (isFargate && logDriver === 'awslogs')
    refuse('Fargate requires task definition to have execution role ARN to support log driver awslogs.');
}
