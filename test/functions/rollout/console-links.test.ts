import { expect, it } from 'vitest';
import { consoleLinks } from '../../../functions/rollout/console-links.ts';

const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:rollouts-api:7b0c';

it('leads to each page, in the Region where the thing is', () => {
  const to = consoleLinks('aws', 'us-east-1')!;
  const at = 'https://us-east-1.console.aws.amazon.com';
  expect(to.service('prod', 'api')).toBe(`${at}/ecs/v2/clusters/prod/services/api/health?region=us-east-1`);
  expect(to.execution(EXECUTION)).toBe(`${at}/states/home?region=us-east-1#/v2/executions/details/${EXECUTION}`);
  const machine = EXECUTION.replace(':execution:', ':stateMachine:').replace(/:7b0c$/, '');
  expect(to.stateMachine(machine)).toBe(`${at}/states/home?region=us-east-1#/statemachines/view/${machine}`);
  expect(to.dashboard('rollouts-api')).toBe(`${at}/cloudwatch/home?region=us-east-1#dashboards/dashboard/rollouts-api`);
  expect(to.repository('123456789012', 'team/api')).toBe(
    `${at}/ecr/repositories/private/123456789012/team/api?region=us-east-1`,
  );
  expect(to.alarms('rollouts-api')).toBe(`${at}/cloudwatch/home?region=us-east-1#alarmsV2:?~(search~'rollouts-api)`);
});

it('writes otherwise what would end the link of an execution in a text, or format it', () => {
  const link = consoleLinks('aws', 'us-east-1')!.execution(`${EXECUTION}!'(*~@).`);
  expect(link.slice(link.indexOf(EXECUTION))).toBe(`${EXECUTION}%21%27%28%2a%7e%40%29%2e`);
});

it('writes the name of a log group as the console does, in the Region that the container logs to', () => {
  const to = consoleLinks('aws', 'us-east-1')!;
  expect(to.logGroup('/ecs/api [blue]')).toBe(
    'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Fecs$252Fapi$2520$255Bblue$255D',
  );
  expect(to.logGroup('app', 'eu-west-1')).toBe(
    'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/app',
  );
});

it.each([
  ['aws-cn', 'cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
  ['aws-us-gov', 'us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
  ['aws-eusc', 'eusc-de-east-1', 'https://eusc-de-east-1.console.amazonaws-eusc.eu/'],
])('knows the console of %s', (partition, region, root) => {
  const link = consoleLinks(partition, region)!.service('prod', 'api');
  expect(link).toBe(`${root}ecs/v2/clusters/prod/services/api/health?region=${region}`);
});

it.each(['aws-iso', 'aws-iso-b', 'constructor'])('guesses no console for %s', (partition) => {
  expect(consoleLinks(partition, 'us-iso-east-1')).toBeUndefined();
});
