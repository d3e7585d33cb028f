import { ServicePrincipal, type Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { stateMachineLogGroup } from '../configuration/names.ts';
import type { RolloutConfig } from '../functions/rollout/config.ts';
import type { Cell } from './cell.ts';
import { readDefinition } from './definition.ts';
import { GrantedRole } from './granted-role.ts';
import { allow, allowAny } from './grants.ts';
import { constructId, TASK_HANDLERS } from './handler-table.ts';
import { AUDIT_TRAIL, type Handlers } from './handlers.ts';

interface RolloutMachineProps {
  readonly cell: Cell;
  readonly handlers: Handlers;
  /** `rollout.asl.yaml`. */
  readonly definitionFile: string;
  /** Stands for the deployed code: {@link releaseOf}. */
  readonly release: string;
}

/** The service's state machine: the definition as it stands in its file, told its configuration, functions and partition. */
export class RolloutMachine extends Construct {
  readonly stateMachine: StateMachine;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, { cell, handlers, definitionFile, release }: RolloutMachineProps) {
    super(scope, id);
    const functionArns = TASK_HANDLERS.map((name) => [constructId(name), handlers.of(name).functionArn] as const);
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: stateMachineLogGroup(cell.service.name),
      retention: cell.service.logRetentionDays,
      removalPolicy: AUDIT_TRAIL,
    });
    const role = machineRole(
      this,
      cell,
      functionArns.map(([, arn]) => arn),
    );
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: cell.stateMachineName,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definitionOf(definitionFile, cell.rolloutConfig, release)),
      definitionSubstitutions: { [PARTITION]: Aws.PARTITION, ...Object.fromEntries(functionArns) },
      logs: { destination: this.logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      role: role.withoutPolicyUpdates(),
    });
  }
}

/** Filled in beside the functions: the ARNs of Step Functions' own integrations begin with it. */
const PARTITION = 'Partition';

/** The definition with the service's configuration and its release assigned by its state Configure: nothing else is put into it. */
export function definitionOf(file: string, config: RolloutConfig, release: string): string {
  const definition = readDefinition(file);
  const { Configure } = definition.States;
  for (const name of ['config', 'release'])
    if (!(name in (Configure?.Assign ?? {})))
      throw new Error(`${file} has no States.Configure.Assign.${name} to fill in`);
  const configured = { ...Configure, Assign: { ...Configure?.Assign, config, release } };
  const text = JSON.stringify({ ...definition, States: { ...definition.States, Configure: configured } });
  refuseUnknownSubstitutions(text, file);
  return text;
}

function refuseUnknownSubstitutions(text: string, file: string): void {
  const known = [PARTITION, ...TASK_HANDLERS.map(constructId)];
  const unknown = [...text.matchAll(/\$\{([^}]*)\}/g)].find(([, name]) => !known.includes(name!));
  if (unknown) throw new Error(`${file} uses ${unknown[0]}; only ${known.join(', ')} are filled in`);
}

function machineRole(scope: Construct, cell: Cell, functionArns: string[]): Role {
  // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html: against the confused deputy.
  const assumedBy = new ServicePrincipal('states.amazonaws.com', {
    conditions: {
      ArnEquals: { 'aws:SourceArn': cell.arns.stateMachine },
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    },
  });
  const grants = [
    allow(['lambda:InvokeFunction'], functionArns),
    allowAny(LOG_DELIVERY, '*', 'the log delivery API has no resource types'),
    allowAny(TRACING, '*', 'X-Ray has no resource types'),
  ];
  return new GrantedRole(scope, 'Role', { assumedBy, grants });
}

// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html: none of these has a resource type.
const LOG_DELIVERY = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
const TRACING = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];
