import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

// Handlers as people write them who have only seen everything go well: each is right in a region without faults, and wrong
// under one. `test/region/faults` bundles them and deploys each as a function.

const dynamodb = new DynamoDBClient({});
const sqs = new SQSClient({});
const ecs = new ECSClient({});
const ecsOnce = new ECSClient({ maxAttempts: 1 });
const sfn = new SFNClient({});

const TableName = 'facts';

async function read(name: string): Promise<string | undefined> {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { name: { S: name } } }));
  return Item?.['value']?.S;
}

async function write(name: string, value: string): Promise<void> {
  await dynamodb.send(new PutItemCommand({ TableName, Item: { name: { S: name }, value: { S: value } } }));
}

/** Reads, adds one and writes, without a condition. */
export const count = async (): Promise<void> => {
  await write('count', String(Number((await read('count')) ?? '0') + 1));
};

/** Believes that a message is sent once. */
export const send = async (event: { readonly queueUrl: string }): Promise<void> => {
  await sqs.send(new SendMessageCommand({ QueueUrl: event.queueUrl, MessageBody: 'paid' }));
};

/** Sends a write on its way, reads something else meanwhile, and believes the write to be applied by then. */
export const progress = async (): Promise<void> => {
  const begun = write('progress', 'begun');
  await read('settings');
  await Promise.all([begun, write('progress', 'done')]);
};

/** Writes what it is told, whatever is there by now. */
export const setLive = async (event: { readonly detail: { readonly value: string } }): Promise<void> => {
  await write('live', event.detail.value);
};

/** Believes that whoever takes the lock lives to give it back. */
export const withLock = async (): Promise<string> => {
  if ((await read('lock')) === 'taken') return 'busy';
  await write('lock', 'taken');
  await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['api'] }));
  await write('lock', 'free');
  return 'done';
};

/** Asks once, and takes no answer for no service. */
export const lookOnce = async (): Promise<string> => {
  try {
    const answer = await ecsOnce.send(new DescribeServicesCommand({ cluster: 'prod', services: ['api'] }));
    return answer.services?.[0]?.status ?? 'absent';
  } catch {
    return 'absent';
  }
};

/** Trusts the SDK to try again for as long as it takes. */
export const look = async (): Promise<string> => {
  const answer = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['api'] }));
  return answer.services?.[0]?.status ?? 'absent';
};

/** Puts a task definition on the service and judges by its first look: one deployment, COMPLETED. */
export const roll = async (event: { readonly taskDefinition: string }): Promise<string> => {
  await ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'api', ...event }));
  const answer = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['api'] }));
  const [first, ...others] = answer.services?.[0]?.deployments ?? [];
  return first?.rolloutState === 'COMPLETED' && others.length === 0 ? 'rolled' : 'rolling';
};

/** Takes tasks that it has just listed to be known. */
export const countTasks = async (): Promise<number> => {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'api' }));
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: 'prod', tasks: taskArns }));
  return tasks.length;
};

/** Takes an execution that it has just started to be known. */
export const startAndLook = async (event: { readonly stateMachineArn: string }): Promise<string> => {
  const { executionArn } = await sfn.send(new StartExecutionCommand(event));
  const { status = 'unknown' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  return status;
};
