/** A CloudFormation template as CDK writes it. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
  readonly Rules?: Readonly<Record<string, TemplateRule>>;
  readonly Description?: string;
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Condition?: string;
  readonly Description?: string;
  readonly Export?: unknown;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly unknown[];
  readonly ConstraintDescription?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly NoEcho?: boolean | string;
}

export interface TemplateRule {
  readonly RuleCondition?: unknown;
  readonly Assertions?: readonly { readonly Assert: unknown; readonly AssertDescription?: string }[];
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DeletionPolicy?: string;
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Parameters',
  'Conditions',
  'Resources',
  'Outputs',
  'Rules',
  'Metadata',
];
const RESOURCE_ATTRIBUTES = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
];
const PARAMETER_ATTRIBUTES = [
  'Type',
  'Default',
  'Description',
  'AllowedPattern',
  'AllowedValues',
  'ConstraintDescription',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
  'NoEcho',
];
/** `RetainExceptOnCreate` is no policy of replacements (template reference, both attributes). */
const POLICIES = {
  DeletionPolicy: ['Delete', 'Retain', 'RetainExceptOnCreate'],
  UpdateReplacePolicy: ['Delete', 'Retain'],
} as const satisfies Partial<Record<keyof TemplateResource, readonly string[]>>;

/** Throws when the template holds a section or an attribute that would otherwise be ignored silently. */
export function refuseUnknownSections(template: Template): void {
  refuseOthers(template, SECTIONS, 'the template section');
  for (const [name, parameter] of Object.entries(template.Parameters ?? {}))
    refuseOthers(parameter, PARAMETER_ATTRIBUTES, `the parameter ${name}'s attribute`);
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    refuseOthers(resource, RESOURCE_ATTRIBUTES, `${logicalId}'s resource attribute`);
    for (const [attribute, known] of Object.entries(POLICIES))
      refuseOtherPolicy(logicalId, attribute, resource[attribute as keyof typeof POLICIES], known);
  }
}

function refuseOtherPolicy(
  logicalId: string,
  attribute: string,
  policy: string | undefined,
  known: readonly string[],
): void {
  if (policy === undefined || known.includes(policy)) return;
  throw new Error(`${logicalId}'s ${attribute} ${policy} is not modelled: it is ${known.join(' or ')}`);
}

/** Throws, as CloudFormation does, when a resource depends on one that the template does not declare. */
export function refuseDanglingDependencies({ Resources: resources = {} }: Template): void {
  for (const [logicalId, { DependsOn: needed = [] }] of Object.entries(resources)) {
    const dangling = [needed].flat().find((name) => !(name in resources));
    if (dangling !== undefined)
      throw new Error(
        `Unresolved resource dependencies [${dangling}] in the Resources block: ${logicalId} depends on it`,
      );
  }
}

function refuseOthers(of: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(of).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${what} ${unknown} is not modelled`);
}
