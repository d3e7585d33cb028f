const PLACEHOLDER = /\$\{([A-Za-z0-9_]+)\}/g;

/**
 * Puts a state machine's `DefinitionSubstitutions` into its `DefinitionString`, which CloudFormation does before Step
 * Functions sees it (CloudFormation user guide, AWS::StepFunctions::StateMachine). A name without a value is refused.
 */
export function substituteDefinition(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { DefinitionSubstitutions: substitutions, ...rest } = properties;
  if (substitutions === undefined) return properties;
  const { DefinitionString: definition } = rest;
  if (typeof definition !== 'string') throw new Error('DefinitionSubstitutions need a DefinitionString');
  const values = substitutions as Readonly<Record<string, unknown>>;
  const text = definition.replace(PLACEHOLDER, (placeholder, name: string) => {
    const value = values[name];
    if (typeof value !== 'string') throw new Error(`DefinitionSubstitutions have no text for ${placeholder}`);
    // The placeholder stands inside a JSON text.
    return JSON.stringify(value).slice(1, -1);
  });
  return { ...rest, DefinitionString: text };
}
