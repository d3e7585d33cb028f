import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { sendingOnce, type Once } from '../../functions/aws/client-kinds.ts';
import { AwsFailure, explainFailure, type Place } from './failures.ts';
import { chatbotClient, type ChatbotClient } from './slack-workspaces.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The SDK clients of one region. */
export interface Clients {
  readonly chatbot: ChatbotClient;
  readonly cloudwatch: CloudWatchClient;
  readonly dynamodb: DynamoDBClient;
  readonly ecr: ECRClient;
  readonly ecs: ECSClient;
  readonly events: EventBridgeClient;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  readonly secretsManager: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  readonly sts: STSClient;
  /** For reading. */
  readonly sfn: SFNClient;
  /** For changes, each sent once: a start whose answer was lost must not start a second rollout. */
  readonly sfnOnce: Once<SFNClient>;
}

/** Attempts per call, and milliseconds until a connection and until an answer: nobody waits longer than half a minute. */
const ATTEMPTS = 3;
const CONNECTION_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Hands clients to `use` and closes them after it; a failure of AWS becomes one sentence about that place, and what `use` has learnt of it. */
export async function withClients<T>(
  env: Environment,
  about: Place,
  use: (clients: Clients, region: string, learn: (more: Place) => void) => Promise<T>,
): Promise<T> {
  const [endpoint, profile] = [env['AWS_ENDPOINT_URL'], env['AWS_PROFILE']];
  let place: Place = { ...about, endpoint: endpoint || undefined, profile: profile || undefined };
  const clients = clientsFrom(env);
  try {
    const region = await clients.sts.config.region();
    place = { ...place, region };
    return await use(clients, region, (more) => (place = { ...place, ...more }));
  } catch (error) {
    throw explainFailure(error, place) ?? error;
  } finally {
    for (const client of Object.values(clients) as Clients[keyof Clients][]) client.destroy();
  }
}

/** Clients with the usual credential chain; variables of `env` come first, for tests that leave the process alone. */
function clientsFrom(env: Environment): Clients {
  const settings = (service: string) => ({ ...settingsFrom(env), ...endpointOf(env, service) });
  const sts = new STSClient(settings('STS'));
  return {
    chatbot: chatbotClient(sts, endpointOf(env, 'CHATBOT').endpoint),
    cloudwatch: new CloudWatchClient(settings('CLOUDWATCH')),
    dynamodb: new DynamoDBClient(settings('DYNAMODB')),
    ecr: new ECRClient(settings('ECR')),
    ecs: new ECSClient(settings('ECS')),
    events: new EventBridgeClient(settings('EVENTBRIDGE')),
    iam: new IAMClient(settings('IAM')),
    logs: new CloudWatchLogsClient(settings('CLOUDWATCH_LOGS')),
    secretsManager: new SecretsManagerClient(settings('SECRETS_MANAGER')),
    sns: new SNSClient(settings('SNS')),
    ssm: new SSMClient(settings('SSM')),
    sts,
    sfn: new SFNClient(settings('SFN')),
    sfnOnce: sendingOnce((once) => new SFNClient({ ...settings('SFN'), ...once })),
  };
}

/** What only the service's address is read with. */
export interface AddressClients {
  readonly ec2: EC2Client;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
}

/** Loaded when it is called: together they are larger than all others. Whoever calls it destroys them. */
export async function addressClientsFrom(env: Environment): Promise<AddressClients> {
  const [{ EC2Client }, { ElasticLoadBalancingV2Client }] = await Promise.all([
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-elastic-load-balancing-v2'),
  ]);
  const settings = (service: string) => ({ ...settingsFrom(env), ...endpointOf(env, service) });
  return {
    ec2: new EC2Client(settings('EC2')),
    loadBalancing: new ElasticLoadBalancingV2Client(settings('ELASTIC_LOAD_BALANCING_V2')),
  };
}

function settingsFrom(env: Environment) {
  // The AWS CLI knows AWS_DEFAULT_REGION, the SDK only AWS_REGION: what works for the one shall work here.
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  const credentials = credentialsFrom(env);
  return {
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...(region && { region }),
    ...(credentials && { credentials }),
  };
}

/** Keys in the environment; none when a profile is named, which the SDK's chain prefers over them. */
function credentialsFrom(env: Environment) {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (accessKeyId === undefined || secretAccessKey === undefined || env['AWS_PROFILE'] !== undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

function endpointOf(env: Environment, service: string): { endpoint?: string } {
  const variable = [`AWS_ENDPOINT_URL_${service}`, 'AWS_ENDPOINT_URL'].find((name) => env[name]);
  if (variable === undefined) return {};
  const endpoint = env[variable]!;
  if (/^https?:\/\/./.test(endpoint) && URL.canParse(endpoint)) return { endpoint };
  const message = `${variable} is ${JSON.stringify(endpoint)}, which is no URL: write it such as http://127.0.0.1:4566, or unset it`;
  throw new AwsFailure(message, false, undefined);
}
