import type { AssemblyStack } from './cloud-assembly.ts';

/** The Slack workspaces that a cloud assembly names: someone authorizes each by hand, no stack does. */
export function outsideWorkspaces(stacks: readonly AssemblyStack[]): string[] {
  const channels = stacks.flatMap(({ template }) =>
    Object.values(template.Resources ?? {}).filter(({ Type }) => Type === 'AWS::Chatbot::SlackChannelConfiguration'),
  );
  const named = channels.map(({ Properties }) => Properties?.['SlackWorkspaceId']);
  return [...new Set(named.filter((id) => typeof id === 'string'))];
}
