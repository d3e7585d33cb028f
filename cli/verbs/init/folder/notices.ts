import { enumerated } from '../../../terminal/layout.ts';
import type { Plan } from '../answers.ts';
import { aboutBuild } from './build-notices.ts';
import type { Folder } from './folder.ts';
import type { Git, GitHubRemote } from './git.ts';
import { note, warning, type Notice } from './notice.ts';
import { isStartedBy, type Workflow } from './workflows.ts';

/** What the folder says that bears on the plan, what would go wrong first. */
export function noticesOf(plan: Plan, folder: Folder): Notice[] {
  const all = [
    ...aboutBuild(plan, folder),
    ...aboutRepository(plan, folder),
    ...aboutBranch(plan, folder),
    ...aboutCurrent(plan, folder),
    ...folder.workflows.flatMap((workflow) => aboutWorkflow(workflow, plan)),
    ...aboutContainers(plan, folder),
    ...aboutDockerfiles(plan, folder),
    ...aboutCompose(plan, folder),
    ...aboutVariables(plan, folder),
  ];
  return [...all.filter(({ isWarning }) => isWarning), ...all.filter(({ isWarning }) => !isWarning)];
}

function aboutRepository(plan: Plan, { git, path }: Folder): Notice[] {
  if (!git) return [note('Git knows no repository here, so what GitHub will check out could not be compared.')];
  return [...aboutRoot(plan, git, path), ...aboutRemotes(plan, git)];
}

function aboutRoot({ dockerfile }: Plan, { below }: Git, path: string): Notice[] {
  if (below === '') return [];
  const where = `${path} is ${below.replace(/\/$/, '')} in its repository`;
  return [
    warning(
      `${where}, and GitHub runs workflows from the root alone: give --app the root, and --dockerfile ${below}${dockerfile}.`,
    ),
  ];
}

/** GitHub's names are the same in capitals and small letters. */
function aboutRemotes({ github: { repository } }: Plan, { remotes }: Git): Notice[] {
  if (remotes.length === 0) return [];
  const isNamed = (each: GitHubRemote): boolean => each.repository.toLowerCase() === repository.toLowerCase();
  const named = remotes.find(isNamed);
  if (!named)
    return [
      warning(`No remote is ${repository}, which alone may push images: Git knows ${enumerated(remotes.map(told))}.`),
    ];
  const others = remotes.filter((each) => !isNamed(each));
  if (others.length === 0 && named.remote === 'origin') return [];
  const beside = others.length === 0 ? '' : `, and not in ${enumerated(others.map(told))}`;
  return [note(`The workflow runs in ${named.repository}, the remote ${named.remote}${beside}.`)];
}

function told({ repository, remote }: GitHubRemote): string {
  return `${repository} (${remote})`;
}

function aboutBranch({ github: { branch } }: Plan, { git }: Folder): Notice[] {
  if (!git) return [];
  const { defaultBranch, branches } = git;
  const isDefault = branch === defaultBranch;
  if (!isDefault && !branches.has(branch)) {
    const other = defaultBranch === undefined ? '' : `; the default branch is ${defaultBranch}`;
    return [warning(`Git knows no branch ${branch} here, and only pushes to it are built${other}.`)];
  }
  if (isDefault) return branch === 'main' ? [] : [note(`The default branch is ${branch}: pushes to it are built.`)];
  return defaultBranch === undefined
    ? []
    : [note(`The default branch is ${defaultBranch}, and pushes to ${branch} are built.`)];
}

/** Of a push GitHub runs the workflows that the pushed commit holds. */
function aboutCurrent({ github: { branch } }: Plan, { git }: Folder): Notice[] {
  if (git?.current === undefined || git.current === branch) return [];
  const what = git.isWorktree ? 'This worktree' : 'The folder';
  return [note(`${what} is on the branch ${git.current}: the workflow runs once it has reached ${branch}.`)];
}

