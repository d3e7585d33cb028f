import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { sendingOnce } from './client-kinds.ts';
import { environment } from './environment.ts';
import type { LedgerTable } from './ledger-table.ts';

// The clients of the handlers: one of each for as long as a function's instance lives. A bundle must hold only those that its
// handler imports, and the annotations let esbuild leave out the others.

export const dynamodb = /* @__PURE__ */ new DynamoDBClient({});
export const ecr = /* @__PURE__ */ new ECRClient({});
export const ecs = /* @__PURE__ */ new ECSClient({});
/** For UpdateService and RegisterTaskDefinition. */
export const ecsOnce = /* @__PURE__ */ sendingOnce((settings) => new ECSClient(settings));
export const events = /* @__PURE__ */ new EventBridgeClient({});
export const logs = /* @__PURE__ */ new CloudWatchLogsClient({});
export const iam = /* @__PURE__ */ new IAMClient({});
export const sfn = /* @__PURE__ */ new SFNClient({});
export const sns = /* @__PURE__ */ new SNSClient({});
export const sqs = /* @__PURE__ */ new SQSClient({});
export const ssm = /* @__PURE__ */ new SSMClient({});

/** The ledger of the service that this function works for; its environment is read with the first call. */
export const ledger: LedgerTable = {
  sees: 'everything',
  client: dynamodb,
  get tableName() {
    return environment('LEDGER_TABLE');
  },
  get service() {
    return environment('SERVICE');
  },
};
