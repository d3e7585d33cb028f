import { basename, resolve } from 'node:path';
import type { Terminal } from '../../terminal/command.ts';
import { dockerfileOf, type AnswerName, type Answers } from './answers.ts';
import { exposedPorts } from './folder/dockerfile.ts';
import { likeliestContainer } from './folder/containers.ts';
import { textIn, type Folder } from './folder/folder.ts';
import type { Variable } from './folder/variables.ts';

type Suggestions = { readonly [Name in AnswerName]?: string | undefined };

/** What the application's folder and the environment say already; whoever runs init is asked whether it is meant. */
export function suggestionsFrom(folder: Folder, answers: Answers, env: Terminal['env']): Suggestions {
  const repository = answers.repository ?? nameIn(basename(resolve(folder.path)));
  const name = nameIn(repository?.split('/').at(-1) ?? '');
  const container = folder.taskDefinition && likeliestContainer(folder.taskDefinition);
  const [port = container?.port] = exposedPorts(textIn(folder, dockerfileOf(answers)));
  const taken = [...(answers.secret ?? []), ...(answers.setting ?? [])].map((text) => text.split('=')[0]!);
  const variables = folder.variables.filter((variable) => !taken.includes(variable.name));
  return {
    repository,
    container: container?.name ?? name,
    service: name,
    github: folder.git?.remotes[0]?.repository,
    port,
    region: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'],
    cluster: 'default',
    environment: 'production',
    branch: folder.git?.defaultBranch ?? 'main',
    secret: secretsAmong(variables, repository ?? ''),
    setting: settingsAmong(variables),
  };
}

/** A parameter for each variable that holds a secret, below the repository's name. */
function secretsAmong(variables: readonly Variable[], repository: string): string | undefined {
  const secrets = variables.filter(({ kind }) => kind === 'secret');
  const texts = secrets.map(({ name }) => `${name}=/${repository}/${name.toLowerCase().replaceAll('_', '-')}`);
  return texts.length === 0 ? undefined : texts.join(' ');
}

/** Those whose values can be typed in a line that spaces divide. */
function settingsAmong(variables: readonly Variable[]): string | undefined {
  const texts = variables.flatMap(({ kind, name, value = '' }) =>
    kind === 'setting' && /^\S+$/.test(value) ? [`${name}=${value}`] : [],
  );
  return texts.length === 0 ? undefined : texts.join(' ');
}

/** The folder's name as ECR and ECS take it. */
function nameIn(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return name.length < 2 ? undefined : name;
}
