import { Fault } from '../service.ts';
import type { ParameterValue } from './model.ts';
import type { StackTarget } from './stack.ts';
import type { TemplateParameter } from './template.ts';

/** The one bootstrap fact that templates ask for; CDK requires at least 6. */
const BOOTSTRAP_VERSION = '21';
const SSM_TYPE = /^AWS::SSM::Parameter::Value<(.*)>$/;

/**
 * The values that a deployment goes by: those that are given, else the previous ones, else the defaults. What SSM parameters
 * say is read once: a deployment does not see what changes while it runs. Throws what CloudFormation refuses.
 */
export function readParameters(
  target: Pick<StackTarget, 'ssmParameter'>,
  declared: Readonly<Record<string, TemplateParameter>>,
  given: Readonly<Record<string, string>>,
  previous: ReadonlyMap<string, ParameterValue>,
): Map<string, ParameterValue> {
  refuse(
    'do not exist in the template',
    Object.keys(given).filter((name) => !(name in declared)),
  );
  const valueOf = (name: string): unknown => given[name] ?? previous.get(name)?.value ?? declared[name]!.Default;
  const names = Object.keys(declared);
  refuse(
    'must have values',
    names.filter((name) => valueOf(name) === undefined),
  );
  return new Map(
    names.map((name) => {
      const value = textOf(valueOf(name));
      checkConstraints(name, declared[name]!, value);
      return [name, resolved(target, name, declared[name]!, value)];
    }),
  );
}

/** What `Ref` of a parameter is: a text, or a list of texts. */
export function referred({ Type: type }: TemplateParameter, { value, resolved }: ParameterValue): string | string[] {
  const text = resolved ?? value;
  const isList = /^(CommaDelimitedList$|List<)/.test(SSM_TYPE.exec(type)?.[1] ?? type);
  return isList ? text.split(',').map((each) => each.trim()) : text;
}

function refuse(problem: string, names: readonly string[]): void {
  if (names.length > 0) throw invalid(`Parameters: [${names.join(', ')}] ${problem}`);
}

/** Defaults may be numbers, and lists of texts. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}

function resolved(
  { ssmParameter }: Pick<StackTarget, 'ssmParameter'>,
  name: string,
  { Type: type }: TemplateParameter,
  value: string,
): ParameterValue {
  if (!SSM_TYPE.test(type)) return { value };
  if (/^\/cdk-bootstrap\/[^/]+\/version$/.test(value)) return { value, resolved: BOOTSTRAP_VERSION };
  const stored = ssmParameter(value);
  if (stored === undefined)
    throw invalid(`the parameter ${name} reads the SSM parameter ${value}, which does not exist`);
  return { value, resolved: stored };
}

/** CloudFormation user guide, "CloudFormation template Parameters syntax"; texts as its API answers them. */
function checkConstraints(name: string, declared: TemplateParameter, value: string): void {
  const problem = violated(declared, value);
  if (problem === undefined) return;
  const { ConstraintDescription: description } = declared;
  if (description === undefined) throw invalid(`Parameter '${name}' ${problem}`);
  throw invalid(`Parameter ${name} failed to satisfy constraint: ${description}`);
}

function violated(declared: TemplateParameter, value: string): string | undefined {
  const { Type: type, AllowedPattern: pattern, AllowedValues: allowed, MinLength, MaxLength } = declared;
  if (type === 'Number') return outOfRange(declared, value) ?? notAllowed(allowed, [value]);
  if (type === 'List<Number>') {
    const numbers = value.split(',');
    return numbers.map((each) => outOfRange(declared, each)).find(Boolean) ?? notAllowed(allowed, numbers);
  }
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) return `must match pattern ${pattern}`;
  if (MinLength !== undefined && value.length < Number(MinLength))
    return `must contain at least ${Number(MinLength)} characters`;
  if (MaxLength !== undefined && value.length > Number(MaxLength))
    return `must contain at most ${Number(MaxLength)} characters`;
  return notAllowed(allowed, type === 'CommaDelimitedList' ? value.split(',') : [value]);
}

function outOfRange({ MinValue, MaxValue }: TemplateParameter, value: string): string | undefined {
  const number = Number(value);
  if (value.trim() === '' || Number.isNaN(number)) return 'must be a number.';
  if (MinValue !== undefined && number < Number(MinValue)) return `must be a number not less than ${Number(MinValue)}`;
  if (MaxValue !== undefined && number > Number(MaxValue))
    return `must be a number not greater than ${Number(MaxValue)}`;
  return undefined;
}

function notAllowed(allowed: readonly unknown[] | undefined, values: readonly string[]): string | undefined {
  const known = allowed?.map(String);
  const isAllowed = values.every((value) => known?.includes(value.trim()) ?? true);
  return isAllowed ? undefined : 'must be one of AllowedValues';
}

function invalid(problem: string): Fault {
  return new Fault('ValidationError', problem);
}
