import { enumerated } from '../../../terminal/layout.ts';
import type { Plan } from '../answers.ts';
import { absenceOf, type Absence } from './build-context.ts';
import { buildArguments, copiedSources, exposedPorts, type CopiedSource } from './dockerfile.ts';
import { textIn, type Folder } from './folder.ts';
import { note, warning, type Notice } from './notice.ts';
import { isCredential } from './variables.ts';

/** What the build on GitHub does not find or does not get, and the port that the image listens on. */
export function aboutBuild(plan: Plan, folder: Folder): Notice[] {
  const dockerfile = textIn(folder, plan.dockerfile);
  return [
    ...aboutSources(dockerfile, plan, folder),
    ...aboutArguments(dockerfile, plan, folder),
    ...aboutPort(dockerfile, plan),
  ];
}

/** What the workflow checks out and builds is the repository, not this folder. */
function aboutSources(dockerfile: string, plan: Plan, folder: Folder): Notice[] {
  const { git } = folder;
  // Below the root the build's context is another folder than this one.
  if (!git || git.below !== '') return [];
  const ignore = ['.dockerignore', `${plan.dockerfile}.dockerignore`].findLast((file) => textIn(folder, file) !== '');
  const rules = ignore === undefined ? '' : textIn(folder, ignore);
  return copiedSources(dockerfile).flatMap((source) => {
    // What is not committed yet mostly will be, but nobody means to commit that one.
    const isHere = isEnvFile(source) && git.untracked.has(source.path);
    const absence = isHere ? 'not-committed' : absenceOf(source.path, git.files, rules);
    if (absence === undefined) return [];
    const why = reasonOf(absence, ignore);
    const said = `${plan.dockerfile}, line ${source.line}, copies ${source.path}, which ${why}, so the build on GitHub fails`;
    return [warning(`${said}: ${isEnvFile(source) ? withoutEnvFile(plan, folder) : OTHERWISE[kindOf(absence)]}.`)];
  });
}

function isEnvFile({ path }: CopiedSource): boolean {
  return /(^|\/)\.env[^/]*$/.test(path);
}

function kindOf(absence: Absence): keyof typeof OTHERWISE {
  return absence === 'not-committed' ? absence : 'ignored';
}

const OTHERWISE = {
  'not-committed': 'commit it, or make it in a stage of the Dockerfile',
  ignored: 'let it in with a line that begins with "!"',
};

function reasonOf(absence: Absence, ignore = '.dockerignore'): string {
  if (absence === 'not-committed') return 'is not in the Git repository';
  return `the line "${absence.ignoringLine}" of ${ignore} keeps out`;
}

/** The remedy where an image holds its settings. */
function withoutEnvFile({ adopts }: Plan, { workflows }: Folder): string {
  const writing = workflows.filter(({ envFile }) => envFile.size > 0).map(({ file }) => file);
  const today = writing.length === 0 ? '' : `, which ${enumerated(writing)} wrote there so far,`;
  const how = adopts ? 'through the task definition' : 'from --setting and --secret';
  return `remove the line; settings and secrets${today} reach the container ${how}`;
}

function aboutArguments(dockerfile: string, { dockerfile: file, service }: Plan, { workflows }: Folder): Notice[] {
  const { environment = {}, secrets = {} } = service.provision ?? {};
  const passed = workflows.flatMap((workflow) => workflow.buildArguments);
  const lost = buildArguments(dockerfile).filter(
    (name) => passed.includes(name) && !(name in environment) && !(name in secrets) && !isCredential(name),
  );
  if (lost.length === 0) return [];
  const [what, them] = lost.length === 1 ? ['the build argument', 'it'] : ['the build arguments', 'them'];
  const why = 'since anyone who has the image can read it';
  return [
    note(
      `${file} takes ${what} ${enumerated(lost)}, which the new workflow does not pass, ${why}: give ${them} to the container when it starts.`,
    ),
  ];
}

/** It may be right all the same, since EXPOSE only documents. */
function aboutPort(dockerfile: string, { service: { provision }, dockerfile: file }: Plan): Notice[] {
  const exposed = exposedPorts(dockerfile);
  const port = String(provision?.port);
  if (!provision || exposed.length === 0 || exposed.includes(port)) return [];
  const remedy = `give --port ${exposed[0]!}, or let the image listen on ${port}`;
  return [
    warning(
      `${file} exposes ${exposed.join(', ')}, and the service takes port ${port}: ${remedy}; otherwise its first rollout fails the health check.`,
    ),
  ];
}
