import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { events, sns, ssm } from '../../../functions/aws/clients.ts';
import { notify, notifyStart, putEvent, writeLiveImage } from '../../../functions/aws/publication.ts';
import { startOf } from '../../../functions/rollout/started.ts';
import { stateChangeOf } from '../../../functions/rollout/state-change.ts';
import { deployment, NOW, owner, record as recordOf, revision } from '../rollout/given.ts';
import { arnElsewhere } from '../../elsewhere.ts';
import { useEnvironment } from './environment.ts';

const topics = mockClient(SNSClient);
const parameters = mockClient(SSMClient);
const bus = mockClient(EventBridgeClient);
useEnvironment();
afterAll(() => {
  topics.restore();
  parameters.restore();
  bus.restore();
});
beforeEach(() => {
  topics.reset();
  parameters.reset();
  bus.reset();
});

const TOPIC = arnElsewhere('sns', 'rollouts');
const record = recordOf({ outcome: 'ROLLED_BACK', reason: 'EssentialContainerExited', message: 'It crashed.' });

it('announces a rollout with a body for each reader and the key by which a receiver finds repetitions', async () => {
  topics.on(PublishCommand).resolves({});
  await notify(sns, TOPIC, { record });
  const { input } = topics.commandCalls(PublishCommand)[0]!.args[0];
  expect(input).toMatchObject({
    TopicArn: TOPIC,
    Subject: 'ROLLED_BACK: default/web',
    MessageStructure: 'json',
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'ended' },
      outcome: { DataType: 'String', StringValue: 'ROLLED_BACK' },
      rolloutId: { DataType: 'String', StringValue: 'r1' },
      service: { DataType: 'String', StringValue: 'default/web' },
    },
  });
  const bodies = JSON.parse(input.Message!) as Record<string, string>;
  expect(Object.keys(bodies)).toEqual(['default', 'email', 'https']);
  expect(JSON.parse(bodies['default']!)).toEqual(record);
});

it('announces a start without an outcome, so that whoever chooses by outcomes hears nothing of it', async () => {
  topics.on(PublishCommand).resolves({});
  const started = startOf(owner(), 'default/web', {
    taskDefinition: revision(2),
    deploymentId: deployment(2),
    since: NOW,
  });
  await notifyStart(sns, TOPIC, started);
  const { input } = topics.commandCalls(PublishCommand)[0]!.args[0];
  expect(input).toMatchObject({ TopicArn: TOPIC, Subject: 'STARTED: default/web', MessageStructure: 'json' });
  expect(input.MessageAttributes).toEqual({
    kind: { DataType: 'String', StringValue: 'started' },
    rolloutId: { DataType: 'String', StringValue: 'r1' },
    service: { DataType: 'String', StringValue: 'default/web' },
  });
  expect(Object.keys(JSON.parse(input.Message!) as object)).toEqual(['default', 'email', 'https']);
});

it('puts an event on the default bus, and does not take what is refused for sent', async () => {
  const event = stateChangeOf(record);
  bus.on(PutEventsCommand).resolvesOnce({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  await putEvent(events, event);
  expect(bus.commandCalls(PutEventsCommand)[0]!.args[0].input).toEqual({
    Entries: [
      {
        Source: 'fargate-rollouts',
        DetailType: 'Rollout State Change',
        Time: new Date(record.endedAt),
        Resources: event.resources,
        Detail: JSON.stringify(event.detail),
      },
    ],
  });
  const refused = { ErrorCode: 'InternalFailure', ErrorMessage: 'Try again.' };
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [refused] });
  await expect(putEvent(events, event)).rejects.toMatchObject({
    name: 'EventNotTaken',
    message: 'EventBridge did not take the event: InternalFailure Try again.',
  });
});

it('names the live image in its parameter, over whatever stood there', async () => {
  parameters.on(PutParameterCommand).resolves({});
  await writeLiveImage(ssm, '/rollouts/default/web/image', 'r@sha256:00');
  expect(parameters.commandCalls(PutParameterCommand)[0]!.args[0].input).toEqual({
    Name: '/rollouts/default/web/image',
    Value: 'r@sha256:00',
    Type: 'String',
    Overwrite: true,
  });
});
