import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError, type ScreenVerb, type Flags, type Terminal } from '../terminal/command.ts';
import { lacking, type Answers, type Plan } from './init/answers.ts';
import { complaintsAbout, planOf } from './init/check-answers.ts';
import { configurationFile } from './init/configuration-file.ts';
import { nextSteps } from './init/next-steps.ts';
import { answered, askForRest, isYes } from './init/questions.ts';
import { portWarning } from './init/exposed-ports.ts';
import { unifiedDiff } from './init/unified-diff.ts';
import { workflowFile, workflowPath } from './init/workflow-file.ts';
import { writeAll, type Draft } from './init/write-all.ts';
import { wrapped } from '../terminal/layout.ts';

/** `rollouts init`: writes the configuration, and the workflow that pushes into the application's repository. */
export const init: ScreenVerb = {
  name: 'init',
  summary: 'Writes configuration and GitHub workflow, showing them first.',
  options: {
    app: { type: 'string', placeholder: 'DIR', summary: "The application's repository. [.]" },
    repository: { type: 'string', placeholder: 'NAME', summary: 'ECR repository.' },
    container: { type: 'string', placeholder: 'NAME', summary: 'Container that takes the image.' },
    service: { type: 'string', placeholder: 'NAME', summary: 'ECS service. [named like the repository]' },
    cluster: { type: 'string', placeholder: 'NAME', summary: 'ECS cluster. [the service; adopted: default]' },
    adopt: { type: 'boolean', summary: 'The service exists; otherwise it is created.' },
    port: { type: 'string', placeholder: 'N', summary: 'Port that a new service listens on.' },
    secret: {
      type: 'string',
      multiple: true,
      placeholder: 'NAME=/PATH',
      summary: 'Variable of a new service, from an SSM parameter; may be repeated.',
    },
    architecture: { type: 'string', placeholder: 'NAME', summary: 'x86_64 or arm64. [x86_64]' },
    github: { type: 'string', placeholder: 'OWNER/NAME', summary: 'GitHub repository that may push.' },
    'owner-id': { type: 'string', placeholder: 'ID', summary: "That repository's owner, as a number." },
    'repository-id': { type: 'string', placeholder: 'ID', summary: 'That repository, as a number.' },
    environment: { type: 'string', placeholder: 'NAME', summary: 'GitHub environment it may push from.' },
    branch: { type: 'string', placeholder: 'NAME', summary: 'Branch that is built, and that may push. [main]' },
    region: { type: 'string', placeholder: 'NAME', summary: 'AWS Region.' },
    account: { type: 'string', placeholder: 'ID', summary: 'AWS account. [GitHub variable AWS_ACCOUNT_ID]' },
    wait: { type: 'boolean', summary: 'The workflow waits for the outcome, and fails with it.' },
    dockerfile: { type: 'string', placeholder: 'FILE', summary: 'Seen from --app. [Dockerfile]' },
    output: { type: 'string', placeholder: 'FILE', summary: 'Configuration to write. [rollouts.config.ts]' },
    force: { type: 'boolean', summary: 'Overwrites files that differ.' },
    yes: { type: 'boolean', summary: 'Writes without asking; needed without a terminal.' },
  },
  document: 'none',
  run,
};

const CHECKOUT = join(import.meta.dirname, '..', '..');

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const app = folderOf(flags['app']);
  const plan = planOf(await checkedAnswers(flags, app, terminal));
  const drafts = draftsOf(plan, app, String(flags['output'] ?? 'rollouts.config.ts'));
  for (const { path, old, text } of drafts) terminal.out.write(unifiedDiff(shownPath(path), old, text));
  const warning = portWarning(plan, app);
  if (warning !== undefined) terminal.err.write(`${wrapped(warning).join('\n')}\n`);
  const changed = drafts.filter(({ old, text }) => old !== text);
  if (changed.length === 0) {
    terminal.out.write(
      `Nothing to write: ${drafts.map(({ path }) => shownPath(path)).join(' and ')} say this already.\n`,
    );
    return 0;
  }
  if (!(await isAgreed(changed, flags, terminal, warning !== undefined))) {
    terminal.out.write('Nothing was written.\n');
    return 1;
  }
  writeAll(changed);
  terminal.out.write(`${farewell(drafts, changed, plan).join('\n')}\n`);
  return 0;
}