/** Two deployers take turns: each puts its own revision back. */
function aboutWorkflow(workflow: Workflow, { service, github: { branch } }: Plan): Notice[] {
  const { file, pushes, deploys } = workflow;
  if (!pushes && !deploys) return [];
  const deed = enumerated([...(pushes ? ['pushes images to ECR'] : []), ...(deploys ? ['deploys to ECS'] : [])]);
  const remedy = deploys
    ? 'remove it when the first rollout has succeeded, since two that deploy undo each other'
    : `remove it unless it pushes elsewhere, since whatever is pushed to ${service.repository} is rolled out`;
  const say = deploys && isStartedBy(workflow, branch) ? warning : note;
  return [say(`${file} ${deed}${occasionOf(workflow)}: ${remedy}.`)];
}

function occasionOf({ branches }: Workflow): string {
  if (branches.length === 0) return '';
  const [only, but] = [
    branches.filter((each) => !each.startsWith('!')),
    branches.filter((each) => each.startsWith('!')),
  ];
  const where = only.includes('**') ? ' on every push' : ` on pushes to ${enumerated(only)}`;
  return but.length === 0 ? where : `${where} but those to ${enumerated(but.map((each) => each.slice(1)))}`;
}

function aboutContainers({ service, adopts }: Plan, { taskDefinition }: Folder): Notice[] {
  if (!taskDefinition) return [];
  const { file } = taskDefinition;
  const names = taskDefinition.containers.map(({ name }) => name);
  const [container] = service.containers;
  if (!names.includes(container!))
    return adopts ? [warning(`${file} has no container ${container!}: it has ${enumerated(names)}.`)] : [];
  const others = names.filter((name) => name !== container);
  if (others.length === 0) return [];
  const kept = adopts
    ? `nothing changes for ${enumerated(others)}`
    : `a new service has no ${enumerated(others)}: --adopt takes a service that has`;
  return [note(`${file} has several containers: ${container!} takes the image, and ${kept}.`)];
}

function aboutDockerfiles({ dockerfile }: Plan, { dockerfiles }: Folder): Notice[] {
  const others = dockerfiles.filter((name) => name !== dockerfile);
  if (others.length === 0) return [];
  return [note(`${dockerfile} is built, and not ${enumerated(others)}: --dockerfile names another one.`)];
}

function aboutCompose({ adopts }: Plan, { compose }: Folder): Notice[] {
  if (!compose || adopts) return [];
  const { file, built, others } = compose;
  const [are, them] = others.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return [
    ...(built.length > 1
      ? [note(`${file} builds ${enumerated(built)}: each is a service of its own, added by another run with --add.`)]
      : []),
    ...(others.length > 0
      ? [
          note(
            `${file} also starts ${enumerated(others)}, which ${are} not created: tell the container where to find ${them}.`,
          ),
        ]
      : []),
  ];
}

function aboutVariables({ service: { provision } }: Plan, { variables }: Folder): Notice[] {
  if (!provision) return [];
  const { environment, secrets } = provision;
  const left = variables.filter(
    ({ name, kind }) => kind !== 'credentials' && !(name in environment || name in secrets),
  );
  const credentials = variables.filter(({ kind }) => kind === 'credentials');
  const flags = 'give a secret as --secret NAME=/path and anything else as --setting NAME=VALUE';
  const role = 'name a taskRole that may do what the container does';
  return [
    ...(left.length > 0 ? [note(`${naming(left)}, which the container does not get: ${flags}.`)] : []),
    ...(credentials.length > 0
      ? [note(`${naming(credentials)}, which a task on Fargate has no use for: ${role}.`)]
      : []),
  ];
}

/** Who names which variables. */
function naming(variables: Folder['variables']): string {
  const files = [...new Set(variables.map(({ from }) => from))];
  return `${enumerated(files)} ${files.length === 1 ? 'names' : 'name'} ${enumerated(variables.map(({ name }) => name))}`;
}
