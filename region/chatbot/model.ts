import type { RegionContext } from '../service.ts';

/** What Amazon Q Developer in chat applications needs of the region. */
export interface ChatbotPorts extends RegionContext {
  /** Throws `Fault` where there is no such role, or it doesn't trust that service. */
  readonly assumeRole: (roleArn: string, service: { readonly principal: string }) => void;
  /** Subscribes an endpoint that confirms by itself; throws `Fault` where there is no such topic. */
  readonly subscribeConfirmed: (topicArn: string, endpoint: string) => void;
  /** Ends the endpoint's subscription, if there is one. */
  readonly unsubscribe: (topicArn: string, endpoint: string) => void;
}

/** A Slack channel, and what is told there. */
export interface SlackChannel {
  readonly workspaceId: string;
  readonly channelId: string;
  readonly topicArns: readonly string[];
  readonly guardrailPolicyArns: readonly string[];
  readonly roleArn: string;
}

/** What Amazon Q Developer in chat applications knows. */
export interface ChatbotState {
  /** Names of the Slack workspaces that someone has authorized in the console, by their ids. */
  readonly workspaces: Map<string, string>;
  /** By the ARN of the configuration. */
  readonly channels: Map<string, SlackChannel>;
}

export interface Chatbot extends ChatbotPorts {
  readonly state: ChatbotState;
}

/** No workspace. */
export function newChatbotState(): ChatbotState {
  return { workspaces: new Map(), channels: new Map() };
}
