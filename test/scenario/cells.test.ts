import type { GetParametersByPathResult } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import { parseRegistration } from '../../configuration/registration.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { Region } from '../../region/region.ts';
import { setting } from './setting.ts';

const open = setting();

/** What is registered in the region, by the names of the parameters. */
async function registered(region: Region) {
  const request = { Path: '/rollouts-cells', Recursive: true };
  const { Parameters = [] } = await operate<GetParametersByPathResult>(region, 'ssm', 'GetParametersByPath', request);
  return new Map(Parameters.map(({ Name = '', Value = '' }) => [Name, parseRegistration(Value)]));
}

it('a deployed cell is registered under its service, with the names of what exists', async () => {
  const { region } = await open();
  const [[name, cell]] = [...(await registered(region))] as [
    [string, NonNullable<ReturnType<typeof parseRegistration>>],
  ];
  expect(name).toBe('/rollouts-cells/prod/api');
  const { stateMachineArn, ledgerTableArn, topicArn, release } = cell;
  const { definition } = await operate<{ definition: string }>(region, 'states', 'DescribeStateMachine', {
    stateMachineArn,
  });
  expect(definition).toContain(`"release":"${release}"`);
  const TableName = ledgerTableArn.slice(ledgerTableArn.lastIndexOf('/') + 1);
  expect(await operate(region, 'dynamodb', 'DescribeTable', { TableName })).toMatchObject({
    Table: { TableArn: ledgerTableArn },
  });
  expect(await operate(region, 'sns', 'ListSubscriptionsByTopic', { TopicArn: topicArn })).toMatchObject({
    Subscriptions: [],
  });
});
