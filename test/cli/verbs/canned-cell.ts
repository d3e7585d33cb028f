import { Readable } from 'node:stream';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Clients } from '../../../cli/account/clients.ts';
import { chatbotClient } from '../../../cli/account/slack-workspaces.ts';
import type { DeployedCell } from '../../../cli/account/deployed-cell.ts';
import type { Answer, Session } from '../../../cli/terminal/command.ts';
import type { Event } from '../../../cli/terminal/events.ts';
import type { LedgerState, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { checkConfiguration } from '../../../configuration/check-configuration.ts';
import { config, digest, ledger, NOW, revision } from '../../functions/rollout/given.ts';

/** What an account answers, by the action that a caller needs: `ecs:DescribeServices`; a text goes over the wire as it is, and undefined is a denial. */
export type Answers = Readonly<Record<string, (input: never) => object | string | undefined>>;

/** A cell in an account that answers as told, and what it was asked. */
export interface CannedCell {
  readonly cell: DeployedCell;
  /** The actions that were asked for, each once. */
  readonly asked: ReadonlySet<string>;
}

/** The account `111122223333` with the service `default/web`; what it is not told to answer it denies. */
export function cannedCell(answers: Answers = {}): CannedCell {
  const asked = new Set<string>();
  const all: Answers = { ...USUAL, ...answers };
  const settings = (prefix: string) => ({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'CANNED', secretAccessKey: 'x' },
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ headers, path, body: sent = '' }: SentRequest) => {
        const body = typeof sent === 'string' ? sent : new TextDecoder().decode(sent);
        const named = headers['x-amz-target']?.split('.')[1] ?? new URLSearchParams(body).get('Action');
        const action = `${prefix}:${named ?? OF_PATHS[path]!}`;
        asked.add(action);
        return { response: answerTo(all[action], body, action) };
      },
    },
  });
  const clients: Clients = {
    chatbot: chatbotClient(new STSClient(settings('chatbot')), undefined),
    cloudwatch: new CloudWatchClient(settings('cloudwatch')),
    dynamodb: new DynamoDBClient(settings('dynamodb')),
    ecr: new ECRClient(settings('ecr')),
    ecs: new ECSClient(settings('ecs')),
    events: new EventBridgeClient(settings('events')),
    iam: new IAMClient(settings('iam')),
    logs: new CloudWatchLogsClient(settings('logs')),
    secretsManager: new SecretsManagerClient(settings('secretsmanager')),
    sns: new SNSClient(settings('sns')),
    ssm: new SSMClient(settings('ssm')),
    sts: new STSClient(settings('sts')),
    sfn: new SFNClient(settings('states')),
    sfnOnce: new SFNClient(settings('states')) as Clients['sfnOnce'],
  };
  const github = { repository: 'octo-org/web', environment: 'production' };
  const services = [{ repository: 'team/web', container: 'app', github }];
  const [configured] = checkConfiguration({ services }, 'test').services;
  const cell: DeployedCell = {
    clients,
    addressClients: async () => ({
      ec2: new EC2Client(settings('ec2')),
      loadBalancing: new ElasticLoadBalancingV2Client(settings('elasticloadbalancing')),
    }),
    config: config(),
    service: configured!,
    configured,
    dashboard: configured!.dashboard?.name,
    account: '111122223333',
    region: 'eu-west-1',
    caller: 'arn:aws:sts::111122223333:assumed-role/Operators/alice',
    stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:rollouts-web',
    topicArn: 'arn:aws:sns:eu-west-1:111122223333:rollouts-web-Notifications',
    ledger: { sees: 'all-but-tokens', client: clients.dynamodb, tableName: 'rollouts-web', service: config().service },
  };
  return { cell, asked };
}

/** What is asked of a REST API. */
const OF_PATHS: Readonly<Record<string, string>> = { '/describe-slack-workspaces': 'DescribeSlackWorkspaces' };

