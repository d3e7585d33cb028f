import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Terminal } from '../../terminal/command.ts';
import { dockerfileOf, type AnswerName, type Answers } from './answers.ts';
import { exposedPorts } from './exposed-ports.ts';

type Suggestions = { readonly [Name in AnswerName]?: string | undefined };

/** What the application's folder and the environment say already; a person is asked whether it is meant. */
export function suggestionsFrom(app: string, answers: Answers, env: Terminal['env']): Suggestions {
  const name = nameIn(basename(resolve(app)));
  const repository = answers.repository ?? name;
  const container = nameIn(repository?.split('/').at(-1) ?? '');
  const github = githubIn(textOf(join(app, '.git', 'config')));
  const [port] = exposedPorts(textOf(join(app, dockerfileOf(answers))));
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  return {
    repository,
    container,
    service: container,
    github,
    port,
    region,
    cluster: 'default',
    environment: 'production',
    branch: 'main',
  };
}

/** The folder's name as ECR and ECS take it. */
function nameIn(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return name.length < 2 ? undefined : name;
}

/** `owner/name` of the remote "origin", over HTTPS or SSH. */
function githubIn(gitConfig: string): string | undefined {
  const origin = /\[remote "origin"\][^[]*?\n\s*url\s*=\s*(\S+)/.exec(gitConfig)?.[1] ?? '';
  return /(?:^|[/@])github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(origin)?.[1];
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
