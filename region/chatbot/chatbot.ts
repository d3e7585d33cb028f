import { NotModelled, operation, type Service } from '../service.ts';
import { newChatbotState, type Chatbot, type ChatbotPorts, type ChatbotState, type SlackChannel } from './model.ts';
import { SLACK_CHANNEL, slackChannelDeleter, slackChannelResource, slackChannelUpdater } from './slack-channels.ts';

/** Amazon Q Developer in chat applications, which its API still calls AWS Chatbot: Slack channels that follow topics. */
export interface ChatbotService extends Service {
  /** Authorizes a Slack workspace, as someone does in the console: no API does. */
  admitWorkspace(workspaceId: string, name?: string): void;
  /** The channels that are configured. */
  channels(): readonly SlackChannel[];
}

/** Creates it, without any workspace unless told. What is said in a channel, and done from there, is not modelled. */
export function createChatbot(ports: ChatbotPorts, state: ChatbotState = newChatbotState()): ChatbotService {
  const chatbot: Chatbot = { ...ports, state };
  return {
    id: 'chatbot',
    state,
    operations: {
      DescribeSlackWorkspaces: operation<DescribeSlackWorkspacesRequest, DescribeSlackWorkspacesResult>({
        permissions: () => [{ action: 'chatbot:DescribeSlackWorkspaces', resource: '*' }],
        apply: (request) => describeSlackWorkspaces(chatbot, request),
      }),
    },
    resources: { [SLACK_CHANNEL]: slackChannelResource(chatbot) },
    updaters: { [SLACK_CHANNEL]: slackChannelUpdater(chatbot) },
    deleters: { [SLACK_CHANNEL]: slackChannelDeleter(chatbot) },
    admitWorkspace: (workspaceId, name = 'Team') => void state.workspaces.set(workspaceId, name),
    channels: () => [...state.channels.values()],
  };
}

interface DescribeSlackWorkspacesRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

interface DescribeSlackWorkspacesResult {
  readonly SlackWorkspaces: readonly {
    readonly SlackTeamId: string;
    readonly SlackTeamName: string;
    readonly State: 'ENABLED';
  }[];
}

/** All on one page: an account has a handful. */
function describeSlackWorkspaces(
  { state }: Chatbot,
  { MaxResults, NextToken }: DescribeSlackWorkspacesRequest,
): DescribeSlackWorkspacesResult {
  if (MaxResults !== undefined || NextToken !== undefined) throw new NotModelled('DescribeSlackWorkspaces by pages');
  const SlackWorkspaces = [...state.workspaces].map(([SlackTeamId, SlackTeamName]) => ({
    SlackTeamId,
    SlackTeamName,
    State: 'ENABLED' as const,
  }));
  return { SlackWorkspaces };
}
