import { Fault } from '../service.ts';
import type { Violation } from './input-rules.ts';

/**
 * The code under which a service refuses what its model refuses; `ValidationException` for all others.
 * ECS and ECR have words of their own, below.
 */
const CODES: Readonly<Record<string, string>> = {
  cloudformation: 'ValidationError',
  ec2: 'InvalidParameterValue',
  ecr: 'InvalidParameterException',
  ecs: 'InvalidParameterException',
  elasticloadbalancing: 'ValidationError',
  iam: 'ValidationError',
  logs: 'InvalidParameterException',
  monitoring: 'ValidationError',
  sns: 'ValidationError',
  sqs: 'InvalidParameterValue',
  sts: 'ValidationError',
};

/** A request can break its model a million times; the first say enough. */
const VIOLATIONS_TOLD = 100;

/** Values are shown to this length. */
const SHOWN_CHARACTERS = 1024;

/** The fault by which a service answers a request that breaks what its model says of it. */
export function inputFault(service: string, operation: string, violations: readonly Violation[]): Fault {
  const [first] = violations;
  if (service === 'ecr') return new Fault(CODES['ecr']!, ecrText(first!));
  // Recorded for firelensConfiguration; other operations name the parameter.
  const code = operation === 'RegisterTaskDefinition' ? 'ClientException' : (CODES[service] ?? 'ValidationException');
  if (service === 'ecs' && first!.values !== undefined) return new Fault(code, ecsEnumText(first!, first!.values));
  if (service === 'sqs' && first!.path.startsWith('AttributeNames'))
    return new Fault('InvalidAttributeName', `Unknown Attribute ${shown(first!.value)}.`);
  const texts = violations
    .slice(0, VIOLATIONS_TOLD)
    .flatMap(({ path, value, constraints }) =>
      constraints.map(
        (constraint) => `Value ${quoted(value)} at '${named(path)}' failed to satisfy constraint: ${constraint}`,
      ),
    );
  const errors = texts.length === 1 ? '1 validation error' : `${texts.length} validation errors`;
  return new Fault(code, `${errors} detected: ${texts.join('; ')}`);
}

/** `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length greater than or equal to 2'` */
function ecrText({ path, constraints }: Violation): string {
  const constraint = constraints[0]!
    .replace('Member must', 'must')
    .replace(/regular expression pattern: (.*)$/s, "regular expression '$1'");
  return `Invalid parameter at '${named(path)}' failed to satisfy constraint: '${constraint}'`;
}

/** `launch type should be one of [EC2,FARGATE]` */
function ecsEnumText({ path }: Violation, values: readonly string[]): string {
  const member = path
    .split('.')
    .at(-1)!
    .replace(/\[\d+\]/g, '');
  const words = member.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words} should be one of [${values.join(',')}]`;
}

/** `filters[0].Values` is `filters.1.member.values` in these messages. */
function named(path: string): string {
  return path
    .replace(/\[(\d+)\]/g, (_all, index: string) => `.${Number(index) + 1}.member`)
    .replace(/(^|\.member\.)([A-Z])/g, (_all, before: string, letter: string) => before + letter.toLowerCase());
}

function quoted(value: unknown): string {
  return value === null ? 'null' : `'${shown(value)}'`;
}

function shown(value: unknown): string {
  const isListed = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  const text = isListed ? `[${value.join(', ')}]` : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
