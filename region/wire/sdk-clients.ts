import { createRequire } from 'node:module';
import { CHATBOT_CLIENT } from './chatbot-client.ts';
import { readError, readErrorMembers, readOperation, type ErrorShape, type OperationShape } from './sdk-shapes.ts';

const require: (name: string) => unknown = createRequire(import.meta.url);

/** The SDK client that describes a service, by signing name; loaded when the service is first called. */
const CLIENTS: Readonly<Record<string, () => unknown>> = {
  chatbot: () => CHATBOT_CLIENT,
  cloudformation: () => require('@aws-sdk/client-cloudformation'),
  dynamodb: () => require('@aws-sdk/client-dynamodb'),
  ec2: () => require('@aws-sdk/client-ec2'),
  ecr: () => require('@aws-sdk/client-ecr'),
  ecs: () => require('@aws-sdk/client-ecs'),
  elasticloadbalancing: () => require('@aws-sdk/client-elastic-load-balancing-v2'),
  events: () => require('@aws-sdk/client-eventbridge'),
  iam: () => require('@aws-sdk/client-iam'),
  lambda: () => require('@aws-sdk/client-lambda'),
  logs: () => require('@aws-sdk/client-cloudwatch-logs'),
  monitoring: () => require('@aws-sdk/client-cloudwatch'),
  secretsmanager: () => require('@aws-sdk/client-secrets-manager'),
  sns: () => require('@aws-sdk/client-sns'),
  sqs: () => require('@aws-sdk/client-sqs'),
  ssm: () => require('@aws-sdk/client-ssm'),
  states: () => require('@aws-sdk/client-sfn'),
  sts: () => require('@aws-sdk/client-sts'),
};

/** What the client of a service exports; undefined for a service that the region does not know. */
export function clientModule(service: string): Readonly<Record<string, unknown>> | undefined {
  // The service is whatever a caller has named.
  if (!Object.hasOwn(CLIENTS, service)) return undefined;
  return CLIENTS[service]!() as Readonly<Record<string, unknown>>;
}

const operations = new Map<string, OperationShape>();

/** How the SDK describes an operation; undefined when the API has none of that name. */
export function operationShape(service: string, operation: string): OperationShape | undefined {
  const key = `${service}:${operation}`;
  const known = operations.get(key);
  if (known !== undefined) return known;
  const shape = readOperation(service, exported(service, operation));
  // Names that callers made up are not remembered: there is no end of them.
  if (shape !== undefined) operations.set(key, shape);
  return shape;
}

/** How the SDK describes an error; undefined when the API has none of that name. */
export function errorShape(service: string, code: string): ErrorShape | undefined {
  return readError(exported(service, code));
}

/** The values of an enum that the client exports. */
export function enumValues(service: string, name: string): readonly string[] {
  const client = CLIENTS[service]!() as Record<string, Readonly<Record<string, string>>>;
  return Object.values(client[name]!);
}

/** The members of an error; none when the API has none of that name. */
export function errorMembers(service: string, code: string): readonly string[] {
  return readErrorMembers(exported(service, code));
}

const restApis = new Map<string, readonly OperationShape[]>();

/** Every operation of a REST API; none when the service has another protocol, or the region not its client. */
export function restOperations(service: string): readonly OperationShape[] {
  const known = restApis.get(service);
  if (known !== undefined) return known;
  if (!Object.hasOwn(CLIENTS, service)) return [];
  const exports = CLIENTS[service]!() as Record<string, unknown>;
  const described = Object.keys(exports).flatMap((name) => {
    const shape = name.endsWith('$') ? operationShape(service, name.slice(0, -1)) : undefined;
    return shape?.http === undefined ? [] : [shape];
  });
  restApis.set(service, described);
  return described;
}

function exported(service: string, name: string): unknown {
  return clientModule(service)?.[`${name}$`];
}
