import type { z } from 'zod';
import { fields, text } from './field.ts';

// Workspaces and channels of Slack begin with these letters; AWS takes 255 capital letters and digits.
// https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html

/** `notify.slack`: a Slack channel that is told what the topic of the service is told. */
export const slackSchema = fields({
  /**
   * Id of the Slack workspace, which someone has to authorize in the console of Amazon Q Developer in chat applications once for
   * the account. That console shows the id.
   */
  workspaceId: text(
    /^T[0-9A-Z]{1,254}$/,
    'the id of a Slack workspace',
    'write the "T…" that the console of Amazon Q Developer in chat applications shows',
  ),
  /**
   * Id of the channel. Several services may name the same one; in the account, no other stack and nobody by hand may have
   * configured it. To a private channel someone has to invite Amazon Q.
   */
  channelId: text(
    /^[CG][0-9A-Z]{1,254}$/,
    'the id of a Slack channel',
    'write the "C…" at the end of the link that Slack copies for the channel, not its name',
  ),
});

/** A Slack channel. */
export type SlackChannel = Readonly<z.output<typeof slackSchema>>;
