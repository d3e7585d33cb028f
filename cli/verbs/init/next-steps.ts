import { COLUMNS } from '../../terminal/layout.ts';
import { parametersRead } from '../../../configuration/secrets-read.ts';
import type { Plan } from './answers.ts';

/** What is left to do once the files are written, in order; `elsewhere` is the configuration if it is not the one that is deployed. */
export function nextSteps(plan: Plan, elsewhere: string | undefined): string[] {
  const { account, github, adopts, service } = plan;
  return [
    'Next:',
    `  npx rollouts rehearse${elsewhere === undefined ? '' : ` --config ${elsewhere}`}`,
    '  npx cdk bootstrap       (once per account and Region)',
    `  npx cdk deploy --all${elsewhere === undefined ? '' : '    (reads rollouts.config.ts: put it there)'}`,
    ...(service.notifyEmails.length > 0 ? ['  Confirm the mail from AWS to each address that is notified.'] : []),
    ...parametersRead(service.provision).flatMap(creation),
    ...(github.environment === undefined ? [] : [`  On GitHub: protect the environment ${github.environment}.`]),
    ...(account === undefined ? ['  On GitHub: set the variable AWS_ACCOUNT_ID.'] : []),
    ...(adopts ? ['  Name family and roles if they differ: docs/adopting.md.'] : []),
    '  Commit the workflow and push.',
  ];
}

/** Without its parameter the container of the first push does not start. */
function creation(parameter: string): string[] {
  const words = ['  aws ssm put-parameter --type SecureString', `--name ${parameter}`, '--value …'];
  const line = words.join(' ');
  return line.length <= COLUMNS ? [line] : [`${words[0]} \\`, `    ${words[1]} \\`, `    ${words[2]}`];
}
