import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError, type ScreenVerb, type Flags, type Terminal } from '../terminal/command.ts';
import { lacking, type Answers, type Plan } from './init/answers.ts';
import { complaintsAbout, planOf } from './init/check-answers.ts';
import { configurationDraft, othersIn } from './init/configuration-draft.ts';
import { readFolder, type Folder } from './init/folder/folder.ts';
import { note, type Notice } from './init/folder/notice.ts';
import { noticesOf } from './init/folder/notices.ts';
import { nextSteps } from './init/next-steps.ts';
import { answered, askForRest, isYes } from './init/questions.ts';
import { unifiedDiff } from './init/unified-diff.ts';
import { workflowFile, workflowPath } from './init/workflow-file.ts';
import { writeAll, type Draft } from './init/write-all.ts';
import { enumerated, hangingLines } from '../terminal/layout.ts';

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
    setting: {
      type: 'string',
      multiple: true,
      placeholder: 'NAME=VALUE',
      summary: 'Variable of a new service that is no secret; may be repeated.',
    },
    architecture: { type: 'string', placeholder: 'NAME', summary: 'x86_64 or arm64. [x86_64]' },
    github: { type: 'string', placeholder: 'OWNER/NAME', summary: 'GitHub repository that may push.' },
    'owner-id': { type: 'string', placeholder: 'ID', summary: "That repository's owner, as a number." },
    'repository-id': { type: 'string', placeholder: 'ID', summary: 'That repository, as a number.' },
    environment: { type: 'string', placeholder: 'NAME', summary: 'GitHub environment it may push from.' },
    branch: {
      type: 'string',
      placeholder: 'NAME',
      summary: 'Branch that is built, and that may push. [the default branch]',
    },
    region: { type: 'string', placeholder: 'NAME', summary: 'AWS Region.' },
    account: { type: 'string', placeholder: 'ID', summary: 'AWS account. [GitHub variable AWS_ACCOUNT_ID]' },
    wait: { type: 'boolean', summary: 'The workflow waits for the outcome, and fails with it.' },
    notify: {
      type: 'string',
      multiple: true,
      placeholder: 'EMAIL',
      summary: 'Address that is told of outcomes and alarms; may be repeated.',
    },
    dockerfile: { type: 'string', placeholder: 'FILE', summary: 'Seen from --app. [Dockerfile]' },
    output: { type: 'string', placeholder: 'FILE', summary: 'Configuration to write. [rollouts.config.ts]' },
    add: { type: 'boolean', summary: 'Adds the service to those that the configuration lists.' },
    force: { type: 'boolean', summary: 'Overwrites files that differ.' },
    yes: { type: 'boolean', summary: 'Writes without asking; needed without a terminal.' },
  },
  document: 'none',
  run,
};

const CHECKOUT = join(import.meta.dirname, '..', '..');

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const app = folderOf(flags['app']);
  const folder = readFolder(app);
  const answers = await checkedAnswers(flags, folder, terminal);
  const plan = planOf(answers);
  const { drafts, notices: others } = await proposalOf(answers, plan, app, flags, terminal);
  const notices = [...noticesOf(plan, folder), ...others];
  show(drafts, notices, terminal);
  const changed = drafts.filter(({ old, text }) => old !== text);
  if (changed.length === 0) {
    const paths = drafts.map(({ path }) => shownPath(path));
    terminal.out.write(`Nothing to write: ${enumerated(paths)} say this already.\n`);
    return 0;
  }
  const isDoubtful = notices.some(({ isWarning }) => isWarning);
  if (!(await isAgreed(changed, flags, terminal, isDoubtful))) {
    terminal.out.write('Nothing was written.\n');
    return 1;
  }
  writeAll(changed);
  terminal.out.write(`${farewell(drafts, changed, plan).join('\n')}\n`);
  return 0;
}

function show(drafts: readonly Draft[], notices: readonly Notice[], { out, err }: Terminal): void {
  for (const { path, old, text } of drafts) out.write(unifiedDiff(shownPath(path), old, text));
  for (const line of noticeLines(notices)) err.write(`${line}\n`);
}

function folderOf(flag: Flags[string]): string {
  const app = String(flag ?? '.');
  if (existsSync(app) && statSync(app).isDirectory()) return app;
  throw new UsageError(`--app ${app}: there is no such folder; name the root of the application's repository`);
}

/** The answers of flags and of whoever is asked, which lack nothing and are what the configuration takes. */
async function checkedAnswers(flags: Flags, folder: Folder, terminal: Terminal): Promise<Answers> {
  const given = answersIn(flags);
  const { ask } = terminal;
  const known = ask ? given : withBranch(given, folder);
  refuseAny([...(ask ? [] : lackOf(given, flags)), ...complaints(known, folder.path)]);
  if (!ask) return known;
  const answers = await askForRest(given, folder, terminal, ask);
  refuseAny(complaints(answers, folder.path));
  return answers;
}

