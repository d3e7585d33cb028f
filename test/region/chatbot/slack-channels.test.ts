import { beforeEach, describe, expect, it } from 'vitest';
import type { TemplateResource } from '../../../region/cloudformation/template.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import { operator } from '../wire/endpoint.ts';

const WORKSPACE = 'T0123ABCD';
const TYPE = 'AWS::Chatbot::SlackChannelConfiguration';
const ENDPOINT = 'https://global.sns-api.chatbot.amazonaws.com';

let region: Region;
beforeEach(() => {
  region = createRegion();
  region.chatbot.admitWorkspace(WORKSPACE);
});

type Resources = Readonly<Record<string, TemplateResource>>;

const topic: TemplateResource = { Type: 'AWS::SNS::Topic', Properties: {} };
const trusting = (Service: string): TemplateResource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
    },
  },
});
const channel = (properties: object = {}): TemplateResource => ({
  Type: TYPE,
  Properties: {
    ConfigurationName: 'deployments',
    SlackWorkspaceId: WORKSPACE,
    SlackChannelId: 'C0123ABCD',
    IamRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    SnsTopicArns: [{ Ref: 'Topic' }],
    ...properties,
  },
});
const together = (resources: Resources): Resources => ({
  Topic: topic,
  Role: trusting('chatbot.amazonaws.com'),
  ...resources,
});
const deploy = (resources: Resources, name = 'Chat') =>
  region.deployStack({ name, template: { Resources: together(resources) }, assets: new Map() });
const refusalOf = (resources: Resources, name?: string): Promise<string> =>
  deploy(resources, name).then(
    () => 'deployed',
    (error: unknown) => String(error),
  );

/** The subscriptions of all topics, in order. */
const subscriptions = async (): Promise<string[]> => {
  const { Subscriptions = [] } = await region.call<{ Subscriptions?: { Endpoint: string; SubscriptionArn: string }[] }>(
    operator,
    'sns',
    'ListSubscriptions',
    {},
  );
  return Subscriptions.map(({ Endpoint, SubscriptionArn }) =>
    SubscriptionArn.startsWith('arn:') ? Endpoint : `${Endpoint} (${SubscriptionArn})`,
  );
};

describe('a Slack channel', () => {
  it('follows its topics, by a subscription that confirms itself', async () => {
    const heard: string[] = [];
    region.sns.onPublished((_topic, _message, deliveries) => heard.push(...deliveries.map(({ body }) => body)));
    await deploy({ Channel: channel() });
    const [TopicArn] = region.chatbot.channels().flatMap(({ topicArns }) => topicArns);
    await region.call(operator, 'sns', 'Publish', { TopicArn, Message: 'x' });
    expect(await subscriptions()).toEqual([ENDPOINT]);
    expect(heard.map((body) => (JSON.parse(body) as { Message: string }).Message)).toEqual(['x']);
  });

  it('may do whatever its role may unless guardrails say otherwise', async () => {
    await deploy({ Channel: channel() });
    expect(region.chatbot.channels()).toMatchObject([
      { guardrailPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    ]);
  });

  it('changes in place, and leaves the topics that no other channel follows', async () => {
    await deploy({ Other: topic, Channel: channel({ SnsTopicArns: [{ Ref: 'Topic' }, { Ref: 'Other' }] }) });
    expect(await subscriptions()).toEqual([ENDPOINT, ENDPOINT]);
    await deploy({ Other: topic, Channel: channel({ SnsTopicArns: [{ Ref: 'Other' }], SlackChannelId: 'C9' }) });
    expect(region.chatbot.channels()).toMatchObject([{ channelId: 'C9' }]);
    expect(await subscriptions()).toEqual([ENDPOINT]);
  });

  it('leaves a topic that another channel follows with its subscription, until that is deleted, too', async () => {
    const other = channel({ ConfigurationName: 'other', SlackChannelId: 'C9' });
    await deploy({ Channel: channel(), Other: other });
    await deploy({ Channel: channel() });
    expect(await subscriptions()).toEqual([ENDPOINT]);
    await deploy({});
    expect(region.chatbot.channels()).toEqual([]);
    expect(await subscriptions()).toEqual([]);
  });
});

describe('DescribeSlackWorkspaces', () => {
  it('lists the workspaces that someone has authorized', async () => {
    region.chatbot.admitWorkspace('T9', 'Others');
    expect(await region.call(operator, 'chatbot', 'DescribeSlackWorkspaces', {})).toEqual({
      SlackWorkspaces: [
        { SlackTeamId: WORKSPACE, SlackTeamName: 'Team', State: 'ENABLED' },
        { SlackTeamId: 'T9', SlackTeamName: 'Others', State: 'ENABLED' },
      ],
    });
  });

  it.each([
    [{ MaxResults: 0 }, "'maxResults' failed to satisfy constraint"],
    [{ MaxResults: 5 }, 'by pages is not modelled'],
  ])('refuses %o', async (input, message) => {
    await expect(region.call(operator, 'chatbot', 'DescribeSlackWorkspaces', input)).rejects.toThrow(message);
  });

  it('asks for its permission', () => {
    const { permissions } = region.services.get('chatbot')!.operations['DescribeSlackWorkspaces']!;
    expect(permissions({} as never, operator)).toEqual([{ action: 'chatbot:DescribeSlackWorkspaces', resource: '*' }]);
  });
});

describe('a Slack channel is refused when', () => {
  it('nobody has authorized its workspace', async () => {
    expect(await refusalOf({ Channel: channel({ SlackWorkspaceId: 'T9' }) })).toContain(
      'Slack workspace T9 is not authorized for AWS account 123456789012.',
    );
  });

  it('it has a configuration already', async () => {
    await deploy({ Channel: channel() });
    expect(await refusalOf({ Channel: channel({ ConfigurationName: 'other' }) }, 'Another')).toContain(
      `Slack channel with ID C0123ABCD in Slack team ${WORKSPACE} has already been configured for AWS account 123456789012.`,
    );
  });

  it('another channel has the name of its configuration', async () => {
    await deploy({ Channel: channel() });
    expect(await refusalOf({ Channel: channel({ SlackChannelId: 'C9' }) }, 'Another')).toContain(
      'The chat configuration with the name deployments already exists.',
    );
  });

  it('its role does not trust the service', async () => {
    expect(await refusalOf({ Channel: channel(), Role: trusting('lambda.amazonaws.com') })).toContain(
      'chatbot.amazonaws.com (for ) is not authorized to perform: sts:AssumeRole',
    );
  });

  it('there is no such topic', async () => {
    const SnsTopicArns = ['arn:aws:sns:us-east-1:123456789012:gone'];
    expect(await refusalOf({ Channel: channel({ SnsTopicArns }) })).toContain('Topic does not exist');
  });

  it.each([
    ['SlackWorkspaceId', 't0123'],
    ['SlackChannelId', '#deployments'],
    ['ConfigurationName', 'two words'],
  ])('its %s is %s', async (name, value) => {
    expect(await refusalOf({ Channel: channel({ [name]: value }) })).toContain(`with this ${name}`);
  });

  it('the partition has no such service', async () => {
    region = createRegion({ region: 'us-gov-west-1' });
    region.chatbot.admitWorkspace(WORKSPACE);
    expect(await refusalOf({ Channel: channel() })).toContain('outside the partition aws is not modelled');
  });
});
