/** What names in a template mean at this point of its deployment; the functions throw for names that they do not know. */
export interface Scope {
  /** The value of `Ref`: of a parameter, a pseudo parameter or a created resource. */
  ref(name: string): unknown;
  /** The value of `Fn::GetAtt`. */
  attribute(logicalId: string, attribute: string): unknown;
  /** A condition of the template's `Conditions`. */
  condition(name: string): boolean;
}

/** `AWS::NoValue`: removes the member or element that it stands for. */
export const NO_VALUE = Symbol('AWS::NoValue');

/** Replaces every intrinsic function in `value`; an unknown one, or a malformed argument, is refused. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return refuseDynamicReference(value);
  if (Array.isArray(value)) return value.map((element) => resolve(element, scope)).filter((each) => each !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const call = intrinsicCall(value);
  if (call) return resolveCall(call.name, call.argument, scope);
  const members = Object.entries(value).map(([name, member]) => [name, resolve(member, scope)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== NO_VALUE));
}

/** Decides a condition function: `Fn::Equals`, `Fn::Not`, `Fn::And`, `Fn::Or` or `{ "Condition": … }`. */
export function evaluateCondition(expression: unknown, scope: Scope): boolean {
  const entries = typeof expression === 'object' && expression !== null ? Object.entries(expression) : [];
  const [name, argument] = entries[0] ?? [];
  if (name === undefined || entries.length !== 1) throw new Error(`not a condition: ${JSON.stringify(expression)}`);
  if (name === 'Condition') return scope.condition(text(argument, 'Condition'));
  const operands = list(argument, name);
  const holds = (operand: unknown): boolean => evaluateCondition(operand, scope);
  switch (name) {
    case 'Fn::Equals':
      exactly(operands, 2, name);
      return compared(resolve(operands[0], scope)) === compared(resolve(operands[1], scope));
    case 'Fn::Not':
      exactly(operands, 1, name);
      return !holds(operands[0]);
    case 'Fn::And':
      return operands.every(holds);
    case 'Fn::Or':
      return operands.some(holds);
    default:
      throw new Error(`the condition function ${name} is not modelled`);
  }
}

/** Whatever is compared is a text to CloudFormation: `true` is `"true"`, and lists and objects cannot be compared. */
function compared(operand: unknown): string {
  if (typeof operand === 'string' || typeof operand === 'number' || typeof operand === 'boolean')
    return String(operand);
  const seen = operand === NO_VALUE ? 'AWS::NoValue' : JSON.stringify(operand);
  throw new Error(`Template error: every Fn::Equals object requires a list of 2 string parameters, not ${seen}`);
}

/** The logical ids that `value` refers to, pseudo parameters included. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  const call = intrinsicCall(value);
  if (call?.name === 'Ref') return [text(call.argument, 'Ref')];
  if (call?.name === 'Fn::GetAtt') return [attributePath(call.argument)[0]];
  if (call?.name === 'Fn::Sub') return substitutionReferences(call.argument);
  return Object.values(value).flatMap(references);
}

function resolveCall(name: string, argument: unknown, scope: Scope): unknown {
  switch (name) {
    case 'Ref':
      return scope.ref(text(argument, name));
    case 'Fn::GetAtt':
      return scope.attribute(...attributePath(argument));
    case 'Fn::Join':
      return join(resolve(argument, scope));
    case 'Fn::Split':
      return split(resolve(argument, scope));
    case 'Fn::Select':
      return select(resolve(argument, scope));
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::GetAZs':
      return availabilityZones(resolve(argument, scope), scope);
    case 'Fn::If':
      return choose(argument, scope);
    default:
      throw new Error(`the intrinsic function ${name} is not modelled`);
  }
}

/** An object with the single member `Ref` or `Fn::…` is a call; anything else with such a member is malformed. */
function intrinsicCall(value: object): { readonly name: string; readonly argument: unknown } | undefined {
  const entries = Object.entries(value);
  const found = entries.find(([name]) => name === 'Ref' || name.startsWith('Fn::'));
  if (!found) return undefined;
  if (entries.length > 1) throw new Error(`${found[0]} stands beside other members: ${Object.keys(value).join(', ')}`);
  return { name: found[0], argument: found[1] };
}

