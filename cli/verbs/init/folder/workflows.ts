import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitsGlob } from '../../../../functions/rollout/glob.ts';
import { documentIn, elementsOf, membersOf, textOf } from './document.ts';

/** What a workflow of the application does that ours does, or undoes. */
export interface Workflow {
  /** Seen from the folder. */
  readonly file: string;
  /** It pushes images to ECR. */
  readonly pushes: boolean;
  /** It deploys to ECS. */
  readonly deploys: boolean;
  /** The branches whose pushes start it, in GitHub's patterns, `!` taking some away again; none: pushes do not. */
  readonly branches: readonly string[];
  /** Names of the build arguments that it passes. */
  readonly buildArguments: readonly string[];
  /** What it writes into an `.env` file: texts by their variables, as they stand in the workflow. */
  readonly envFile: ReadonlyMap<string, string>;
}

const FOLDER = '.github/workflows';
/** How a workflow begins that init wrote. */
const OURS = /^# Builds the image of \S+ and pushes it to ECR; the push starts the rollout\.$/m;

/** The workflows of the folder, but for those that init wrote; what is no YAML is passed over. */
export function readWorkflows(folder: string): Workflow[] {
  if (!existsSync(join(folder, FOLDER))) return [];
  return readdirSync(join(folder, FOLDER), { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
    .map(({ name }) => ({ file: `${FOLDER}/${name}`, text: readFileSync(join(folder, FOLDER, name), 'utf8') }))
    .filter(({ text }) => !OURS.test(text))
    .map(({ file, text }) => workflowIn(file, text, folder))
    .toSorted((one, other) => (one.file < other.file ? -1 : 1));
}

/** Whether a push to that branch starts it: the last pattern that fits decides. */
export function isStartedBy({ branches }: Workflow, branch: string): boolean {
  const last = branches.findLast((pattern) => fitsGlob(branch, pattern.replace(/^!/, '').replaceAll('**', '*')));
  return last !== undefined && !last.startsWith('!');
}

function workflowIn(file: string, text: string, folder: string): Workflow {
  const document = membersOf(documentIn(text));
  const jobs = jobsOf(document, folder);
  const steps = jobs.flat();
  return {
    file,
    pushes: jobs.some((job) => job.some(logsInToEcr) && job.some(pushesImages)),
    deploys: steps.some(deploysToEcs),
    branches: branchesOf(document['on']),
    buildArguments: [...new Set(steps.flatMap(argumentsOf))],
    envFile: new Map(steps.flatMap(envFileOf)),
  };
}

interface Step {
  readonly uses: string;
  /** The script, its comments taken away and its continued lines joined. */
  readonly run: string;
  readonly with: Readonly<Record<string, unknown>>;
}

/** How deep workflows and composite actions may call one another here. */
const DEPTH_MAX = 3;

/** The steps of each job, those of the repository's own workflows in place of the job that calls them. */
function jobsOf(document: Readonly<Record<string, unknown>>, folder: string, depth = 0): Step[][] {
  return Object.values(membersOf(document['jobs'])).flatMap((job) => {
    const { uses, steps } = membersOf(job);
    const file = textOf(uses);
    const own = depth < DEPTH_MAX && file.startsWith('./') ? textAt(join(folder, file)) : undefined;
    return own === undefined ? [stepsOf(steps, folder)] : jobsOf(membersOf(documentIn(own)), folder, depth + 1);
  });
}

/** The steps, those of the repository's own composite actions in place of their call. */
function stepsOf(raw: unknown, folder: string, depth = 0): Step[] {
  return elementsOf(raw).flatMap((each) => {
    const step = membersOf(each);
    const uses = textOf(step['uses']);
    const own = depth < DEPTH_MAX && uses.startsWith('./') ? actionAt(join(folder, uses)) : undefined;
    if (own !== undefined) return stepsOf(membersOf(membersOf(documentIn(own))['runs'])['steps'], folder, depth + 1);
    const run = textOf(step['run'])
      .replace(/(^|\s)#.*$/gm, '$1')
      .replace(/\\\r?\n/g, ' ');
    return [{ uses, run, with: membersOf(step['with']) }];
  });
}

function actionAt(folder: string): string | undefined {
  return textAt(join(folder, 'action.yml')) ?? textAt(join(folder, 'action.yaml'));
}

function textAt(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function logsInToEcr({ uses, run, with: given }: Step): boolean {
  return (
    (uses.startsWith('aws-actions/amazon-ecr-login@') && given['registry-type'] !== 'public') ||
    (uses.startsWith('docker/login-action@') && /\.dkr\.ecr\.|\becr\b/i.test(textOf(given['registry']))) ||
    /\baws\s+ecr\s+get-login|\.dkr\.ecr\./.test(run)
  );
}

function pushesImages({ uses, run, with: given }: Step): boolean {
  return (
    (/^docker\/(build-push|bake)-action@/.test(uses) && /^(true|\$\{\{.*)$/s.test(textOf(given['push']))) ||
    /\b(docker|podman|buildah)\s+(image\s+|compose\s+)?push\b/.test(run) ||
    /\bdocker\s+(buildx\s+)?(build|bake)\b.*\s--push\b/.test(run)
  );
}

const DEPLOYING_ACTION = /^aws-actions\/amazon-ecs-deploy-(task-definition|express-service)@/;
const DEPLOYING_COMMAND =
  /\baws\s+ecs\s+(update|create)-service\b|\baws\s+ecs\s+deploy\b|\becspresso\s+deploy\b|\becs-deploy\s|\bcopilot\s+(svc\s+)?deploy\b/;

function deploysToEcs({ uses, run }: Step): boolean {
  return DEPLOYING_ACTION.test(uses) || DEPLOYING_COMMAND.test(run);
}

/** GitHub: without a filter of branches every push counts, with one of tags alone none of a branch. */
function branchesOf(on: unknown): string[] {
  if (on === 'push' || elementsOf(on).includes('push')) return ['**'];
  const events = membersOf(on);
  if (!('push' in events)) return [];
  const filters = membersOf(events['push']);
  const [only, but] = [filters['branches'], filters['branches-ignore']];
  if (only !== undefined) return [only].flat().map(textOf);
  if (but !== undefined) return ['**', ...[but].flat().map((pattern) => `!${textOf(pattern)}`)];
  return filters['tags'] === undefined && filters['tags-ignore'] === undefined ? ['**'] : [];
}

function argumentsOf({ run, with: given }: Step): string[] {
  const flags = [...run.matchAll(/--build-arg[= ]+["']?(\w+)/g)].map(([, name]) => name!);
  const inputs = [...textOf(given['build-args']).matchAll(/^\s*(\w+)=/gm)].map(([, name]) => name!);
  return [...flags, ...inputs];
}

/** `envkey_NAME: value` of https://github.com/SpicyPizza/create-envfile, and `echo "NAME=value" >> .env`. */
function envFileOf({ uses, run, with: given }: Step): (readonly [string, string])[] {
  const inputs = /^SpicyPizza\/create-envfile@/i.test(uses) ? Object.entries(given) : [];
  const keyed = inputs.flatMap(([input, value]) => {
    const name = /^envkey_(\w+)$/.exec(input)?.[1];
    return name === undefined ? [] : [[name, textOf(value)] as const];
  });
  const echoed = [...run.matchAll(/\becho\s+(["']?)([A-Za-z_]\w*)=(.*?)\1\s*>>?\s*(?:\S*\/)?\.env\s*$/gm)];
  return [...keyed, ...echoed.map(([, , name, text]) => [name!, text!] as const)];
}
