/** A CloudFormation template as CDK writes it. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Condition?: string }>>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
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
/** CDK's own rule: it compares the bootstrap version, which the region answers with a sufficient one. */
const KNOWN_RULES = ['CheckBootstrapVersion'];

/** Throws when the template holds a section, rule or resource attribute that would otherwise be ignored silently. */
export function refuseUnknownSections(template: Template): void {
  refuseOthers(template, SECTIONS, 'the template section');
  refuseOthers('Rules' in template ? (template.Rules as object) : {}, KNOWN_RULES, 'the rule');
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    refuseOthers(resource, RESOURCE_ATTRIBUTES, `${logicalId}'s resource attribute`);
  }
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
