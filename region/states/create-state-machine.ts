import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import {
  Fault,
  NotModelled,
  type CreatedResource,
  type ResourceCreator,
  type ResourceProperties,
  type ResourceUpdater,
} from '../service.ts';
import type { StateMachine } from './execution.ts';
import { parseDefinition } from './parse-definition.ts';
import type { StatesContext } from './ports.ts';
import type { Registry } from './registry.ts';
import { checkName } from './start-execution.ts';

const PROPERTIES = [
  ...['StateMachineName', 'StateMachineType', 'DefinitionString', 'RoleArn'],
  ...['LoggingConfiguration', 'TracingConfiguration', 'Tags'],
];

/** Creates `AWS::StepFunctions::StateMachine`; the definition must be resolved text. */
export function stateMachineCreator(context: StatesContext, registry: Registry): ResourceCreator {
  return (logicalId, properties) => {
    refuseUnknown('AWS::StepFunctions::StateMachine', properties, PROPERTIES);
    const { StateMachineName } = properties;
    const name =
      StateMachineName === undefined
        ? `${logicalId}-${context.kernel.random.hex(12)}`
        : asText('StateMachineName', StateMachineName);
    checkName(name);
    const machine = machineOf(context, registry, { name, createdAt: context.kernel.now }, properties);
    if (registry.machines.has(machine.arn))
      throw new Fault('StateMachineAlreadyExists', `State Machine Already Exists: '${machine.arn}'`);
    return add(machine, context, registry);
  };
}

/** Executions that run go on with the definition and the role with which they were started (API reference, UpdateStateMachine). */
export function stateMachineUpdater(context: StatesContext, registry: Registry): ResourceUpdater {
  return {
    changeable: ['DefinitionString', 'RoleArn', 'LoggingConfiguration', 'TracingConfiguration', 'Tags'],
    update: ({ current, after }) => {
      refuseUnknown('AWS::StepFunctions::StateMachine', after, PROPERTIES);
      return add(machineOf(context, registry, registry.machine(current.ref), after), context, registry);
    },
  };
}

function machineOf(
  context: StatesContext,
  registry: Registry,
  { name, createdAt }: Pick<StateMachine, 'name' | 'createdAt'>,
  properties: ResourceProperties,
): StateMachine {
  const { StateMachineType, DefinitionString, RoleArn, LoggingConfiguration, TracingConfiguration } = properties;
  if ((StateMachineType ?? 'STANDARD') !== 'STANDARD')
    throw new NotModelled(`StateMachineType ${String(StateMachineType)}`);
  const definitionText = asText('DefinitionString', DefinitionString);
  return {
    arn: registry.machineArn(name),
    name,
    roleArn: asText('RoleArn', RoleArn),
    definitionText,
    definition: parseDefinition(definitionText),
    createdAt,
    revisionId: context.kernel.random.uuid(),
    logging: parseLogging(LoggingConfiguration),
    tracing: { enabled: parseTracing(TracingConfiguration) },
  };
}

function add(machine: StateMachine, context: StatesContext, registry: Registry): CreatedResource {
  try {
    context.assumeRole(machine.roleArn, { principal: 'states.amazonaws.com', sourceArn: machine.arn });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const refusal =
      'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.';
    throw new Fault('AccessDeniedException', `${refusal} ${error.message}`);
  }
  registry.machines.set(machine.arn, machine);
  return {
    ref: machine.arn,
    attributes: { Arn: machine.arn, Name: machine.name, StateMachineRevisionId: machine.revisionId },
  };
}

function asText(name: string, value: unknown): string {
  if (typeof value === 'string' && value.length > 0) return value;
  throw new Fault('ValidationException', `'${name}' must be text, but was ${JSON.stringify(value)}`);
}

function refuseUnknown(
  what: string,
  object: unknown,
  known: readonly string[],
): asserts object is Record<string, unknown> {
  for (const name of Object.keys(object as object))
    if (!known.includes(name)) throw new NotModelled(`Property '${name}' of ${what}`);
}

function parseTracing(value: unknown): boolean {
  if (value === undefined) return false;
  refuseUnknown('TracingConfiguration', value, ['Enabled']);
  return value['Enabled'] === true;
}

const LOG_LEVELS = ['ALL', 'ERROR', 'FATAL', 'OFF'] as const;

function parseLogging(value: unknown): LoggingConfiguration {
  if (value === undefined) return { level: 'OFF', includeExecutionData: false };
  refuseUnknown('LoggingConfiguration', value, ['Level', 'IncludeExecutionData', 'Destinations']);
  const level = LOG_LEVELS.find((known) => known === (value['Level'] ?? 'OFF'));
  if (level === undefined)
    throw new Fault('InvalidLoggingConfiguration', `Invalid log level ${JSON.stringify(value['Level'])}`);
  const destinations = ((value['Destinations'] ?? []) as unknown[]).map(parseDestination);
  if (level !== 'OFF' && destinations.length !== 1)
    throw new Fault('InvalidLoggingConfiguration', 'Exactly one log destination is required');
  return { level, includeExecutionData: value['IncludeExecutionData'] === true, destinations };
}

function parseDestination(value: unknown): { cloudWatchLogsLogGroup: { logGroupArn: string } } {
  refuseUnknown('a log destination', value, ['CloudWatchLogsLogGroup']);
  const group = value['CloudWatchLogsLogGroup'];
  refuseUnknown('CloudWatchLogsLogGroup', group ?? {}, ['LogGroupArn']);
  const logGroupArn = asText('LogGroupArn', (group as Record<string, unknown>)['LogGroupArn']);
  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_CloudWatchLogsLogGroup.html
  if (!logGroupArn.endsWith(':*'))
    throw new Fault('InvalidLoggingConfiguration', `The ARN of the log group must end with :*, but was ${logGroupArn}`);
  return { cloudWatchLogsLogGroup: { logGroupArn } };
}
