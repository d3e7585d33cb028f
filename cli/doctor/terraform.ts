import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, warning, type Finding } from './finding.ts';

/** Looks into Terraform's files for services that would put their own revision back; nothing of Terraform is run. */
export function checkTerraform(directory: string): Finding[] {
  const services = readdirSync(directory)
    .filter((file) => file.endsWith('.tf'))
    .flatMap((file) => servicesIn(readFileSync(join(directory, file), 'utf8')).map((each) => ({ ...each, file })));
  if (services.length === 0)
    return [
      warning(
        'terraform',
        `No file of ${directory} has an aws_ecs_service.`,
        'name the folder that has: --terraform DIR',
      ),
    ];
  return services.map(({ name, file, ignoresRevision }) =>
    ignoresRevision
      ? ok('terraform', `${file} leaves the task definition of ${name} to the rollouts.`)
      : warning(
          'terraform',
          `${file} does not ignore changes of the task definition of ${name}: the next apply puts its own revision back.`,
          'add lifecycle { ignore_changes = [task_definition] } to it',
        ),
  );
}

interface TerraformService {
  readonly name: string;
  readonly ignoresRevision: boolean;
}

/** Exported for its table of spellings. */
export function servicesIn(source: string): TerraformService[] {
  const text = source.replace(/(^|\s)(#|\/\/).*$/gm, '$1').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(/resource\s+"aws_ecs_service"\s+"([^"]+)"\s*\{/g)].map((match) => {
    const block = blockFrom(text, match.index + match[0].length);
    const ignored = /ignore_changes\s*=\s*(all\b|\[[^\]]*\])/.exec(block)?.[1] ?? '';
    return { name: match[1]!, ignoresRevision: /\ball\b|\btask_definition\b/.test(ignored) };
  });
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
