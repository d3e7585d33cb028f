import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import type { EcsReader, EcsWriter, LogsClient } from '../../../functions/aws/client-kinds.ts';
import * as ensured from '../../../functions/aws/ensured.ts';
import * as executions from '../../../functions/aws/executions.ts';
import * as history from '../../../functions/aws/history.ts';
import * as inventory from '../../../functions/aws/inventory.ts';
import * as ledgerTable from '../../../functions/aws/ledger-table.ts';
import * as publication from '../../../functions/aws/publication.ts';
import * as registry from '../../../functions/aws/registry.ts';
import * as service from '../../../functions/aws/service.ts';
import * as taskDefinitions from '../../../functions/aws/task-definitions.ts';
import * as taskLog from '../../../functions/aws/task-log.ts';
import { emptyInventory } from '../../../functions/rollout/inventory.ts';
import { startOf } from '../../../functions/rollout/started.ts';
import { stateChangeOf } from '../../../functions/rollout/state-change.ts';
import {
  deployment,
  digest,
  EXACT,
  execution,
  GLOB,
  ledger,
  NOW,
  owner,
  record as recordOf,
  revision,
} from '../rollout/given.ts';

const DENIED = Object.assign(new Error('User is not authorized to perform this'), {
  name: 'AccessDeniedException',
  $fault: 'client',
  $metadata: { httpStatusCode: 400 },
});

/** A client that is refused everything. */
function denied<Client>(): Client {
  return { send: () => Promise.reject(DENIED) } as Client;
}

const ecr = denied<ECRClient>();
const ecs = denied<EcsReader>();
const ecsOnce = denied<EcsWriter>();
const sfn = denied<SFNClient>();
const ssm = denied<SSMClient>();
const table = {
  sees: 'everything',
  client: denied<DynamoDBClient>(),
  tableName: 'ledger',
  service: 'default/web',
} as const;
const name = { cluster: 'default', serviceName: 'web' };
const record = recordOf();
const started = startOf(owner(), 'default/web', {
  taskDefinition: revision(2),
  deploymentId: deployment(2),
  since: NOW,
});

const LISTED = { repository: 'team/web', tagPolicy: GLOB };

const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  createParameter: () => ensured.createParameter(ssm, '/name', 'value'),
  createIdentityProvider: () => ensured.createIdentityProvider(denied<IAMClient>(), 'https://issuer', 'audience'),
  isExecutionRunning: () => executions.isExecutionRunning(sfn, { executionArn: execution('r1'), startedAt: 0 }),
  executionStanding: () => executions.executionStanding(sfn, { executionArn: execution('r1'), startedAt: 0 }),
  answerToken: () => executions.answerToken(sfn, 'token', {}),
  startExecution: () => executions.startExecution(sfn, 'machine', {}),
  readState: () => ledgerTable.readState(table),
  changeState: () => ledgerTable.changeState(table, () => ledger({ version: 9 }), ledger()),
  writeRecord: () => history.writeRecord(table, record),
  readRecord: () => history.readRecord(table, record),
  everyRecord: () => history.everyRecord(table).next(),
  stateAndNewest: () => history.stateAndNewest(table, 1),
  newestRecords: () => history.newestRecords(table, { count: 1 }),
  writeLiveImage: () => publication.writeLiveImage(ssm, '/name', 'image'),
  putEvent: () => publication.putEvent(denied<EventBridgeClient>(), stateChangeOf(record)),
  notify: () => publication.notify(denied<SNSClient>(), 'topic', { record }),
  notifyStart: () => publication.notifyStart(denied<SNSClient>(), 'topic', started),
  candidateImages: () => registry.candidateImages(ecr, { repository: 'team/web', tagPolicy: GLOB }),
  'candidateImages of an exact tag': () => registry.candidateImages(ecr, { repository: 'team/web', tagPolicy: EXACT }),
  listPage: () => registry.listPage(ecr, 'team/web'),
  listTaggedImages: () => registry.listTaggedImages(ecr, 'team/web'),
  readInventory: () => inventory.readInventory(table, LISTED),
  readStateAndInventory: () => inventory.readStateAndInventory(table, LISTED),
  writeInventory: () => inventory.writeInventory(table, emptyInventory(LISTED)),
  listOn: () => inventory.listOn(ecr, LISTED, emptyInventory(LISTED), []),
  findImage: () => registry.findImage(ecr, 'team/web', { imageTag: 'latest' }),
  readRepository: () => registry.readRepository(ecr, { repository: 'team/web' }),
  findImages: () => registry.findImages(ecr, 'team/web', [digest('a')]),
  recordsSince: () => history.recordsSince(table, 0).next(),
  imageStatuses: () => registry.imageStatuses(ecr, 'team/web', [digest('a')]),
  readManifest: () => registry.readManifest(ecr, 'team/web', digest('a')),
  tagImage: () => registry.tagImage(ecr, 'team/web', digest('a'), 'keep'),
  describeService: () => service.describeService(ecs, name),
  readServices: () => service.readServices(ecs, 'default', ['web']),
  describeClusterTasks: () => service.describeClusterTasks(ecs, 'default'),
  readService: () => service.readService(ecs, name),
  listTasks: () => service.listTasks(ecs, { cluster: 'default' }),
  describeTasks: () => service.describeTasks(ecs, name, 'RUNNING'),
  seeTasks: () => service.seeTasks(ecs, name, 'STOPPED'),
  describeFamilyTasks: () => service.describeFamilyTasks(ecs, { cluster: 'default', family: 'web' }, 'STOPPED'),
  updateService: () => service.updateService(ecsOnce, name, revision(2)),
  describeRaw: () => taskDefinitions.describeRaw(ecs, revision(2)),
  registerRaw: () => taskDefinitions.registerRaw(ecsOnce, { family: 'web' }),
  deregister: () => taskDefinitions.deregister(ecs, revision(2)),
  listNewestRevisions: () => taskDefinitions.listNewestRevisions(ecs, 'web'),
  lastMessages: () => taskLog.lastMessages(denied<LogsClient>(), { group: 'group', stream: 'stream', count: 1 }),
  registerWhole: () => taskDefinitions.registerWhole(ecsOnce, { family: 'web' }),
};

/** Adapters that call nobody. */
const PURE = ['stateIn', 'projectionOf', 'toItem', 'ACCEPTED_MEDIA_TYPES', 'pinnedImage', 'toServiceFacts'];

it.each(Object.entries(CALLS))('a denial is never an answer: %s', async (_name, call) => {
  await expect(call()).rejects.toBe(DENIED);
});

it('all adapters are looked at', () => {
  const modules = [
    ensured,
    executions,
    history,
    inventory,
    ledgerTable,
    publication,
    registry,
    service,
    taskDefinitions,
    taskLog,
  ];
  const called = new Set(Object.keys(CALLS).map((key) => key.split(' ')[0]));
  expect(modules.flatMap((module) => Object.keys(module)).filter((key) => !called.has(key))).toEqual(PURE);
});
