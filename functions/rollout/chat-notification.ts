import { chatCommand, chatText } from './chat-text.ts';

/** What is said to a chat channel. */
interface ChatNotification {
  /** Unlike that of any other message. */
  readonly id: string;
  readonly rolloutId: string;
  readonly service: string;
  /** The outcome, or that it has started. */
  readonly word: string;
  readonly lead: string;
  /** Lines that are fit for a chat client. */
  readonly description: readonly string[];
  readonly nextCommand: string;
  /** ARNs. */
  readonly relatedResources: readonly string[];
  readonly additionalContext: Readonly<Record<string, string>>;
}

/**
 * "Custom notifications using Amazon Q Developer in chat applications" (administrator guide): anything else a channel refuses as
 * "Event received is not supported". The rollout is the thread, so that whatever is said of it stands together.
 */
export function chatNotification({ id, rolloutId, service, word, ...said }: ChatNotification): object {
  return {
    version: '1.0',
    source: 'custom',
    id,
    content: {
      textType: 'client-markdown',
      title: chatText(`${word}: ${service}`, 250),
      description: said.description.join('\n'),
      nextSteps: [`Run ${chatCommand(said.nextCommand)}`],
      keywords: [word, service],
    },
    metadata: {
      threadId: rolloutId,
      summary: chatText(said.lead, 250),
      eventType: 'Rollout State Change',
      relatedResources: said.relatedResources,
      additionalContext: said.additionalContext,
    },
  };
}
