import { expect, it } from 'vitest';
import type { SlackWorkspace } from '../../../cli/account/slack-workspaces.ts';
import { checkSlack } from '../../../cli/verbs/doctor/check-slack.ts';
import { examine } from '../../../cli/verbs/doctor/examine.ts';
import { findingsOf } from '../../../cli/verbs/doctor/findings.ts';
import type { Finding } from '../../../cli/verbs/doctor/finding.ts';
import { cannedCell, type Answers } from './canned-cell.ts';

const slack = { workspaceId: 'T1', channelId: 'C1' };

it.each<[string, readonly SlackWorkspace[] | 'no service' | undefined, Finding['level'], RegExp]>([
  [
    'is authorized',
    [{ SlackTeamId: 'T1', State: 'ENABLED' }],
    'ok',
    /^The workspace T1 is authorized for the account\.$/,
  ],
  ['was never authorized', [], 'warning', /^Nobody has authorized the workspace T1 .* told nothing\.$/],
  ['is not the one that is', [{ SlackTeamId: 'T2' }], 'warning', /told nothing; authorized: T2\.$/],
  [
    'is disabled',
    [{ SlackTeamId: 'T1', State: 'DISABLED', StateReason: 'by policy' }],
    'warning',
    /^The workspace T1 is disabled \(by policy\)/,
  ],
  ['has no service in the partition', 'no service', 'warning', /commercial Regions only/],
])('says that the workspace %s', (_what, found, level, message) => {
  expect(checkSlack({ found }, slack)).toEqual([
    expect.objectContaining({ level, subject: 'Slack', message: expect.stringMatching(message) as string }),
  ]);
});

/** What the doctor says of Slack in an account that answers so. */
async function saidOfSlack(answers: Answers, stateMachineArn?: string): Promise<string[]> {
  const { cell, asked } = cannedCell(answers);
  const configured = { ...cell.configured!, notifySlack: slack };
  const examined = { ...cell, configured, stateMachineArn: stateMachineArn ?? cell.stateMachineArn };
  const findings = findingsOf(await examine(examined, 0), examined, 'r1', 0);
  const said = findings
    .filter(({ subject }) => subject === 'Slack')
    .map(({ level, message }) => `${level}: ${message}`);
  return [...said, ...[...asked].filter((action) => action.startsWith('chatbot:'))];
}

it('says so where nobody may look, or what is asked does not answer as AWS does', async () => {
  const asked = 'chatbot:DescribeSlackWorkspaces';
  expect(await saidOfSlack({})).toEqual([
    `unknown: Could not look: someone may not ${asked}: ask for that permission, or use another AWS_PROFILE.`,
    asked,
  ]);
  expect(await saidOfSlack({ [asked]: () => '<html>' })).toEqual([
    expect.stringMatching(/^unknown: Could not look: .*JSON/),
    asked,
  ]);
});

it('asks nobody where the partition has no such service', async () => {
  const stateMachineArn = 'arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:rollouts-web';
  expect(await saidOfSlack({}, stateMachineArn)).toEqual([expect.stringContaining('commercial Regions only')]);
});

it('asks nobody where no channel is configured', async () => {
  const { cell, asked } = cannedCell();
  await examine(cell, 0);
  expect([...asked].filter((action) => action.startsWith('chatbot:'))).toEqual([]);
});
