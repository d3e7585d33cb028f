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
