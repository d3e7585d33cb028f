import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeImagesCommand, ECRClient, type ImageDetail } from '@aws-sdk/client-ecr';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/accept-intent.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { config, digest, execution, owner, ledger, NOW } from '../rollout/given.ts';
import { useEnvironment } from '../aws/environment.ts';

const table = mockClient(DynamoDBClient);
const ecr = mockClient(ECRClient);
const ecs = mockClient(ECSClient);
const executions = mockClient(SFNClient);
useEnvironment();
beforeAll(() => void vi.useFakeTimers({ now: NOW }));
afterAll(() => void vi.useRealTimers());
afterAll(() => [table, ecr, ecs, executions].forEach((client) => client.restore()));

const LOST = new ConditionalCheckFailedException({ message: 'another was faster', $metadata: {} });
const stored = (state: LedgerState) => ({
  Item: marshall({ service: 'default/web', entry: 'state', ...state }, { removeUndefinedValues: true }),
});

/** A person starts a rollout, on a free service by default; the ledger is `then` by the time that the lease is to be written. */
function startWhile(then: LedgerState, known = ledger()): Promise<unknown> {
  table.reset();
  table.on(GetItemCommand).resolvesOnce(stored(known)).resolves(stored(then));
  table.on(PutItemCommand).rejectsOnce(LOST).resolves({});
  const image: ImageDetail = {
    imageDigest: digest('b'),
    imageTags: ['build-b'],
    imagePushedAt: new Date(NOW),
    imageStatus: 'ACTIVE',
  };
  ecr.on(DescribeImagesCommand).resolves({ imageDetails: [image] });
  ecs.on(DescribeServicesCommand).resolves({ services: [] });
  const started = { rolloutId: 'r2', executionArn: execution('r2'), startedAt: new Date(NOW).toISOString() };
  return handler({ config: config(), ...started, input: {} });
}

it('AcceptIntent is to look again when a rollout came and went while it looked', async () => {
  await expect(startWhile(ledger({ version: 9, generation: 5 }))).rejects.toMatchObject({ name: 'LedgerContended' });
  expect(table.commandCalls(PutItemCommand)).toHaveLength(1);
});

it('AcceptIntent waits its turn when another rollout took the service while it looked', async () => {
  const taken = ledger({ version: 8, generation: 5, owner: owner({ generation: 5 }) });
  expect(await startWhile(taken)).toMatchObject({ word: 'busy' });
});

it('AcceptIntent never takes over from a live rollout that took over from the dead one it looked at', async () => {
  const died = { executionArn: execution('r0'), status: 'ABORTED', cause: 'stopped by hand' } as const;
  executions.on(DescribeExecutionCommand).resolves(died);
  const known = ledger({ owner: owner({ rolloutId: 'r0', executionArn: execution('r0') }) });
  const taken = ledger({ version: 8, generation: 5, owner: owner({ generation: 5 }) });
  expect(await startWhile(taken, known)).toMatchObject({ word: 'busy' });
  // The one that failed: it would have taken over from the dead one.
  expect(table.commandCalls(PutItemCommand)).toHaveLength(1);
});

it('AcceptIntent takes the service although something else was written while it looked', async () => {
  expect(await startWhile(ledger({ version: 8 }))).toMatchObject({ word: 'roll' });
  expect(table.commandCalls(PutItemCommand)).toHaveLength(2);
});
