import { expect, it } from 'vitest';
import type { CompositionOptions } from '../../../region/compose-services.ts';
import { Fault } from '../../../region/service.ts';
import type { DirectCall } from '../../../region/wire/direct-door.ts';
import { atRest, deployer, endpointWith, oneParameter } from './endpoint.ts';

/** What becomes of one call that comes without HTTP, and of the parameters that were asked for. */
async function told(callerOf: CompositionOptions['callerOf'], accessKeyId = 'KEY') {
  const applied: string[] = [];
  const answers: unknown[] = [];
  const { kernel, endpoint, trace } = endpointWith(() => [oneParameter(applied)], { callerOf });
  const call: DirectCall<object> = {
    service: 'ssm',
    operation: 'GetParameter',
    accessKeyId,
    read: () => ({ Name: '/image' }),
    write: (_shape, output) => output,
    isGone: () => false,
    onAnswer: (answer) => answers.push(answer),
    onCut: () => answers.push('cut'),
  };
  endpoint.direct.send(call);
  await atRest(kernel);
  return { applied, answers, trace: trace.map(({ kind, label }) => `${kind} ${label}`) };
}

const expired = new Fault('ExpiredTokenException', 'The security token included in the request is expired');

it('answers a key that has expired with its refusal, after both parks, and applies nothing', async () => {
  const { applied, answers, trace } = await told(() => {
    throw expired;
  });
  expect(answers).toEqual([expired]);
  expect(applied).toEqual([]);
  expect(trace).toEqual(['arrive 1 ssm:GetParameter', 'answer 1 ssm:GetParameter']);
});

it('answers whoever has the key, asked for by its name', async () => {
  const asked: string[] = [];
  const { applied, answers } = await told((accessKeyId) => {
    asked.push(accessKeyId);
    return deployer;
  }, 'ASIA7');
  expect(asked).toEqual(['ASIA7']);
  expect(applied).toEqual(['/image']);
  expect(answers).toMatchObject([{ Parameter: { Value: 'tag' } }]);
});

it('refuses a key that nobody has, as the wire does', async () => {
  const { applied, answers } = await told(() => undefined);
  expect(applied).toEqual([]);
  expect(answers).toMatchObject([{ code: 'UnrecognizedClientException' }]);
});

it('ends the run where who holds a key cannot be found out, which is no refusal', async () => {
  const broken = told(() => {
    throw new TypeError('keys is undefined');
  });
  await expect(broken).rejects.toThrow('keys is undefined');
});
