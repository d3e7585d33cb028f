import { plainText } from '../../../functions/rollout/identifiers.ts';
import type { SlackChannel } from '../../../configuration/slack.ts';
import type { SlackWorkspace } from '../../account/slack-workspaces.ts';
import { judge, ok, warning, type Finding, type Looked } from './finding.ts';

const SUBJECT = 'Slack';

/** Whether someone has authorized the workspace of the channel that is configured: no API does, and without it no channel is told. */
export function checkSlack(
  looked: Looked<readonly SlackWorkspace[] | 'no service'>,
  { workspaceId }: SlackChannel,
): Finding[] {
  return judge(SUBJECT, looked, (found) => {
    if (found === 'no service') return [NO_SERVICE];
    const workspace = found?.find(({ SlackTeamId }) => SlackTeamId === workspaceId);
    if (!workspace) return [unauthorized(workspaceId, found ?? [])];
    if (workspace.State === 'DISABLED') return [disabled(workspaceId, workspace)];
    return [ok(SUBJECT, `The workspace ${workspaceId} is authorized for the account.`)];
  });
}

const NO_SERVICE = warning(
  SUBJECT,
  'Amazon Q Developer in chat applications is in commercial Regions only: Slack is told nothing, and its stack cannot be deployed.',
  'remove slack from notify',
);

function unauthorized(workspaceId: string, others: readonly SlackWorkspace[]): Finding {
  const ids = others.map(({ SlackTeamId = '' }) => plainText(SlackTeamId)).join(', ');
  const instead = ids === '' ? '' : `; authorized: ${ids}`;
  return warning(
    SUBJECT,
    `Nobody has authorized the workspace ${workspaceId} for the account, so its channels are told nothing${instead}.`,
    'choose "Configure new client" and Slack once at https://console.aws.amazon.com/chatbot/, then deploy',
  );
}

function disabled(workspaceId: string, { StateReason }: SlackWorkspace): Finding {
  const why = StateReason === undefined ? '' : ` (${plainText(StateReason)})`;
  return warning(
    SUBJECT,
    `The workspace ${workspaceId} is disabled${why}, so its channels are told nothing.`,
    'ask those who manage the chat applications policies of your organization',
  );
}
