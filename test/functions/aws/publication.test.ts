import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { sns, ssm } from '../../../functions/aws/clients.ts';
import { notify, writeLiveImage } from '../../../functions/aws/publication.ts';
import { record as recordOf } from '../rollout/given.ts';
import { arnElsewhere } from '../../elsewhere.ts';
import { useEnvironment } from './environment.ts';

const topics = mockClient(SNSClient);
const parameters = mockClient(SSMClient);
useEnvironment();
afterAll(() => {
  topics.restore();
  parameters.restore();
});
beforeEach(() => {
  topics.reset();
  parameters.reset();
});

const TOPIC = arnElsewhere('sns', 'rollouts');
const record = recordOf({ outcome: 'ROLLED_BACK', reason: 'EssentialContainerExited', message: 'It crashed.' });

it('announces a rollout with its record and the key by which a receiver finds repetitions', async () => {
  topics.on(PublishCommand).resolves({});
  await notify(sns, TOPIC, record);
  const { input } = topics.commandCalls(PublishCommand)[0]!.args[0];
  expect(input).toMatchObject({
    TopicArn: TOPIC,
    Subject: 'ROLLED_BACK: default/web',
    MessageAttributes: {
      outcome: { DataType: 'String', StringValue: 'ROLLED_BACK' },
      rolloutId: { DataType: 'String', StringValue: 'r1' },
      service: { DataType: 'String', StringValue: 'default/web' },
    },
  });
  expect(JSON.parse(input.Message!)).toEqual(record);
});

it('keeps the subject within what SNS allows', async () => {
  topics.on(PublishCommand).resolves({});
  await notify(sns, TOPIC, { ...record, service: `${'c'.repeat(255)}/${'s'.repeat(255)}` });
  expect(topics.commandCalls(PublishCommand)[0]!.args[0].input.Subject).toHaveLength(100);
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