interface SentRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function answerTo(answer: Answers[string] | undefined, body: string, action: string) {
  const message = `someone is not authorized to perform: ${action}`;
  const denied = body.startsWith('{')
    ? JSON.stringify({ __type: 'AccessDeniedException', message })
    : action.startsWith('ec2:')
      ? `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>${message}</Message></Error></Errors></Response>`
      : `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
  const given = answer?.((body.startsWith('{') ? JSON.parse(body) : {}) as never);
  const text = given === undefined ? denied : typeof given === 'string' ? given : JSON.stringify(inSeconds(given));
  return { statusCode: given === undefined ? 400 : 200, headers: {}, body: Readable.from([Buffer.from(text)]) };
}

/** Moments as AWS sends them. */
function inSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(inSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inSeconds(member)]));
}

export const AT = new Date(NOW);
export const executionOf = (name: string): string =>
  `arn:aws:states:eu-west-1:111122223333:execution:rollouts-web:${name}`;

/** A service of two tasks on that revision, whose container runs image `a`. */
export const SERVICE = {
  status: 'ACTIVE',
  desiredCount: 2,
  taskDefinition: revision(1) as string,
  deployments: [
    {
      id: 'ecs-svc/1',
      status: 'PRIMARY',
      taskDefinition: revision(1) as string,
      createdAt: AT,
      updatedAt: AT,
      runningCount: 2,
      pendingCount: 0,
      rolloutState: 'COMPLETED',
    },
  ],
  events: [],
};

const TASK_DEFINITION = {
  family: 'web',
  containerDefinitions: [{ name: 'app', image: `team/web@${digest('a')}` }],
};

/** A service that runs, and no rollout that ever was. */
const USUAL: Answers = {
  'ecs:DescribeServices': () => ({ services: [SERVICE] }),
  'ecs:ListTasks': () => ({ taskArns: ['arn:aws:ecs:eu-west-1:111122223333:task/default/1'] }),
  'ecs:DescribeTasks': () => ({ tasks: [] }),
  'ecs:DescribeTaskDefinition': () => ({ taskDefinition: TASK_DEFINITION, tags: [] }),
  'ecs:ListTaskDefinitions': () => ({ taskDefinitionArns: [revision(1)] }),
  'ecr:DescribeImages': ({ imageIds = [] }: { readonly imageIds?: readonly { imageDigest?: string }[] }) => ({
    imageDetails: [{ imageDigest: imageIds[0]?.imageDigest ?? digest('b'), imageTags: ['build-b'], imagePushedAt: AT }],
  }),
  'ecr:BatchGetImage': () => ({ images: [{ imageManifest: '{"layers":[]}' }] }),
  'ecr:DescribeRepositories': () => ({
    repositories: [{ repositoryUri: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web' }],
  }),
  'dynamodb:GetItem': () => ({}),
  'dynamodb:Query': () => ({ Items: [] }),
  'states:DescribeExecution': () => ({ status: 'RUNNING', startDate: AT }),
  'states:ListExecutions': () => ({ executions: [] }),
  'states:StartExecution': () => ({ executionArn: executionOf('started') }),
  'states:StopExecution': () => ({}),
};

/** A service with a sidecar whose image is gone from its repository. */
export const BESIDE_AN_AGENT: Answers = {
  'ecs:DescribeTaskDefinition': () => {
    const agent = { name: 'agent', image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/agent:1' };
    const containerDefinitions = [...TASK_DEFINITION.containerDefinitions, agent];
    return { taskDefinition: { ...TASK_DEFINITION, containerDefinitions }, tags: [] };
  },
  'ecr:DescribeImages': (request: { readonly repositoryName: string }) =>
    request.repositoryName === 'agent' ? { imageDetails: [] } : USUAL['ecr:DescribeImages']!(request as never)!,
  'ecr:DescribePullThroughCacheRules': () => ({ pullThroughCacheRules: [] }),
};

/** A ledger that is in one state whenever it is read, or in one after the other, and these records of rollouts. */
export function ledgerThat(states: readonly Partial<LedgerState>[], records: readonly RolloutRecord[] = []): Answers {
  const left = [...states];
  const marshalled = (item: object) => marshall(item, { removeUndefinedValues: true });
  return {
    'dynamodb:GetItem': () => ({ Item: marshalled(ledger(left.length > 1 ? left.shift() : left[0])) }),
    'dynamodb:Query': () => ({ Items: records.map(marshalled) }),
  };
}

/** An execution that is over and answered so. */
export function endedWith(output: object): Answers {
  const at = { id: 1, timestamp: AT };
  return {
    'states:DescribeExecution': () => ({
      status: 'SUCCEEDED',
      startDate: AT,
      stopDate: AT,
      output: JSON.stringify(output),
    }),
    'states:GetExecutionHistory': () => ({
      events: [
        { ...at, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'AcceptIntent' } },
        { ...at, id: 2, type: 'ExecutionSucceeded' },
      ],
    }),
  };
}

/** A session that is heard: what was said meanwhile, and told before the answer. Whoever sleeps lets time pass, at once. */
export function session(): Session & { readonly events: Event[]; readonly told: unknown[] } {
  const [events, told]: [Event[], unknown[]] = [[], []];
  let at = NOW;
  return {
    env: {},
    clock: { now: () => at, sleep: async (ms) => void (at += ms) },
    interrupted: () => new Promise(() => {}),
    emit: (event) => events.push(event),
    tell: ({ document }) => told.push(document),
    events,
    told,
  };
}

/** The document of an answer that has one. */
export function documentOf(answer: Answer<unknown>): unknown {
  if (answer.document === 'told-before') throw new Error('told before');
  return answer.document;
}