/** Where nobody can be asked the default branch is built, as far as Git knows it. */
function withBranch(given: Answers, { git }: Folder): Answers {
  const branch = given.branch ?? git?.defaultBranch;
  return branch === undefined ? given : { ...given, branch };
}

function answersIn({ app: _, output: __, force: ___, yes: ____, add: _____, ...answers }: Flags): Answers {
  return answers;
}

/** What nobody can be asked for; a run that lacks --yes alone goes on to show what it would write. */
function lackOf(given: Answers, flags: Flags): string[] {
  const flagsLacking = lacking(given);
  if (flagsLacking.length === 0) return [];
  const all = [...flagsLacking, ...(flags['yes'] ? [] : ['--yes'])];
  return [`not a terminal, so init cannot prompt: pass ${all.join(', ')}.`];
}

function complaints(answers: Answers, app: string): string[] {
  return complaintsAbout(answers, app).map(({ message }) => message);
}

function refuseAny(refusals: readonly string[]): void {
  if (refusals.length > 0) throw new UsageError([...refusals, 'Nothing was written.'].join('\n'));
}

/** What would be written, and what is to be said of the services that the configuration lists already. */
interface Proposal {
  readonly drafts: readonly Draft[];
  readonly notices: readonly Notice[];
}

async function proposalOf(
  answers: Answers,
  plan: Plan,
  app: string,
  flags: Flags,
  terminal: Terminal,
): Promise<Proposal> {
  const output = String(flags['output'] ?? 'rollouts.config.ts');
  const old = currentText(output);
  const others = old === undefined ? [] : await othersIn(output, plan, flags['add'] === true);
  const isAdded = flags['add'] === true || (await isKept(others, plan, flags, terminal, shownPath(output)));
  const typesFrom = typesSeenFrom(dirname(resolve(output)));
  const workflow = join(app, workflowPath(plan));
  const drafts = [
    await configurationDraft({ path: output, old }, { answers, plan, typesFrom, isAdded }),
    { path: workflow, text: workflowFile(plan), old: currentText(workflow) },
  ];
  return { drafts, notices: aboutOthers(shownPath(output), others, plan, isAdded) };
}

function aboutOthers(path: string, others: readonly string[], { service }: Plan, isAdded: boolean): Notice[] {
  if (others.length === 0) return [];
  const fate = isAdded
    ? ` already: ${service.serviceName} is written beside ${others.length === 1 ? 'it' : 'them'}, and nothing else changes there`
    : `, and what is written does not: --add keeps ${others.length === 1 ? 'it' : 'them'}`;
  return [note(`${path} lists ${enumerated(others)}${fate}.`)];
}

/** Whether a file that lists other services keeps them, where someone can be asked. */
async function isKept(
  others: readonly string[],
  { service: { serviceName } }: Plan,
  flags: Flags,
  { ask }: Terminal,
  path: string,
): Promise<boolean> {
  if (!ask || flags['yes'] || flags['force'] || others.length === 0) return false;
  const answer = await answered(ask, `${path} lists ${enumerated(others)}: add ${serviceName} to it? [y/N] `);
  return isYes(answer);
}

function noticeLines(notices: readonly Notice[]): string[] {
  if (notices.length === 0) return [];
  return [
    'Here is what I noticed:',
    ...notices.flatMap(({ isWarning, text }) => hangingLines('- ', `${isWarning ? 'warning: ' : ''}${text}`)),
  ];
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
  const differing = changed
    .filter(({ old, isAddition }) => old !== undefined && !isAddition)
    .map(({ path }) => shownPath(path));
  const mayOverwrite = flags['force'] === true || differing.length === 0;
  if (ask && !flags['yes']) {
    const deed = mayOverwrite ? 'Write this' : `Overwrite ${differing.join(' and ')}`;
    return isYes(await answered(ask, `${deed}${isDoubtful ? ' all the same' : ''}? [y/N] `));
  }
  if (!mayOverwrite) {
    throw new UsageError(
      `${differing.join(' and ')}: there already, and different; overwrite with --force, or keep the services that a configuration lists with --add; nothing was written`,
    );
  }
  if (!flags['yes']) throw new UsageError('not a terminal, so init cannot prompt: pass --yes; nothing was written');
  return true;
}

function farewell(drafts: readonly Draft[], written: readonly Draft[], plan: Plan): string[] {
  const output = drafts[0]!.path;
  // What is deployed is always this file.
  const isDeployed = resolve(output) === join(CHECKOUT, 'rollouts.config.ts');
  const lines = written.map(({ path }) => `Wrote ${shownPath(path)}.`);
  return [...lines, '', ...nextSteps(plan, isDeployed ? undefined : shownPath(output))];
}
