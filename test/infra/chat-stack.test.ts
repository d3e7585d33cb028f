import { App } from 'aws-cdk-lib/core';
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { cellOf } from '../../infra/cell.ts';
import { ChatStack } from '../../infra/chat-stack.ts';
import { ELSEWHERE } from '../elsewhere.ts';
import { temporaryDirectory } from './temporary.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default: string }>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

const WORKSPACE = 'T0123ABCD';
const deployments = { workspaceId: WORKSPACE, channelId: 'C0123ABCD' };
const pagers = { workspaceId: WORKSPACE, channelId: 'G0123ABCD' };
const topicArn = `arn:aws:sns:${ELSEWHERE.region}:${ELSEWHERE.account}:deployments`;
const named = (name: string, notify: ServiceConfiguration['notify']): ServiceConfiguration => ({
  repository: `team/${name}`,
  container: 'app',
  notify,
});

function chatOf(services: readonly ServiceConfiguration[]): { readonly name: string; readonly template: Template } {
  const checked = checkConfiguration({ services });
  const app = new App({
    outdir: temporaryDirectory(),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const { stackName: name } = new ChatStack(app, { cells: checked.services.map(cellOf), name: checked.chat!.name });
  return { name, template: app.synth().getStackByName(name).template as Template };
}

function ofType({ Resources }: Template, type: string): Readonly<Record<string, unknown>>[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
}

/** Each channel with the topics that it follows: those that are named, and the parameters that tell the others. */
function followed(template: Template): [channel: unknown, topics: string[]][] {
  const { Parameters = {} } = template;
  return ofType(template, 'AWS::Chatbot::SlackChannelConfiguration').map(({ SlackChannelId, SnsTopicArns }) => [
    SlackChannelId,
    (SnsTopicArns as (string | { Ref: string })[]).map((topic) =>
      typeof topic === 'string' ? topic : Parameters[topic.Ref]!.Default,
    ),
  ]);
}

describe('the Slack channels of a configuration', () => {
  it('are each configured once, and follow the topics of all services that name them', () => {
    const { name, template } = chatOf([
      named('api', { slack: deployments }),
      named('web', { slack: deployments }),
      named('jobs', { slack: pagers }),
      named('quiet', {}),
    ]);
    expect(name).toBe('rollouts-api-chat');
    expect(followed(template)).toEqual([
      ['C0123ABCD', ['/rollouts/api/topic', '/rollouts/web/topic']],
      ['G0123ABCD', ['/rollouts/jobs/topic']],
    ]);
    const types = Object.values(template.Parameters!).map(({ Type }) => Type);
    expect(types.slice(0, 3)).toEqual(Array(3).fill('AWS::SSM::Parameter::Value<String>'));
  });

  it('follow a topic that services share once', () => {
    const { template } = chatOf([
      named('api', { slack: deployments, topicArn }),
      named('web', { slack: deployments, topicArn }),
    ]);
    expect(followed(template)).toEqual([['C0123ABCD', [topicArn]]]);
  });

  it('can do no more than look at metrics and alarms, whatever their roles allow', () => {
    const { template } = chatOf([named('api', { slack: deployments })]);
    const [channel] = ofType(template, 'AWS::Chatbot::SlackChannelConfiguration');
    const [policy] = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
    expect(channel).toMatchObject({ GuardrailPolicies: [{ Ref: policy![0] }] });
    expect(ofType(template, 'AWS::IAM::Role')).toMatchObject([
      {
        AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'chatbot.amazonaws.com' } }] },
        ManagedPolicyArns: [{ Ref: policy![0] }],
      },
    ]);
    const { Statement } = policy![1].Properties['PolicyDocument'] as { Statement: { Action: string[] }[] };
    const actions = Statement.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => !/^cloudwatch:(Describe|Get|List)[A-Z]\w+$/.test(action))).toEqual([]);
    expect(ofType(template, 'AWS::IAM::Policy')).toEqual([]);
  });

  it('keep their logical ids when others come and go', () => {
    const idsOf = (services: readonly ServiceConfiguration[]): string[] => {
      const { template } = chatOf(services);
      return Object.keys({ ...template.Resources, ...template.Parameters });
    };
    const both = [named('api', { slack: deployments }), named('web', { slack: pagers })];
    expect(idsOf([...both].reverse()).sort()).toEqual(idsOf(both).sort());
    expect(idsOf(both)).toEqual(expect.arrayContaining(idsOf(both.slice(1))));
  });
});

describe('the stack of Slack channels', () => {
  it('is there only if a service names one, and has the name of the dashboard', () => {
    expect(checkConfiguration({ services: [named('api', {})] }).chat).toBeUndefined();
    const services = [named('api', { slack: deployments })];
    expect(checkConfiguration({ services, dashboard: { name: 'team' } }).chat).toEqual({ name: 'team' });
    expect(checkConfiguration({ services, dashboard: false }).chat).toEqual({ name: 'api' });
  });

  it('cannot be that of a service', () => {
    const services = [named('api', { slack: deployments }), named('api-chat', {})];
    expect(() => checkConfiguration({ services })).toThrow(
      'services[1].name: "api-chat": gives the service the stack rollouts-api-chat, which the Slack channels of the file get',
    );
  });
});
