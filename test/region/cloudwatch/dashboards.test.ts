import { CloudWatchClient, GetDashboardCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkRequest } from '../../../region/iam/iam.ts';
import { createRegion } from '../../../region/region.ts';
import { decodeCbor, encodeCbor } from '../../../region/wire/cbor.ts';
import { clientConfiguration, driven, raw, signedBy } from '../wire/endpoint.ts';

const body = JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: 'é' } }] });

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

async function world() {
  const region = createRegion();
  const create = async (DashboardName: string): Promise<void> => {
    const properties = { DashboardName, DashboardBody: body };
    await region.resources['AWS::CloudWatch::Dashboard']!('Board', properties, 'stack');
  };
  await create('rollouts');
  const client = new CloudWatchClient({ ...clientConfiguration(region.connect, 'OPERATOR'), maxAttempts: 1 });
  const list = (input: object) => driven(region.kernel, client.send(new ListDashboardsCommand(input)));
  const get = (DashboardName: string) => driven(region.kernel, client.send(new GetDashboardCommand({ DashboardName })));
  return { region, create, list, get };
}

describe('dashboards', () => {
  it('are shown as they were put', async () => {
    const { get } = await world();
    expect(await get('rollouts')).toMatchObject({
      DashboardName: 'rollouts',
      DashboardArn: 'arn:aws:cloudwatch::123456789012:dashboard/rollouts',
      DashboardBody: body,
    });
    await expect(get('nothing')).rejects.toMatchObject({
      name: 'ResourceNotFound',
      message: 'Dashboard nothing does not exist',
    });
  });

  it('are listed by prefix, in the order of their names', async () => {
    const { create, list } = await world();
    await create('alarms');
    expect((await list({})).DashboardEntries).toMatchObject([
      { DashboardName: 'alarms' },
      { DashboardName: 'rollouts' },
    ]);
    expect((await list({ DashboardNamePrefix: 'roll' })).DashboardEntries).toEqual([
      {
        DashboardName: 'rollouts',
        DashboardArn: 'arn:aws:cloudwatch::123456789012:dashboard/rollouts',
        LastModified: new Date(Date.UTC(2026, 0, 5, 9)),
        Size: Buffer.byteLength(body),
      },
    ]);
    await expect(list({ NextToken: 'nonsense' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  it('are listed a thousand at a time', async () => {
    const { create, list } = await world();
    for (let number = 0; number < 1000; number++) await create(`d${number}`);
    const first = await list({});
    const second = await list({ NextToken: first.NextToken });
    expect([first.DashboardEntries!.length, second.DashboardEntries!.length, second.NextToken]).toEqual([
      1000,
      1,
      undefined,
    ]);
  });

  it('ask IAM about themselves', async () => {
    const { region } = await world();
    const { permissions } = region.cloudwatch.operations['GetDashboard']!;
    const asked = permissions({ DashboardName: 'rollouts' } as never, { kind: 'operator' });
    expect(asked).toMatchObject([{ resource: 'arn:aws:cloudwatch::123456789012:dashboard/rollouts' }]);
    expect(await checkRequest(asked[0]!)).toBeUndefined();
  });

  it('are missed under the name that clients of the query protocol knew', async () => {
    const { region } = await world();
    const answer = await driven(
      region.kernel,
      raw(region.connect, {
        path: '/service/GraniteServiceVersion20100801/operation/GetDashboard',
        headers: {
          ...signedBy('OPERATOR', 'monitoring'),
          'smithy-protocol': 'rpc-v2-cbor',
          'x-amzn-query-mode': 'true',
        },
        body: encodeCbor({ DashboardName: 'nothing' }),
      }),
    );
    expect([answer.status, answer.headers['x-amzn-query-error']]).toEqual([404, 'ResourceNotFound;Sender']);
    expect(decodeCbor(answer.body)).toMatchObject({ __type: 'DashboardNotFoundError' });
  });
});
