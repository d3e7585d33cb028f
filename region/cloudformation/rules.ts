import { Fault, NotModelled } from '../service.ts';
import { evaluateCondition, type Scope } from './intrinsics.ts';
import { referred } from './parameters.ts';
import type { ParameterValue } from './model.ts';
import type { StackTarget } from './stack.ts';
import type { Template } from './template.ts';

/** What rules are about: the parameters of a template, and what the account has of their types. */
export interface RuleGround {
  readonly template: Template;
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  readonly scope: Pick<Scope, 'ref'>;
  readonly valuesOfType: StackTarget['valuesOfType'];
}

/**
 * Throws when an assertion of the template's rules does not hold. AWS publishes no text beside the description
 * (CloudFormation user guide, "CloudFormation template Rules syntax").
 */
export function checkRules(ground: RuleGround): void {
  for (const [name, { RuleCondition, Assertions = [], ...others }] of Object.entries(ground.template.Rules ?? {})) {
    const [other] = Object.keys(others);
    if (other !== undefined) throw new NotModelled(`${other} of the rule ${name}`);
    if (RuleCondition !== undefined && !holds(ground, RuleCondition)) continue;
    for (const { Assert, AssertDescription = `an assertion does not hold: ${JSON.stringify(Assert)}` } of Assertions)
      if (!holds(ground, Assert))
        throw new Fault('ValidationError', `Template error: rule ${name} failed: ${AssertDescription}`);
  }
}

/** The rule-specific functions that answer true or false; "the final result of a rule condition or assertion must be either true or false". */
function holds(ground: RuleGround, expression: unknown): boolean {
  const [name, argument] = call(expression);
  const operands = listOf(name, argument);
  switch (name) {
    case 'Fn::And':
      return operands.every((operand) => holds(ground, operand));
    case 'Fn::Or':
      return operands.some((operand) => holds(ground, operand));
    case 'Fn::Not':
      return !holds(ground, operands[0]);
    case 'Fn::Equals':
      return evaluateCondition({ [name]: operands.map((operand) => valueOf(ground, operand)) }, NOTHING_LEFT);
    case 'Fn::Contains': {
      const [known, [value]] = [textsOf(ground, operands[0]), textsOf(ground, operands[1])];
      return known.includes(value!);
    }
    case 'Fn::EachMemberEquals': {
      const [value] = textsOf(ground, operands[1]);
      return textsOf(ground, operands[0]).every((each) => each === value);
    }
    case 'Fn::EachMemberIn': {
      const known = textsOf(ground, operands[1]);
      return textsOf(ground, operands[0]).every((each) => known.includes(each));
    }
    default:
      throw new Error(`the rule function ${name} answers neither true nor false, or is not modelled`);
  }
}

/** Operands are resolved when they are compared. */
const NOTHING_LEFT: Scope = {
  ref: (name) => name,
  attribute: (name) => name,
  condition: () => false,
};

function valueOf(ground: RuleGround, operand: unknown): unknown {
  if (typeof operand !== 'object' || operand === null) return operand;
  if (Array.isArray(operand)) return operand.map((each) => valueOf(ground, each));
  const [name, argument] = call(operand);
  switch (name) {
    case 'Ref':
      return ground.scope.ref(String(argument));
    case 'Fn::RefAll':
      return [...valuesOf(ground, String(argument)).keys()];
    case 'Fn::ValueOf': {
      const [parameter, attribute] = listOf(name, argument).map(String);
      return attributesOf(ground, parameter!, attribute!);
    }
    case 'Fn::ValueOfAll': {
      const [type, attribute] = listOf(name, argument).map(String);
      const all = [...valuesOf(ground, type!).values()];
      return all.map((attributes) => attributeIn(attributes, attribute!));
    }
    default:
      throw new Error(`the rule function ${name} is not modelled`);
  }
}

/** One value for a parameter that is one text, a list for one that is a list. */
function attributesOf(ground: RuleGround, parameter: string, attribute: string): unknown {
  const declared = ground.template.Parameters?.[parameter];
  const given = ground.parameters.get(parameter);
  if (!declared || !given) throw new Error(`Fn::ValueOf names ${parameter}, which is not a parameter`);
  const known = valuesOf(ground, declared.Type.replace(/^List<(.*)>$/, '$1'));
  const of = (value: string): string => {
    const attributes = known.get(value);
    if (!attributes)
      throw new Fault('ValidationError', `Parameter validation failed: ${value} of ${parameter} does not exist`);
    return attributeIn(attributes, attribute);
  };
  const values = referred(declared, given);
  return Array.isArray(values) ? values.map(of) : of(values);
}

function valuesOf({ valuesOfType }: RuleGround, type: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const values = valuesOfType(type);
  if (!values) throw new NotModelled(`The parameter type ${type} in a rule`);
  return values;
}

function attributeIn(attributes: Readonly<Record<string, string>>, attribute: string): string {
  const value = attributes[attribute];
  if (value === undefined) throw new NotModelled(`The attribute ${attribute} of a parameter in a rule`);
  return value;
}

function textsOf(ground: RuleGround, operand: unknown): string[] {
  return [valueOf(ground, operand)].flat(2).map(String);
}

function call(expression: unknown): [name: string, argument: unknown] {
  const entries = typeof expression === 'object' && expression !== null ? Object.entries(expression) : [];
  const [entry] = entries;
  if (!entry || entries.length > 1) throw new Error(`not a rule function: ${JSON.stringify(expression)}`);
  return entry;
}

function listOf(name: string, argument: unknown): readonly unknown[] {
  if (Array.isArray(argument)) return argument;
  throw new Error(`${name} takes a list, not ${JSON.stringify(argument)}`);
}
