import * as z from 'zod';
import { partitionOf } from '../partition.ts';
import { readProperties } from '../properties.ts';
import { Fault, NotModelled, type ResourceCreator, type ResourceDeleter, type ResourceUpdater } from '../service.ts';
import type { Chatbot, SlackChannel } from './model.ts';

/** The type of the one resource. */
export const SLACK_CHANNEL = 'AWS::Chatbot::SlackChannelConfiguration';

/** What is subscribed to the topics of every channel, whatever the Region: the service's own subscription. */
const ENDPOINT = 'https://global.sns-api.chatbot.amazonaws.com';

const policyArn = z.string().regex(/^arn:aws:iam::(?:aws|\d{12}):policy\/[\w+=,.@/-]+$/);

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html and
 * https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
 */
const schema = z.strictObject({
  ConfigurationName: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  SlackWorkspaceId: z.string().regex(/^[0-9A-Z]{1,255}$/),
  SlackChannelId: z.string().regex(/^[A-Za-z0-9]{1,255}$/),
  IamRoleArn: z.string().regex(/^arn:aws:iam::\d{12}:role\/\S+$/),
  SnsTopicArns: z.array(z.string().regex(/^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/)).default([]),
  // Without any the channel may do whatever its role may: AdministratorAccess is AWS's default.
  GuardrailPolicies: z.array(policyArn).min(1).default(['arn:aws:iam::aws:policy/AdministratorAccess']),
  LoggingLevel: z.enum(['ERROR', 'INFO', 'NONE']).optional(),
  UserRoleRequired: z.boolean().optional(),
});

type Properties = z.output<typeof schema>;

/** Creates a Slack channel's configuration; `Ref` is its ARN. */
export function slackChannelResource(chatbot: Chatbot): ResourceCreator {
  const { account, region, state } = chatbot;
  return (_logicalId, properties) => {
    if (partitionOf(region) !== 'aws') throw new NotModelled(`${SLACK_CHANNEL} outside the partition aws`);
    const read = readProperties(schema, SLACK_CHANNEL, properties);
    const arn = `arn:aws:chatbot::${account}:chat-configuration/slack-channel/${read.ConfigurationName}`;
    if (state.channels.has(arn)) {
      const problem = `The chat configuration with the name ${read.ConfigurationName} already exists.`;
      throw new Fault('ConflictException', `${problem} Retry with a unique configuration name.`, 409);
    }
    follow(chatbot, arn, read);
    return { ref: arn, attributes: { Arn: arn } };
  };
}

/** A configuration changes in place but for its name and its workspace. */
export function slackChannelUpdater(chatbot: Chatbot): ResourceUpdater {
  const { ConfigurationName: _name, SlackWorkspaceId: _workspace, ...changeable } = schema.shape;
  return {
    changeable: Object.keys(changeable),
    replacing: ['ConfigurationName', 'SlackWorkspaceId'],
    update: ({ current, after }) => {
      follow(chatbot, current.ref, readProperties(schema, SLACK_CHANNEL, after));
      return current;
    },
  };
}

/** Deletes a configuration, and the subscriptions that no other channel needs. */
export function slackChannelDeleter(chatbot: Chatbot): ResourceDeleter {
  const { channels } = chatbot.state;
  return ({ current }) => {
    const former = channels.get(current.ref);
    channels.delete(current.ref);
    leave(chatbot, former?.topicArns ?? []);
  };
}

/** Sets what a channel follows, once it has been checked. */
function follow(chatbot: Chatbot, arn: string, read: Properties): void {
  const { state, assumeRole, subscribeConfirmed } = chatbot;
  refuseUnauthorized(chatbot, read);
  refuseTwice(chatbot, arn, read);
  assumeRole(read.IamRoleArn, { principal: 'chatbot.amazonaws.com' });
  for (const topicArn of read.SnsTopicArns) subscribeConfirmed(topicArn, ENDPOINT);
  const former = state.channels.get(arn);
  state.channels.set(arn, {
    workspaceId: read.SlackWorkspaceId,
    channelId: read.SlackChannelId,
    topicArns: read.SnsTopicArns,
    guardrailPolicyArns: read.GuardrailPolicies,
    roleArn: read.IamRoleArn,
  } satisfies SlackChannel);
  leave(chatbot, former?.topicArns ?? []);
}

/** "You must perform the initial authorization flow with Slack in the console"; AWS publishes no text of the refusal. */
function refuseUnauthorized({ account, state }: Chatbot, { SlackWorkspaceId: id }: Properties): void {
  if (state.workspaces.has(id)) return;
  throw new Fault('InvalidRequestException', `Slack workspace ${id} is not authorized for AWS account ${account}.`);
}

/** One configuration of a channel in an account, whatever the Region; the text is AWS's. */
function refuseTwice({ account, state }: Chatbot, arn: string, read: Properties): void {
  const { SlackChannelId: channelId, SlackWorkspaceId: workspaceId } = read;
  const twin = [...state.channels].find(
    ([other, channel]) => other !== arn && channel.channelId === channelId && channel.workspaceId === workspaceId,
  );
  if (!twin) return;
  const message = `Slack channel with ID ${channelId} in Slack team ${workspaceId} has already been configured for AWS account ${account}.`;
  throw new Fault('InvalidRequestException', message);
}

/** Ends the subscriptions to topics that no channel follows any more: a topic has one for all channels. */
function leave({ state, unsubscribe }: Chatbot, topicArns: readonly string[]): void {
  const followed = new Set([...state.channels.values()].flatMap((channel) => channel.topicArns));
  for (const topicArn of topicArns) if (!followed.has(topicArn)) unsubscribe(topicArn, ENDPOINT);
}