function join(argument: unknown): string {
  const [delimiter, parts] = exactly(list(argument, 'Fn::Join'), 2, 'Fn::Join');
  return list(parts, 'Fn::Join')
    .map((part) => text(part, 'an element of Fn::Join'))
    .join(text(delimiter, 'the delimiter of Fn::Join'));
}

function split(argument: unknown): string[] {
  const [delimiter, source] = exactly(list(argument, 'Fn::Split'), 2, 'Fn::Split');
  return text(source, 'the source of Fn::Split').split(text(delimiter, 'the delimiter of Fn::Split'));
}

function select(argument: unknown): unknown {
  const [index, elements] = exactly(list(argument, 'Fn::Select'), 2, 'Fn::Select');
  const candidates = list(elements, 'Fn::Select');
  const position = Number(index);
  if (!Number.isInteger(position) || position < 0 || position >= candidates.length) {
    throw new Error(`Fn::Select asks for element ${String(index)} of a list of ${candidates.length}`);
  }
  return candidates[position];
}

/** Three zones, as most Regions have at least. */
function availabilityZones(argument: unknown, scope: Scope): string[] {
  const region = text(argument, 'Fn::GetAZs') || text(scope.ref('AWS::Region'), 'AWS::Region');
  return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
}

function choose(argument: unknown, scope: Scope): unknown {
  const [condition, whenTrue, whenFalse] = exactly(list(argument, 'Fn::If'), 3, 'Fn::If');
  return resolve(scope.condition(text(condition, 'Fn::If')) ? whenTrue : whenFalse, scope);
}

/** `${Name}`, `${Name.Attribute}`; `${!Literal}` stands for `${Literal}`. */
const SUBSTITUTION = /\$\{(!?)([^}]*)\}/g;

function substitute(argument: unknown, scope: Scope): string {
  const { template, variables } = substitution(argument);
  return template.replace(SUBSTITUTION, (_, isLiteral: string, name: string) => {
    if (isLiteral) return `\${${name}}`;
    if (name in variables) return text(resolve(variables[name], scope), `\${${name}} of Fn::Sub`);
    const [logicalId, ...attribute] = name.split('.');
    const value = attribute.length ? scope.attribute(logicalId!, attribute.join('.')) : scope.ref(name);
    return text(value, `\${${name}} of Fn::Sub`);
  });
}

function substitutionReferences(argument: unknown): string[] {
  const { template, variables } = substitution(argument);
  const names = [...template.matchAll(SUBSTITUTION)].filter(([, isLiteral]) => !isLiteral).map(([, , name]) => name!);
  const own = names.filter((name) => !(name in variables)).map((name) => name.split('.')[0]!);
  return [...own, ...references(Object.values(variables))];
}

function substitution(argument: unknown): { template: string; variables: Readonly<Record<string, unknown>> } {
  if (typeof argument === 'string') return { template: argument, variables: {} };
  const [template, variables] = exactly(list(argument, 'Fn::Sub'), 2, 'Fn::Sub');
  return { template: text(template, 'Fn::Sub'), variables: variables as Record<string, unknown> };
}

/** `["Logical", "Attribute"]`, or `"Logical.Attribute"`. */
function attributePath(argument: unknown): [logicalId: string, attribute: string] {
  if (typeof argument === 'string' && argument.includes('.')) {
    const dot = argument.indexOf('.');
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [logicalId, attribute] = exactly(list(argument, 'Fn::GetAtt'), 2, 'Fn::GetAtt');
  return [text(logicalId, 'Fn::GetAtt'), text(attribute, 'Fn::GetAtt')];
}

function refuseDynamicReference(value: string): string {
  if (value.includes('{{resolve:')) throw new Error(`the dynamic reference ${value} is not modelled`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${what} is not a string: ${JSON.stringify(value)}`);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${what} takes a list, not ${JSON.stringify(value)}`);
}

function exactly(values: readonly unknown[], count: number, what: string): readonly unknown[] {
  if (values.length === count) return values;
  throw new Error(`${what} takes ${count} arguments, not ${values.length}`);
}
