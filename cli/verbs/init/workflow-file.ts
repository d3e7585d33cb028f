import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateMachineName } from '../../../configuration/names.ts';
import type { Plan } from './answers.ts';
import { fillTemplate } from './fill-template.ts';
import { partitionOf } from './partition.ts';
import { inYaml } from './quote.ts';

/** Where the workflow is, seen from the application's folder; each service of a repository has its own. */
export function workflowPath({ service }: Plan): string {
  return `.github/workflows/push-${service.name}.yml`;
}

/** The workflow that builds the image of a commit once and pushes it under the commit's name: templates/push.yml, filled. */
export function workflowFile({ service, github, region, account, dockerfile, architecture }: Plan): string {
  const isArm = architecture === 'arm64';
  const { waits, roleName } = service.github!;
  const arn = (of: 'iam' | 'states', resource: string): string =>
    `arn:${partitionOf(region)}:${of}:${of === 'iam' ? '' : region}:${account ?? '${{ vars.AWS_ACCOUNT_ID }}'}:${resource}`;
  return fillTemplate(template('push.yml'), {
    texts: {
      SERVICE: service.serviceName,
      BRANCH: inYaml(github.branch),
      BRANCH_NAME: github.branch,
      RUNNER: isArm ? 'ubuntu-24.04-arm' : 'ubuntu-24.04',
      TIMEOUT_MINUTES: waits ? '60' : '30',
      ENVIRONMENT: inYaml(github.environment ?? ''),
      ROLE_ARN: arn('iam', `role/${roleName}`),
      REGION: region,
      REPOSITORY: inYaml(service.repository),
      REPOSITORY_NAME: service.repository,
      DOCKERFILE: inYaml(dockerfile),
      PLATFORM: isArm ? 'linux/arm64' : 'linux/amd64',
      MACHINE_ARN: arn('states', `stateMachine:${stateMachineName(service.name)}`),
      LOOK_UP_SCRIPT: script('look-up.sh'),
      REPORT_SCRIPT: script('report.sh'),
      WAIT_SCRIPT: script('wait.sh'),
    },
    parts: { environment: github.environment !== undefined, 'account-unknown': account === undefined, wait: waits },
  });
}

function template(file: string): string {
  return readFileSync(join(import.meta.dirname, 'templates', file), 'utf8');
}

/** A script without what it says of itself at its head, as a step runs it. */
function script(file: string): string {
  return template(file)
    .replace(/^(?:#.*\n)+/, '')
    .trimEnd();
}
