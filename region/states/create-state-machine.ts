import { neverChanges } from '../deep-copy.ts';
import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import {
  Fault,
  NotModelled,
  type CreatedResource,
  type ResourceCreator,
  type ResourceDeleter,
  type ResourceProperties,
  type ResourceUpdater,
} from '../service.ts';
import { partitionOf } from '../partition.ts';
import type { Definition } from './definition.ts';
import type { StateMachine } from './execution.ts';
import type { Workflows } from './model.ts';
import { parseDefinition } from './parse-definition.ts';
import { dropDeleted, machineArn, machineWithArn, refuseDeleted } from './registry.ts';
import { checkName } from './start-execution.ts';

const PROPERTIES = [
  ...['StateMachineName', 'StateMachineType', 'DefinitionString', 'RoleArn'],
  ...['LoggingConfiguration', 'TracingConfiguration', 'Tags'],
];

/** What is left of the 80 characters of a name. */
const LOGICAL_ID_CHARACTERS = 67;

/** Creates `AWS::StepFunctions::StateMachine`; the definition must be resolved text. */
export function stateMachineCreator(workflows: Workflows): ResourceCreator {
  return (logicalId, properties) => {
    refuseUnknown('AWS::StepFunctions::StateMachine', properties, PROPERTIES);
    const { StateMachineName } = properties;
    const name =
      StateMachineName === undefined
        ? `${logicalId.slice(0, LOGICAL_ID_CHARACTERS)}-${workflows.kernel.random.hex(12)}`
        : asText('StateMachineName', StateMachineName);
    checkName(name);
    const machine = machineOf(workflows, { name, createdAt: workflows.kernel.now }, properties);
    refuseDeleted(workflows.state.machines.get(machine.arn));
    if (workflows.state.machines.has(machine.arn))
      throw new Fault('StateMachineAlreadyExists', `State Machine Already Exists: '${machine.arn}'`);
    return add(workflows, machine);
  };
}

/** Executions that run go on with the definition and the role with which they were started (API reference, UpdateStateMachine). */
export function stateMachineUpdater(workflows: Workflows): ResourceUpdater {
  return {
    changeable: ['DefinitionString', 'RoleArn', 'LoggingConfiguration', 'TracingConfiguration', 'Tags'],
    replacing: ['StateMachineName', 'StateMachineType'],
    update: ({ current, after }) => {
      refuseUnknown('AWS::StepFunctions::StateMachine', after, PROPERTIES);
      return add(workflows, machineOf(workflows, machineWithArn(workflows, current.ref), after));
    },
  };
}

/**
 * Deletes a state machine: running executions are terminated at their next transition, and it is gone when none is left
 * (API reference, DeleteStateMachine).
 */
export function stateMachineDeleter(workflows: Workflows): ResourceDeleter {
  const { machines } = workflows.state;
  return ({ current: { ref } }) => {
    const machine = machines.get(ref);
    if (machine === undefined) return;
    machines.set(ref, { ...machine, isBeingDeleted: true });
    dropDeleted(workflows, ref);
    return () => !machines.has(ref);
  };
}

function machineOf(
  workflows: Workflows,
  { name, createdAt }: Pick<StateMachine, 'name' | 'createdAt'>,
  properties: ResourceProperties,
): StateMachine {
  const { StateMachineType, DefinitionString, RoleArn, LoggingConfiguration, TracingConfiguration } = properties;
  if ((StateMachineType ?? 'STANDARD') !== 'STANDARD')
    throw new NotModelled(`StateMachineType ${String(StateMachineType)}`);
  const definitionText = asText('DefinitionString', DefinitionString);
  return {
    arn: machineArn(workflows, name),
    name,
    roleArn: asText('RoleArn', RoleArn),
    definitionText,
    definition: definitionIn(workflows, definitionText),
    createdAt,
    revisionId: workflows.kernel.random.uuid(),
    logging: parseLogging(LoggingConfiguration),
    tracing: { enabled: parseTracing(TracingConfiguration) },
    isBeingDeleted: false,
  };
}

/** AWS offers the integrations of its Region's own partition only. */
function definitionIn({ region }: Workflows, text: string): Definition {
  const definition = parseDefinition(text);
  for (const [name, state] of definition.states) {
    if (state.type !== 'Task' || state.partition === partitionOf(region)) continue;
    const resource = `arn:${state.partition}:states:::lambda:${state.resource}`;
    throw new Fault(
      'InvalidDefinition',
      `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/${name}/Resource'`,
    );
  }
  return neverChanges(definition);
}

function add(workflows: Workflows, machine: StateMachine): CreatedResource {
  try {
    workflows.assumeRole(machine.roleArn, { principal: 'states.amazonaws.com', sourceArn: machine.arn });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const refusal =
      'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.';
    throw new Fault('AccessDeniedException', `${refusal} ${error.message}`);
  }
  workflows.state.machines.set(machine.arn, machine);
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
