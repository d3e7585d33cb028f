import { z } from 'zod';
import { readRepository } from '../../functions/aws/registry.ts';
import type { TagPolicy } from '../../functions/rollout/config.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { describeService, describeTaskDefinition } from '../account/running-service.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { wrapped } from '../terminal/layout.ts';

const instructionsSchema = serviceDocument({
  repositoryUri: z.string().describe('As ECR says it.'),
  platform: z.enum(['linux/amd64', 'linux/arm64']).describe("What the service's tasks run on."),
  commands: list(z.string()).describe('Log in, build, tag, push: for a POSIX shell.'),
});
type InstructionsDocument = z.infer<typeof instructionsSchema>;

/** `rollouts push-instructions`: how to push an image by hand. */
export const pushInstructions = cellVerb({
  name: 'push-instructions',
  summary: "Prints the commands that push an image by hand, with this account's, region's and repository's names.",
  options: {},
  schema: instructionsSchema,
  ask: () => ({}),
  async runIn(cell) {
    const { clients, config, region } = cell;
    const [{ repositoryUri }, platform] = await Promise.all([readRepository(clients.ecr, config), platformOf(cell)]);
    const commands = pushCommands(repositoryUri, platform, tagFor(config.tagPolicy), region);
    const document = { schema: 1, service: config.service, repositoryUri, platform, commands } as const;
    return { document, lines: told(commands, repositoryUri, cell), exitCode: 0 };
  },
});

/** The four commands: login, build, tag, push. */
export function pushCommands(uri: string, platform: string, tag: string, region: string): string[] {
  const [host = '', name = uri] = [uri.slice(0, uri.indexOf('/')), uri.slice(uri.indexOf('/') + 1)];
  return [
    `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${host}`,
    `docker build --platform ${platform} -t ${name} .`,
    `docker tag ${name}:latest ${uri}:${tag}`,
    `docker push ${uri}:${tag}`,
  ];
}

/** Lines that a shell takes as they are; long ones go on behind a backslash. */
function told(commands: readonly string[], uri: string, { config }: DeployedCell): string[] {
  const folded = commands.flatMap((command) =>
    command
      .replace(' | ', ' \\\n  | ')
      .replace(' --password-stdin ', ' --password-stdin \\\n    ')
      .replace(` ${uri}`, ` \\\n  ${uri}`)
      .split('\n'),
  );
  return [
    'In the directory of the Dockerfile, once per image:',
    '',
    ...folded,
    '',
    ...wrapped(`Pushes of ${policyText(config.tagPolicy)} roll ${config.service}; see: rollouts watch`),
  ];
}

/** A tag that the policy selects; what only the pusher knows is left to the shell. */
export function tagFor(policy: TagPolicy): string {
  switch (policy.kind) {
    case 'exact':
      return policy.tag;
    case 'glob':
      return policy.pattern.replaceAll('*', '"$(git rev-parse --short HEAD)"');
    case 'semver':
      return '"${VERSION:?set VERSION to the next version}"';
  }
}

function policyText(policy: TagPolicy): string {
  switch (policy.kind) {
    case 'exact':
      return `the tag ${policy.tag}`;
    case 'glob':
      return `tags like ${policy.pattern}`;
    case 'semver':
      return `versions in ${policy.range}`;
  }
}

/** What the service's tasks run on: a machine of another kind would build an image that they cannot start. */
async function platformOf(cell: DeployedCell): Promise<InstructionsDocument['platform']> {
  const service = await describeService(cell);
  const described = service?.taskDefinition && (await describeTaskDefinition(cell, service.taskDefinition));
  const runtime = described ? (described.taskDefinition['runtimePlatform'] as { cpuArchitecture?: string }) : undefined;
  const isArm = runtime ? runtime.cpuArchitecture === 'ARM64' : cell.architecture === 'arm64';
  return isArm ? 'linux/arm64' : 'linux/amd64';
}
