import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../configuration/load-configuration.ts';
import { synthesize } from '../infra/synthesize.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
  };
}

/** Rows (role, actions, resources and conditions) of every role in the synthesized templates of the configured service. */
export async function rolePermissions(): Promise<string[][]> {
  const stacks = await synthesizedStacks();
  return stacks.flatMap(({ stack, resources }) =>
    Object.entries(resources)
      .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
      .flatMap(([logicalId, { Properties }]) => {
        const statements = (Properties?.Policies ?? []).flatMap((policy) => policy.PolicyDocument.Statement);
        const role = `${stack}${roleName(logicalId)}`;
        return statements.map((statement) => [
          role,
          actions(statement),
          [resource(statement), conditions(statement)].join(''),
        ]);
      }),
  );
}

interface SynthesizedStack {
  /** What tells its roles from the cell's: `service/`. */
  readonly stack: string;
  readonly resources: Readonly<Record<string, Resource>>;
}

/** The cell first, then the ground that it stands on. */
async function synthesizedStacks(): Promise<SynthesizedStack[]> {
  const outdir = mkdtempSync(join(tmpdir(), 'rollouts-docs-'));
  try {
    await synthesize(await loadConfiguration(), { outdir });
    const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
    return templates
      .sort((one, other) => one.length - other.length)
      .map((file) => ({
        stack: /-(foundation|service)\.template\.json$/.exec(file)?.[1]?.concat('/') ?? '',
        resources: (JSON.parse(readFileSync(join(outdir, file), 'utf8')) as { Resources: Record<string, Resource> })
          .Resources,
      }));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** `HandlersAcceptIntentRoleCBCBE4A0` → `AcceptIntent`. */
function roleName(logicalId: string): string {
  return logicalId.replace(/^Handlers/, '').replace(/Role[0-9A-F]{8}$/, '');
}

function actions({ Effect, Action }: Statement): string {
  return (
    (Effect === 'Deny' ? '**never** ' : '') +
    [Action]
      .flat()
      .map((action) => `\`${action}\``)
      .join(', ')
  );
}

function resource({ Resource }: Statement): string {
  const names = (Array.isArray(Resource) ? Resource : [Resource]).map(resolve);
  return [...new Set(names)].map((name) => `\`${name}\``).join(', ');
}

function conditions({ Condition }: Statement): string {
  const parts = Object.values(Condition ?? {}).flatMap((keys) =>
    Object.entries(keys).map(([key, value]) => `\`${key}\` = \`${resolve(value)}\``),
  );
  return parts.length === 0 ? '' : ` when ${parts.join(' and ')}`;
}

/** An ARN without its account-wide beginning; a reference by the logical name that it points to. */
function resolve(value: unknown): string {
  if (typeof value === 'string') return value.replace(/^arn:[^:]*:([^:]*):[^:]*:[^:]*:/, '$1 ');
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
  } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  if (attribute) return attribute[0].replace(/[0-9A-F]{8}$/, '');
  if (join) return resolve(join[1].map(resolve).join(join[0]));
  return Ref?.startsWith('AWS::') ? '' : (Ref ?? JSON.stringify(value));
}