function folderOf(flag: Flags[string]): string {
  const app = String(flag ?? '.');
  if (existsSync(app) && statSync(app).isDirectory()) return app;
  throw new UsageError(`--app ${app}: there is no such folder; name the root of the application's repository`);
}

/** The answers of flags and person, which lack nothing and are what the configuration takes. */
async function checkedAnswers(flags: Flags, app: string, terminal: Terminal): Promise<Answers> {
  const given = answersIn(flags);
  refuseAny([...(terminal.ask ? [] : lackOf(given, flags)), ...complaints(given, app)]);
  if (!terminal.ask) return given;
  const answers = await askForRest(given, app, terminal, terminal.ask);
  refuseAny(complaints(answers, app));
  return answers;
}

function answersIn({ app: _, output: __, force: ___, yes: ____, ...answers }: Flags): Answers {
  return answers;
}

/** What nobody can be asked for; a run that lacks --yes alone goes on to show what it would write. */
function lackOf(given: Answers, flags: Flags): string[] {
  const flagsLacking = lacking(given);
  if (flagsLacking.length === 0) return [];
  const all = [...flagsLacking, ...(flags['yes'] ? [] : ['--yes'])];
  return [`without a terminal nobody can be asked: add ${all.join(', ')}.`];
}

function complaints(answers: Answers, app: string): string[] {
  return complaintsAbout(answers, app).map(({ message }) => message);
}

function refuseAny(refusals: readonly string[]): void {
  if (refusals.length > 0) throw new UsageError([...refusals, 'Nothing was written.'].join('\n'));
}

function draftsOf(plan: Plan, app: string, output: string): Draft[] {
  const files = [
    { path: output, text: configurationFile(plan, typesSeenFrom(dirname(resolve(output)))) },
    { path: join(app, workflowPath(plan)), text: workflowFile(plan) },
  ];
  return files.map((file) => ({ ...file, old: currentText(file.path) }));
}

function typesSeenFrom(folder: string): string {
  const path = relative(folder, join(CHECKOUT, 'configuration', 'configuration.ts'))
    .split(sep)
    .join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

function currentText(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  if (statSync(path).isFile()) return readFileSync(path, 'utf8');
  throw new UsageError(`${path} is there and no file; name another one`);
}

function shownPath(path: string): string {
  return relative('.', path).split(sep).join('/');
}

async function isAgreed(
  changed: readonly Draft[],
  flags: Flags,
  { ask }: Terminal,
  isDoubtful: boolean,
): Promise<boolean> {
  const differing = changed.filter(({ old }) => old !== undefined).map(({ path }) => shownPath(path));
  const mayOverwrite = flags['force'] === true || differing.length === 0;
  if (ask && !flags['yes']) {
    const deed = mayOverwrite ? 'Write this' : `Overwrite ${differing.join(' and ')}`;
    return isYes(await answered(ask, `${deed}${isDoubtful ? ' all the same' : ''}? [y/N] `));
  }
  if (!mayOverwrite) {
    throw new UsageError(
      `${differing.join(' and ')}: there already, and different; overwrite with --force; nothing was written`,
    );
  }
  if (!flags['yes']) throw new UsageError('without a terminal nobody can be asked: add --yes; nothing was written');
  return true;
}

function farewell(drafts: readonly Draft[], written: readonly Draft[], plan: Plan): string[] {
  const output = drafts[0]!.path;
  // What is deployed is always this file.
  const isDeployed = resolve(output) === join(CHECKOUT, 'rollouts.config.ts');
  const lines = written.map(({ path }) => `Wrote ${shownPath(path)}.`);
  return [...lines, '', ...nextSteps(plan, isDeployed ? undefined : shownPath(output))];
}
