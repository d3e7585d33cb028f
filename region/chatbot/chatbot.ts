import type { Service } from '../service.ts';
import { newChatbotState, type ChatbotPorts, type ChatbotState, type SlackChannel } from './model.ts';
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
  const chatbot = { ...ports, state };
  return {
    id: 'chatbot',
    state,
    operations: {},
    resources: { [SLACK_CHANNEL]: slackChannelResource(chatbot) },
    updaters: { [SLACK_CHANNEL]: slackChannelUpdater(chatbot) },
    deleters: { [SLACK_CHANNEL]: slackChannelDeleter(chatbot) },
    admitWorkspace: (workspaceId, name = 'Team') => void state.workspaces.set(workspaceId, name),
    channels: () => [...state.channels.values()],
  };
}
