import type { CreatedResource } from '../service.ts';
import { evaluateCondition, type Scope } from './intrinsics.ts';
import type { ParameterValue } from './model.ts';
import { referred } from './parameters.ts';
import { pseudoParameters } from './pseudo-parameters.ts';
import type { Template } from './template.ts';

/** What a stack's names mean while it is deployed. */
export function stackScope(of: {
  readonly place: { readonly account: string; readonly region: string };
  readonly stackName: string;
  readonly stackId: string;
  readonly template: Template;
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  /** Filled while the deployment goes on. */
  readonly created: ReadonlyMap<string, CreatedResource>;
}): Scope {
  const pseudo = pseudoParameters(of.place, of.stackName, of.stackId);
  const { Parameters: declared = {}, Conditions: conditions = {} } = of.template;
  const resource = (logicalId: string): CreatedResource => {
    const found = of.created.get(logicalId);
    if (!found) throw new Error(`${logicalId} is neither a parameter nor a resource of this stack`);
    return found;
  };
  const scope: Scope = {
    ref: (name) => {
      if (name in pseudo) return pseudo[name];
      const value = of.parameters.get(name);
      return value ? referred(declared[name]!, value) : resource(name).ref;
    },
    attribute: (logicalId, attribute) => {
      const value = resource(logicalId).attributes[attribute];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${attribute} in this region`);
      return value;
    },
    condition: (name) => {
      if (!(name in conditions)) throw new Error(`the template has no condition ${name}`);
      return evaluateCondition(conditions[name], scope);
    },
  };
  return scope;
}
