import type { AssemblyStack } from './cloud-assembly.ts';
import { references, resolve, type Scope } from '../../region/cloudformation/intrinsics.ts';
import { pseudoParameters, type StackPlace } from '../../region/cloudformation/pseudo-parameters.ts';

/** Names and ARNs of what stands outside the stacks. */
export interface OutsideSecrets {
  /** Of Parameter Store. */
  readonly parameters: readonly string[];
  /** Of Secrets Manager: ARNs, complete or not. */
  readonly secrets: readonly string[];
}

/** The secrets that task definitions of a cloud assembly name without a stack that creates them. */
export function outsideSecrets(stacks: readonly AssemblyStack[], place: StackPlace): OutsideSecrets {
  const named = stacks.flatMap((stack) => namedBy(stack, place));
  const stored = (valueFrom: string): boolean => /^arn:[^:]+:secretsmanager:/.test(valueFrom);
  return {
    parameters: named.filter((valueFrom) => !stored(valueFrom)),
    // A JSON key, a version stage and a version id may follow the ARN.
    secrets: named.filter(stored).map((valueFrom) => valueFrom.split(':').slice(0, 7).join(':')),
  };
}

function namedBy({ name, template }: AssemblyStack, place: StackPlace): string[] {
  const pseudo = pseudoParameters(place, name);
  const scope: Scope = { ref: (of) => pseudo[of], attribute: unknown, condition: unknown };
  const definitions = Object.values(template.Resources ?? {}).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
  return definitions
    .flatMap(({ Properties }) => valuesFrom(Properties))
    .filter((value) => references(value).every((of) => of in pseudo))
    .map((value) => String(resolve(value, scope)));
}

/** Every `ValueFrom`, intrinsics and all. */
function valuesFrom(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => (name === 'ValueFrom' ? [member] : valuesFrom(member)));
}

function unknown(name: string): never {
  throw new Error(`${name} cannot be known before the stack is deployed`);
}
