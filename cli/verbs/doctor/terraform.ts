import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, warning, type Finding } from './finding.ts';

/**
 * Looks into Terraform's files for services that would put their own revision back, and for task definitions of that family, or
 * of these services, that would not keep their revisions; nothing of Terraform is run.
 */
export function checkTerraform(directory: string, family: string): Finding[] {
  const sources = readdirSync(directory)
    .filter((file) => file.endsWith('.tf'))
    .map((file) => ({ file, source: readFileSync(join(directory, file), 'utf8') }));
  const services = sources.flatMap(({ file, source }) => servicesIn(source).map((each) => ({ ...each, file })));
  if (services.length === 0)
    return [
      warning(
        'terraform',
        `No file of ${directory} has an aws_ecs_service.`,
        'name the folder that has: --terraform DIR',
      ),
    ];
  const definitions = sources.flatMap(({ file, source }) =>
    taskDefinitionsIn(source).map((each) => ({ ...each, file })),
  );
  return [
    ...services.map(checkService),
    ...definitions
      .filter((each) => each.family === family || services.some(({ definition }) => definition === each.name))
      .map(checkTaskDefinition),
  ];
}

interface TerraformService {
  readonly name: string;
  readonly ignoresRevision: boolean;
  /** The name of the aws_ecs_task_definition that it refers to. */
  readonly definition?: string;
}

interface TerraformTaskDefinition {
  readonly name: string;
  /** As far as it is written out. */
  readonly family?: string;
  readonly keepsRevisions: boolean;
}

function checkService({ name, file, ignoresRevision }: TerraformService & { readonly file: string }): Finding {
  return ignoresRevision
    ? ok('terraform', `${file} leaves the task definition of ${name} to the rollouts.`)
    : warning(
        'terraform',
        `${file} does not ignore changes of the task definition of ${name}: the next apply puts its own revision back.`,
        'add lifecycle { ignore_changes = [task_definition] } to it',
      );
}

function checkTaskDefinition({
  name,
  file,
  keepsRevisions,
}: TerraformTaskDefinition & { readonly file: string }): Finding {
  return keepsRevisions
    ? ok('terraform', `${file} keeps the former revisions of the task definition ${name}.`)
    : warning(
        'terraform',
        `${file} does not keep the former revisions of the task definition ${name}: an apply that changes it deregisters the one that a rollback may go back to.`,
        // What counts when a revision is replaced is what was applied before:
        // https://github.com/hashicorp/terraform-provider-aws/issues/24791
        'add skip_destroy = true to it, and apply that before anything else of it changes',
      );
}

/** Exported for its table of spellings. */
export function servicesIn(source: string): TerraformService[] {
  return blocksOf('aws_ecs_service', source).map(({ name, block }) => {
    const ignored = /ignore_changes\s*=\s*(all\b|\[[^\]]*\])/.exec(block)?.[1] ?? '';
    // Also within an expression: "${aws_ecs_task_definition.api.family}:${…}".
    const definition = /^\s*task_definition\s*=.*?\baws_ecs_task_definition\.([\w-]+)/m.exec(block)?.[1];
    const ignoresRevision = /\ball\b|\btask_definition\b/.test(ignored);
    return { name, ignoresRevision, ...(definition !== undefined && { definition }) };
  });
}

/** Exported for its table of spellings. */
export function taskDefinitionsIn(source: string): TerraformTaskDefinition[] {
  return blocksOf('aws_ecs_task_definition', source).map(({ name, block }) => {
    const family = /^\s*family\s*=\s*"([^"$]+)"/m.exec(block)?.[1];
    const keepsRevisions = /^\s*skip_destroy\s*=\s*true\b/m.test(block);
    return { name, keepsRevisions, ...(family !== undefined && { family }) };
  });
}

function blocksOf(type: string, source: string): { readonly name: string; readonly block: string }[] {
  const text = source.replace(/(^|\s)(#|\/\/).*$/gm, '$1').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(/resource\s+"([^"]+)"\s+"([^"]+)"\s*\{/g)]
    .filter((match) => match[1] === type)
    .map((match) => ({ name: match[2]!, block: blockFrom(text, match.index + match[0].length) }));
}

/** The text up to the brace that closes the block which begins here. */
function blockFrom(text: string, start: number): string {
  let depth = 1;
  for (let end = start; end < text.length; end++) {
    if (text[end] === '{') depth++;
    if (text[end] === '}' && --depth === 0) return text.slice(start, end);
  }
  return text.slice(start);
}
