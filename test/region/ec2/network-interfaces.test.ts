import {
  DescribeNetworkInterfacesCommand,
  EC2Client,
  type DescribeNetworkInterfacesResult,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import type { DescribeTasksResponse, ListTasksResponse, NetworkConfiguration } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import { clientConfiguration, driven, raw, signedBy } from '../wire/endpoint.ts';
import { publicNetwork } from './network-fixture.ts';

const OPERATOR = { kind: 'operator' } as const;

let region: Region;
beforeEach(() => {
  region = createRegion();
  vi.useFakeTimers({ toFake: ['Date'], now: region.kernel.now });
});
afterEach(() => void vi.useRealTimers());

/** Two tasks in a public network that are connected; nobody has pushed their image. */
async function twoTasks(assignPublicIp: 'ENABLED' | 'DISABLED') {
  const { subnets, securityGroup, vpc } = await publicNetwork(region);
  const awsvpcConfiguration = { subnets, securityGroups: [securityGroup], assignPublicIp };
  const networkConfiguration: NetworkConfiguration = { awsvpcConfiguration };
  region.ecs.createCluster('prod');
  await region.call(OPERATOR, 'ecs', 'RegisterTaskDefinition', {
    family: 'api',
    cpu: '256',
    memory: '512',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [{ name: 'api', image: 'nginx:latest', essential: true }],
  });
  region.ecs.createService({
    cluster: 'prod',
    serviceName: 'api',
    taskDefinition: 'api',
    desiredCount: 2,
    networkConfiguration,
  });
  await region.kernel.runUntil(() => region.ecs.networkInterfaces().length === 2, 'two tasks to connect', 60_000);
  return { vpc, subnets, securityGroup };
}

/** By the ids that DescribeTasks shows. */
async function shownIds(): Promise<string[]> {
  const { taskArns = [] } = await region.call<ListTasksResponse>(OPERATOR, 'ecs', 'ListTasks', { cluster: 'prod' });
  const input = { cluster: 'prod', tasks: taskArns };
  const { tasks = [] } = await region.call<DescribeTasksResponse>(OPERATOR, 'ecs', 'DescribeTasks', input);
  const details = tasks.flatMap(({ attachments = [] }) => attachments.flatMap((each) => each.details ?? []));
  return details.flatMap(({ name, value }) => (name === 'networkInterfaceId' ? [value!] : []));
}

async function described(NetworkInterfaceIds?: string[]): Promise<NetworkInterface[]> {
  const input = NetworkInterfaceIds === undefined ? {} : { NetworkInterfaceIds };
  const answer = region.call<DescribeNetworkInterfacesResult>(OPERATOR, 'ec2', 'DescribeNetworkInterfaces', input);
  return (await answer).NetworkInterfaces!;
}

describe('the network interface of a task', () => {
  it('has a public address where the service assigns one', async () => {
    const { vpc, subnets, securityGroup } = await twoTasks('ENABLED');
    const interfaces = await described(await shownIds());
    expect(interfaces).toHaveLength(2);
    for (const each of interfaces) {
      expect(each.Association?.PublicIp).toMatch(/^198\.1[89]\.\d{1,3}\.\d{1,3}$/);
      expect(each.PrivateIpAddresses).toEqual([
        { Primary: true, PrivateIpAddress: each.PrivateIpAddress, Association: each.Association },
      ]);
      expect(subnets).toContain(each.SubnetId);
      expect(each).toMatchObject({
        VpcId: vpc,
        Groups: [{ GroupId: securityGroup }],
        Status: 'in-use',
        RequesterManaged: true,
        OwnerId: '123456789012',
        Description: expect.stringMatching(/^arn:aws:ecs:us-east-1:123456789012:attachment\/[0-9a-f-]{36}$/) as string,
      });
    }
    expect(new Set(interfaces.map(({ Association }) => Association?.PublicIp)).size).toBe(2);
  });

  it('has none where it assigns none', async () => {
    await twoTasks('DISABLED');
    const interfaces = await described();
    expect(interfaces.map(({ Association, Status }) => [Association, Status])).toEqual([
      [undefined, 'in-use'],
      [undefined, 'in-use'],
    ]);
  });

  it('goes with its task', async () => {
    await twoTasks('ENABLED');
    const [first] = await shownIds();
    await region.call(OPERATOR, 'ecs', 'UpdateService', { cluster: 'prod', service: 'api', desiredCount: 0 });
    await region.kernel.runFor(300_000);
    expect(await described()).toEqual([]);
    await expect(described([first!])).rejects.toMatchObject({
      code: 'InvalidNetworkInterfaceID.NotFound',
      message: `The networkInterface ID '${first}' does not exist`,
    });
  });

  it('is found by a filter, which no id that is gone breaks', async () => {
    await twoTasks('ENABLED');
    const [first] = await shownIds();
    const filtered = (Name: string, Values: string[]) =>
      region.call<DescribeNetworkInterfacesResult>(OPERATOR, 'ec2', 'DescribeNetworkInterfaces', {
        Filters: [{ Name, Values }],
      });
    const { NetworkInterfaces } = await filtered('network-interface-id', [first!, 'eni-gone']);
    expect(NetworkInterfaces?.map(({ NetworkInterfaceId }) => NetworkInterfaceId)).toEqual([first]);
    await expect(filtered('status', ['in-use'])).rejects.toThrow('the filter status of ec2:DescribeNetworkInterfaces');
  });
});

describe('ec2Query', () => {
  const form = (body: string, key = 'OPERATOR') => {
    const headers = { ...signedBy(key, 'ec2'), 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    return driven(region.kernel, raw(region.connect, { headers, body: `Version=2016-11-15&${body}` }));
  };

  it('is understood by the SDK’s client, faults too', async () => {
    await twoTasks('ENABLED');
    const ids = await shownIds();
    const client = new EC2Client(clientConfiguration(region.connect, 'OPERATOR'));
    const ask = (NetworkInterfaceIds: string[]) =>
      driven(region.kernel, client.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds })));
    const { NetworkInterfaces } = await ask(ids);
    expect(NetworkInterfaces).toMatchObject(await described(ids));
    await expect(ask(['eni-1'])).rejects.toMatchObject({
      name: 'InvalidNetworkInterfaceID.NotFound',
      message: "The networkInterface ID 'eni-1' does not exist",
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
  });

  it('puts no envelope around an answer but the operation’s', async () => {
    await twoTasks('ENABLED');
    const [id] = await shownIds();
    const { status, body } = await form(`Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=${id}`);
    expect(status).toBe(200);
    expect(body.toString()).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<DescribeNetworkInterfacesResponse xmlns="http:\/\/ec2\.amazonaws\.com\/doc\/2016-11-15\/"><requestId>[0-9a-f-]{36}<\/requestId><networkInterfaceSet><item><association>/,
    );
  });

  it('has lists that are flat in the form, inside of lists too', async () => {
    await twoTasks('ENABLED');
    const [first] = await shownIds();
    const filtered = `Filter.1.Name=network-interface-id&Filter.1.Value.1=eni-gone&Filter.1.Value.2=${first}`;
    const found = await form(`Action=DescribeNetworkInterfaces&${filtered}`);
    expect(found.body.toString().match(/<networkInterfaceId>[^<]*/g)).toEqual([`<networkInterfaceId>${first}`]);
    const { status, body } = await form('Action=DescribeNetworkInterfaces&NetworkInterfaceId.item.1=eni-1');
    expect([status, body.toString()]).toEqual([400, expect.stringContaining('cannot be read at item') as string]);
  });

  it('refuses strangers under EC2’s own name', async () => {
    const { status, body } = await form('Action=DescribeNetworkInterfaces', 'STRANGER');
    expect(status).toBe(401);
    expect(body.toString()).toMatch(/<Response><Errors><Error><Code>AuthFailure<\/Code><Message>.*<RequestID>/);
  });
});
