import { Fault } from '../service.ts';
import type { Envelope } from './envelope.ts';
import { checkPath, valueAt } from './json-path.ts';

/** What the bus knows about one delivery, beside the event. */
interface DeliveryFacts {
  readonly ruleName: string;
  readonly ruleArn: string;
  /** ISO 8601. */
  readonly ingestionTime: string;
}

/** Makes the JSON text that a target receives; undefined when it turns out not to be JSON. */
export type TargetInput = (event: Envelope, facts: DeliveryFacts) => string | undefined;

/** Members of a target that say what it receives. */
export interface InputProperties {
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?:
    | { readonly InputPathsMap?: Readonly<Record<string, string>> | undefined; readonly InputTemplate: string }
    | undefined;
}

/** EventBridge user guide, eb-transform-target-input. */
const VARIABLES_MAX = 100;
const PLACEHOLDER = /<([^<>\s]+)>/g;

/** `detail` is left out of `aws.events.event`. */
const RESERVED: Readonly<Record<string, (event: Envelope, facts: DeliveryFacts) => unknown>> = {
  'aws.events.rule-arn': (_, facts) => facts.ruleArn,
  'aws.events.rule-name': (_, facts) => facts.ruleName,
  'aws.events.event.ingestion-time': (_, facts) => facts.ingestionTime,
  'aws.events.event.json': (event) => event,
  'aws.events.event': ({ detail: _, ...rest }) => rest,
};

/** Reads `Input`, `InputPath` or `InputTransformer`; none of them means the whole event. */
export function parseInput(id: string, { Input, InputPath, InputTransformer }: InputProperties): TargetInput {
  const given = [Input, InputPath, InputTransformer].filter((member) => member !== undefined);
  if (given.length > 1) throw refused(id, 'Only one of Input, InputPath, or InputTransformer must be provided');
  if (Input !== undefined) {
    const constant = asJson(Input);
    if (constant === undefined) throw refused(id, 'JSON syntax error in input');
    return () => constant;
  }
  if (InputPath !== undefined) {
    checkPath(InputPath);
    return (event) => JSON.stringify(valueAt(event, InputPath));
  }
  if (InputTransformer) return transformer(id, InputTransformer.InputTemplate, InputTransformer.InputPathsMap ?? {});
  return (event) => JSON.stringify(event);
}

function transformer(id: string, template: string, paths: Readonly<Record<string, string>>): TargetInput {
  if (Object.keys(paths).length > VARIABLES_MAX) throw refused(id, `more than ${VARIABLES_MAX} variables`);
  for (const [name, path] of Object.entries(paths)) {
    if (/^aws/i.test(name)) throw refused(id, `variable ${name}: names that begin with AWS are reserved`);
    checkPath(path);
  }
  for (const [, name] of template.matchAll(PLACEHOLDER)) {
    if (!Object.hasOwn(paths, name!) && !Object.hasOwn(RESERVED, name!)) throw refused(id, `<${name}> is not defined`);
  }
  return (event, facts) => {
    const value = (name: string): unknown =>
      Object.hasOwn(paths, name) ? valueAt(event, paths[name]!) : RESERVED[name]!(event, facts);
    return asJson(fill(template, value));
  };
}

/** Values that are missing leave nothing behind; nothing is escaped (both as documented, so the result may be no JSON). */
function fill(template: string, value: (name: string) => unknown): string {
  return template.replace(PLACEHOLDER, (_, name: string, at: number) => {
    const found = value(name);
    if (found === undefined) return '';
    return isInsideText(template, at) && typeof found === 'string' ? found : JSON.stringify(found);
  });
}

function isInsideText(template: string, at: number): boolean {
  const quotes = template.slice(0, at).match(/\\.|"/g) ?? [];
  return quotes.filter((quote) => quote === '"').length % 2 === 1;
}

function asJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function refused(targetId: string, reason: string): Fault {
  return new Fault('ValidationException', `Invalid input for target ${targetId} : ${reason}.`);
}
