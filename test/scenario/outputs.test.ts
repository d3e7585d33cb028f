import type { DescribeStacksOutput, Output } from '@aws-sdk/client-cloudformation';
import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import { ELSEWHERE } from '../elsewhere.ts';
import { assemblyOf, openAudited } from './setting.ts';

/** A service with every stack that there may be. */
const WITH_ALL = {
  registry: {},
  github: { repository: 'octo-org/api', environment: 'production' },
  provision: { port: 8000, loadBalancer: {} },
  cluster: undefined,
};

it.each([
  ['aws', { account: '123456789012', region: 'eu-west-1' }, 'https://eu-west-1.console.aws.amazon.com'],
  [
    'aws-us-gov',
    { account: ELSEWHERE.account, region: ELSEWHERE.region },
    `https://${ELSEWHERE.region}.console.amazonaws-us-gov.com`,
  ],
])(
  'the outputs of every stack in %s say what they are for, and link into its console',
  async (partition, place, home) => {
    const world = await openAudited({ assembly: await assemblyOf(WITH_ALL), place, service: 'absent' });
    const { Stacks } = await operate<DescribeStacksOutput>(world.region, 'cloudformation', 'DescribeStacks', {});
    const outputsOf = new Map(Stacks!.map(({ StackName, Outputs }) => [StackName!, Outputs!]));
    expect([...outputsOf.keys()].sort()).toEqual([
      'rollouts-api',
      'rollouts-api-dashboard',
      'rollouts-api-foundation',
      'rollouts-api-service',
    ]);
    for (const { OutputKey, Description } of [...outputsOf.values()].flat())
      expect(Description, OutputKey).toMatch(/^[A-Z][^.]{5,}[^.]$/);

    const region = `?region=${place.region}`;
    const machine = `arn:${partition}:states:${place.region}:${place.account}:stateMachine:rollouts-api`;
    const service = `${home}/ecs/v2/clusters/api/services/api/health${region}`;
    const images = `${home}/ecr/repositories/private/${place.account}/team/api${region}`;
    const log = valueIn(outputsOf.get('rollouts-api-service')!, 'LogGroupName');
    expect(log).toMatch(/^[\w-]+$/);
    expect(Object.fromEntries([...outputsOf].map(([name, outputs]) => [name, linksIn(outputs)]))).toEqual({
      'rollouts-api': {
        ServiceConsole: service,
        RolloutsConsole: `${home}/states/home${region}#/statemachines/view/${machine}`,
        ImagesConsole: images,
      },
      'rollouts-api-dashboard': {
        DashboardConsole: `${home}/cloudwatch/home${region}#dashboards/dashboard/rollouts-api-${place.region}`,
      },
      'rollouts-api-foundation': { ImagesConsole: images },
      'rollouts-api-service': {
        ServiceConsole: service,
        LogConsole: `${home}/cloudwatch/home${region}#logsV2:log-groups/log-group/${log}`,
      },
    });
  },
);

function linksIn(outputs: readonly Output[]): Record<string, string> {
  const links = outputs.filter(({ OutputKey }) => OutputKey!.endsWith('Console'));
  return Object.fromEntries(links.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
}

function valueIn(outputs: readonly Output[], name: string): string {
  return outputs.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}
