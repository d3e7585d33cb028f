import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { CellStack } from '../../infra/cell-stack.ts';
import { cellOf } from '../../infra/cell.ts';
import { DEFINITION_FILE } from '../../infra/definition.ts';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { HANDLER_NAMES } from '../../infra/handler-table.ts';
import { ELSEWHERE } from '../elsewhere.ts';
import { temporaryDirectory } from './temporary.ts';

/** A resource of a synthesized template, intrinsic functions replaced by readable text. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
}

/** The properties that tests look at; a resource has those of its type. */
export interface Properties {
  readonly AlarmActions: readonly string[];
  readonly AlarmDescription: string;
  readonly AlarmName: string;
  readonly AssumeRolePolicyDocument: PolicyDocument;
  readonly Code: { readonly S3Key: string };
  readonly ComparisonOperator: string;
  readonly DashboardBody: string;
  readonly DashboardName: string;
  readonly DatapointsToAlarm: number;
  readonly DefinitionString: string;
  readonly DefinitionSubstitutions: Readonly<Record<string, string>>;
  readonly Dimensions?: readonly { readonly Value: string }[];
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
  readonly EvaluationPeriods: number;
  readonly EventPattern?: unknown;
  readonly FilterPattern: string;
  readonly FunctionName: string;
  readonly LogGroupName: string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly MetricName: string;
  readonly MetricTransformations: readonly { readonly MetricName: string; readonly MetricNamespace: string }[];
  readonly Name: string;
  readonly Namespace: string;
  readonly OKActions?: readonly string[];
  readonly Period: number;
  readonly Policies: readonly { readonly PolicyDocument: PolicyDocument }[];
  readonly PolicyDocument: PolicyDocument;
  readonly Principal: string;
  readonly RetentionInDays: number;
  readonly ScheduleExpression: string;
  readonly SourceArn: string;
  readonly StateMachineName: string;
  readonly Statistic: string;
  readonly Targets: readonly { readonly Arn: string }[];
  readonly Threshold: number;
  readonly TreatMissingData: string;
  readonly Value: string;
}

export interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: string }>>;
}

const templates = new Map<string, Template>();

/** The template of a cell whose handlers are stand-ins, which spares the bundling. */
export function cellTemplate(
  service: Partial<ServiceConfiguration> = {},
  others: readonly ServiceConfiguration[] = [],
): Template {
  const key = JSON.stringify([service, others]);
  const known = templates.get(key) ?? synthesized(service, others);
  templates.set(key, known);
  return known;
}

function synthesized(service: Partial<ServiceConfiguration>, others: readonly ServiceConfiguration[]): Template {
  const app = new App({
    outdir: temporaryDirectory(),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const { stackName } = cellIn(app, { repository: 'team/api', container: 'app', cluster: 'prod', ...service }, others);
  const { template } = app.synth().getStackByName(stackName) as { template: unknown };
  return readable(template) as Template;
}

/** Adds a cell with stand-in handlers to an app. */
export function cellIn(
  app: App,
  service: ServiceConfiguration,
  others: readonly ServiceConfiguration[] = [],
): CellStack {
  const [checked] = checkConfiguration({ services: [service, ...others] }).services;
  const bundles = new Map(HANDLER_NAMES.map((handler) => [handler, bundleOf(handler)]));
  return new CellStack(app, { cell: cellOf(checked!), bundles, definitionFile: DEFINITION_FILE });
}

/** The resources of a type, by the logical id without CDK's hash. */
export function resourcesOf(template: Template, type: string): Map<string, Resource> {
  const found = Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
  return new Map(found.map(([id, resource]) => [withoutHash(id), resource]));
}

function bundleOf(handler: string): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'index.js'), `exports.handler = async () => '${handler}';`);
  return directory;
}

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': ELSEWHERE.partition,
  'AWS::Region': ELSEWHERE.region,
  'AWS::AccountId': ELSEWHERE.account,
  'AWS::URLSuffix': ELSEWHERE.urlSuffix,
};

/** Replaces `Ref`, `Fn::GetAtt` and `Fn::Join` by text: `<Ledger>`, `<Ledger.Arn>`, the joined string. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return PSEUDO_PARAMETERS[ref] ?? `<${withoutHash(ref)}>`;
  if (Array.isArray(attribute)) return `<${withoutHash(String(attribute[0]))}.${String(attribute[1])}>`;
  if (Array.isArray(join)) return (readable(join[1]) as string[]).join(String(join[0]));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, readable(member)]));
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
