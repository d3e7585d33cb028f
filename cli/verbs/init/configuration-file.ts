import type { CheckedService } from '../../../configuration/configuration.ts';
import type { Plan } from './answers.ts';
import { inTypeScript as quoted } from './quote.ts';

/** One entry of `services`, from brace to brace; its lines but the first are indented as they are in a file. */
export function serviceEntry(plan: Plan): string {
  return ['{', ...entryBody(plan), '    }'].join('\n');
}

/** The configuration file; `typesFrom` is where it finds `configuration/configuration.ts`. */
export function configurationFile(plan: Plan, typesFrom: string): string {
  return [
    `import type { RolloutsConfiguration } from ${quoted(typesFrom)};`,
    '',
    '// Which ECS services follow which ECR repositories. Every field, its default',
    '// and its limits are described at RolloutsConfiguration.',
    '//',
    '//   npx rollouts rehearse    rehearses it, without an AWS account',
    '//   npx cdk deploy --all     puts it into yours',
    '',
    'export default {',
    '  services: [',
    `    ${serviceEntry(plan)},`,
    '  ],',
    '} satisfies RolloutsConfiguration;',
    '',
  ].join('\n');
}

function entryBody(plan: Plan): string[] {
  const members = [
    imageMembers(plan),
    serviceMembers(plan),
    githubMember(plan),
    provisionMembers(plan),
    otherMembers(plan),
  ];
  const body = members.filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines]);
  return body.slice(1).map((line) => (line === '' ? '' : `      ${line}`));
}

function imageMembers({ service }: Plan): string[] {
  return [
    '// The ECR repository that the workflow pushes to, and the container of',
    '// the task definition that takes the image.',
    `repository: ${quoted(service.repository)},`,
    `container: ${quoted(service.containers[0]!)},`,
    '',
    '// The workflow tags every image with the commit it was built from, so',
    '// any tag counts and the newest push wins.',
    "tag: { glob: '*' },",
  ];
}

function serviceMembers({ service, adopts }: Plan): string[] {
  const names = [`cluster: ${quoted(service.cluster)},`, `service: ${quoted(service.serviceName)},`];
  if (!adopts) return ['// The ECS service to create, and its cluster.', ...names];
  return [
    '// The ECS service to roll. Its task definition family is named like it,',
    `// its execution role "${service.executionRole}", unless these say otherwise.`,
    ...names,
    "// family: '…',",
    "// executionRole: '…',",
    "// taskRole: '…',",
  ];
}

function githubMember({ service, github }: Plan): string[] {
  const { repository, environment, branch } = github;
  const { ownerId, repositoryId } = service.github!;
  return [
    '// Who may push: this GitHub repository, from there only. With both ids',
    '// nobody gets in who registers a name that you gave up:',
    `//   gh api repos/${repository} --jq '.owner.id, .id'`,
    'github: {',
    `  repository: ${quoted(repository)},`,
    ...(environment === undefined ? [] : [`  environment: ${quoted(environment)},`]),
    `  branch: ${quoted(branch)},`,
    ...(service.github!.waits ? ['  waits: true, // the workflow reads how the rollout ends'] : []),
    ownerId === undefined ? "  // ownerId: '…'," : `  ownerId: ${quoted(ownerId)},`,
    repositoryId === undefined ? "  // repositoryId: '…'," : `  repositoryId: ${quoted(repositoryId)},`,
    '},',
  ];
}

function provisionMembers({ service, architecture }: Plan): string[] {
  const { provision } = service;
  if (!provision) return [];
  return [
    '// Creates the ECR repository: immutable tags, scanned on push.',
    'registry: {},',
    '',
    '// Creates network, task definition and service; the first push starts',
    '// the tasks. `network`, `loadBalancer` and `scaling` go here too.',
    'provision: {',
    `  port: ${provision.port},`,
    `  cpu: ${provision.cpu},`,
    `  memoryMiB: ${provision.memoryMiB},`,
    `  desiredCount: ${provision.desiredCount},`,
    ...(architecture === 'arm64' ? ["  architecture: 'arm64',"] : []),
    ...environmentMember(service).map((line) => `  ${line}`),
    ...secretMember(service).map((line) => `  ${line}`),
    '},',
  ];
}

function environmentMember({ provision }: CheckedService): string[] {
  const settings = Object.entries(provision!.environment);
  const about = '// Variables that anybody may read.';
  if (settings.length === 0) return [about, "// environment: { LOG_LEVEL: 'info' },"];
  return [about, 'environment: {', ...settings.map(([name, value]) => `  ${name}: ${quoted(value)},`), '},'];
}

function secretMember({ repository, provision }: CheckedService): string[] {
  const secrets = Object.entries(provision!.secrets).flatMap(([variable, source]) =>
    'parameter' in source ? [`  ${variable}: { parameter: ${quoted(source.parameter)} },`] : [],
  );
  const about = '// Variables that are read from SSM parameters when a task starts.';
  if (secrets.length > 0) return [about, 'secrets: {', ...secrets, '},'];
  return [
    about,
    '// secrets: {',
    `//   DATABASE_URL: { parameter: ${quoted(`/${repository}/database-url`)} },`,
    '// },',
  ];
}

function otherMembers({ service }: Plan): string[] {
  return [
    '// A rollout counts as proven once it stayed healthy this long.',
    `bakeTimeSeconds: ${service.bakeTimeSeconds},`,
    '',
    ...notifyMember(service),
  ];
}

function notifyMember({ notifyEmails: emails }: CheckedService): string[] {
  const about = '// Who is told of outcomes and alarms; AWS asks each address to confirm.';
  if (emails.length === 0) return [about, "// notify: { emails: ['you@example.com'] },"];
  return [about, 'notify: {', '  emails: [', ...emails.map((email) => `    ${quoted(email)},`), '  ],', '},'];
}
