import type { ECSClient } from '@aws-sdk/client-ecs';

declare const once: unique symbol;

/** A client that sends each call once, for changes: whether an unanswered one took effect is found out by looking. */
export type Once<Client> = Client & { readonly [once]: true };

/** The only way to a {@link Once}: `make` gets the setting that keeps the SDK from sending anything twice. */
export function sendingOnce<Client>(make: (settings: { readonly maxAttempts: 1 }) => Client): Once<Client> {
  return make({ maxAttempts: 1 }) as Once<Client>;
}

/** ECS for reading: an {@link EcsWriter} is refused, because a read that is not answered is to be sent again. */
export type EcsReader = ECSClient & { readonly [once]?: never };

/** ECS for UpdateService and RegisterTaskDefinition. */
export type EcsWriter = Once<ECSClient>;

export type { CloudWatchLogsClient as LogsClient } from '@aws-sdk/client-cloudwatch-logs';
export type { ECRClient } from '@aws-sdk/client-ecr';
export type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
export type { SFNClient } from '@aws-sdk/client-sfn';
export type { SNSClient } from '@aws-sdk/client-sns';
