import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readCompose, taskDefinitionAmong, type ComposeFile, type TaskDefinitionFile } from './containers.ts';
import { readGit, type Git } from './git.ts';
import { readVariables, type Variable } from './variables.ts';
import { readWorkflows, type Workflow } from './workflows.ts';

/** An application's folder, as far as init reads it. */
export interface Folder {
  readonly path: string;
  readonly git: Git | undefined;
  readonly workflows: readonly Workflow[];
  readonly variables: readonly Variable[];
  readonly taskDefinition: TaskDefinitionFile | undefined;
  readonly compose: ComposeFile | undefined;
  /** Names of the Dockerfiles at the top of the folder. */
  readonly dockerfiles: readonly string[];
}

/** Reads what the folder says of how it is built, configured and deployed; `.env` files are never read. */
export function readFolder(path: string): Folder {
  const git = readGit(path);
  const workflows = readWorkflows(path);
  const top = readdirSync(path).sort();
  return {
    path,
    git,
    workflows,
    variables: readVariables(path, workflows),
    taskDefinition: taskDefinitionAmong(git?.files ?? top, path),
    compose: readCompose(path),
    dockerfiles: top.filter(
      (name) => /^Dockerfile([._-].*)?$|\.Dockerfile$/i.test(name) && !name.endsWith('.dockerignore'),
    ),
  };
}

/** What a file of the folder says; empty where there is none. */
export function textIn({ path }: Pick<Folder, 'path'>, file: string): string {
  const whole = join(path, file);
  return statSync(whole, { throwIfNoEntry: false })?.isFile() ? readFileSync(whole, 'utf8') : '';
}
