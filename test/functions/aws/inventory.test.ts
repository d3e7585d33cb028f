import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DescribeImagesCommand, ECRClient, type DescribeImagesCommandInput } from '@aws-sdk/client-ecr';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { ecr as client, ledger as table } from '../../../functions/aws/clients.ts';
import { listOn, readStateAndInventory } from '../../../functions/aws/inventory.ts';
import { emptyInventory, type Inventory } from '../../../functions/rollout/inventory.ts';
import type { ImageDigest } from '../../../functions/rollout/identifiers.ts';
import { EMPTY_LEDGER } from '../../../functions/rollout/ledger.ts';
import { digest, GLOB, ledger, NOW, SEMVER } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';

const ecr = mockClient(ECRClient);
const dynamodb = mockClient(DynamoDBClient);
useEnvironment();
beforeEach(() => [ecr, dynamodb].forEach((mock) => mock.reset()));
afterAll(() => [ecr, dynamodb].forEach((mock) => mock.restore()));

const LISTED = { repository: 'team/web', tagPolicy: SEMVER };

/** Pages with an image each, of these versions. */
function lists(...versions: readonly string[]): void {
  ecr.on(DescribeImagesCommand).callsFake(({ nextToken = 'page-0' }: DescribeImagesCommandInput) => {
    const index = Number(/^page-(\d)$/.exec(nextToken)?.[1]);
    const invalid = Object.assign(new Error('no such token'), { name: 'InvalidParameterException' });
    if (Number.isNaN(index)) throw invalid;
    const image = { imageDigest: digest('abc'[index]!), imageTags: [versions[index]!], imagePushedAt: new Date(NOW) };
    return { imageDetails: [image], nextToken: index + 1 < versions.length ? `page-${index + 1}` : undefined };
  });
}

async function pass(from: Inventory, pages: number, artifacts: readonly ImageDigest[] = []): Promise<Inventory> {
  let inventory = from;
  for (let page = 0; page < pages; page++) ({ inventory } = await listOn(client, LISTED, inventory, artifacts));
  return inventory;
}

it('a pass remembers the best of its pages, and is whole after the last', async () => {
  lists('1.1.0', '1.3.0', '1.2.0');
  const midway = await pass(emptyInventory(LISTED), 2);
  expect(midway).toMatchObject({ nextToken: 'page-2', best: { tag: '1.3.0' }, whole: undefined });
  const whole = await pass(midway, 1);
  expect(whole).toMatchObject({ nextToken: undefined, best: undefined, whole: { best: { tag: '1.3.0' } } });
  expect(whole.whole!.startedAt).toBe(midway.startedAt);
});

it('a pass does not take what is known to be no image for the best', async () => {
  lists('1.1.0', '1.3.0', '1.2.0');
  expect((await pass(emptyInventory(LISTED), 3, [digest('b')])).whole?.best).toMatchObject({ tag: '1.2.0' });
});

it('a pass whose place ECR has forgotten begins anew, and keeps what the last one knew', async () => {
  lists('1.1.0', '1.3.0');
  const last = { startedAt: NOW, best: { digest: digest('c'), tag: '1.2.0', selectedAt: NOW } };
  const lost: Inventory = { ...emptyInventory(LISTED, last), startedAt: NOW, nextToken: 'forgotten' };
  expect(await listOn(client, LISTED, lost, [])).toMatchObject({
    isFirst: true,
    inventory: { nextToken: 'page-1', best: { tag: '1.1.0' }, whole: last },
  });
});

it('state and inventory are read in one call, and an inventory by another tag policy is none', async () => {
  const inventory = { ...emptyInventory(LISTED), startedAt: NOW, nextToken: 'page-1' };
  const items = [
    { entry: 'inventory', ...inventory },
    { entry: 'state', ...ledger({ version: 7 }) },
  ];
  const Items = items.map((item) => marshall(item, { removeUndefinedValues: true }));
  dynamodb.on(QueryCommand).resolves({ Items });
  expect(await readStateAndInventory(table, LISTED)).toMatchObject({
    state: { version: 7 },
    inventory: { nextToken: 'page-1' },
  });
  expect((await readStateAndInventory(table, { ...LISTED, tagPolicy: GLOB })).inventory).toBeUndefined();
  dynamodb.on(QueryCommand).resolves({});
  expect(await readStateAndInventory(table, LISTED)).toEqual({ state: EMPTY_LEDGER, inventory: undefined });
});
