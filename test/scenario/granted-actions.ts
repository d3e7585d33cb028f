import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Role {
  readonly Type: string;
  readonly Properties: {
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
  };
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

/** What Lambda does on behalf of any function. */
const OF_EVERY_FUNCTION = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
];

/** The actions that the handlers of an assembly are granted for calls of their own, as `ecs ListTasks`; each once, sorted. */
export function handlerActions(assembly: string): string[] {
  const templates = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
  const roles = templates.flatMap((file) => {
    const { Resources } = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as {
      readonly Resources: Record<string, Role>;
    };
    return Object.entries(Resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && id.startsWith('Handlers'));
  });
  const statements = roles.flatMap(([, { Properties }]) =>
    (Properties.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
  );
  const actions = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
  const apis = actions.filter((action) => !OF_EVERY_FUNCTION.includes(action));
  return [...new Set(apis.map((action) => action.replace(':', ' ')))].sort();
}
