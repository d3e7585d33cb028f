import { ClientException, ECSServiceException, ServerException } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { isFault, isNotApplied, isRefusal, isThrottled, translateFault } from '../../../functions/aws/faults.ts';
import { LedgerContended, StillMutating } from '../../../functions/rollout/errors.ts';

const fault = (name: string, message = 'x', $fault: 'client' | 'server' = 'client', httpStatusCode = 400): Error =>
  new ECSServiceException({ name, message, $fault, $metadata: { httpStatusCode } });
/** A broken connection as the SDK's retry strategy hands it on. */
const broken = (name: string): Error =>
  Object.assign(new Error('socket hang up'), { name, $metadata: { attempts: 1 } });

describe('a fault of AWS', () => {
  it.each<[string, Error, string]>([
    ['a denied permission', fault('AccessDeniedException', 'not authorized'), 'AwsRefused'],
    ['an invalid parameter', fault('InvalidParameterException'), 'AwsRefused'],
    ['a client exception', new ClientException({ message: 'no', $metadata: {} }), 'AwsRefused'],
    ['an unknown refusal of the future', fault('NoMoreTuesdaysException'), 'AwsRefused'],
    ['a throttle', fault('ThrottlingException', 'Rate exceeded'), 'AwsUnavailable'],
    ["DynamoDB's throttle", fault('ProvisionedThroughputExceededException'), 'AwsUnavailable'],
    ["Lambda's throttle", fault('TooManyRequestsException'), 'AwsUnavailable'],
    ['an exceeded request limit', fault('RequestLimitExceeded'), 'AwsUnavailable'],
    ['a request that AWS gave up', fault('RequestTimeout'), 'AwsUnavailable'],
    ['a 429 under another name', fault('Slow', 'x', 'client', 429), 'AwsUnavailable'],
    ['a failure of the server', new ServerException({ message: 'oops', $metadata: {} }), 'AwsUnavailable'],
    ['a 503', fault('ServiceUnavailable', 'x', 'server', 503), 'AwsUnavailable'],
    [
      'the race that ECS reports as a client exception',
      new ClientException({
        message: 'Too many concurrent attempts to create a new revision of the specified family.',
        $metadata: {},
      }),
      'AwsUnavailable',
    ],
    ['a broken connection', broken('ECONNRESET'), 'AwsUnavailable'],
    ['a time-out', Object.assign(new Error('timed out'), { name: 'TimeoutError' }), 'AwsUnavailable'],
  ])('like %s is translated', (_case, error, name) => {
    const translated = translateFault(error) as Error;
    expect(translated.name).toBe(name);
    expect(translated.message).toBe(`${error.name}: ${error.message}`);
    expect(isRefusal(error)).toBe(name === 'AwsRefused');
  });

  it.each([new LedgerContended('x'), new StillMutating('x'), new TypeError('x')])(
    'is not what we threw: %s',
    (error) => {
      expect(translateFault(error)).toBe(error);
      expect(isRefusal(error)).toBe(false);
    },
  );

  it('is told by its name', () => {
    expect(isFault(fault('InvalidToken'), 'TaskTimedOut', 'InvalidToken')).toBe(true);
    expect(isFault(fault('InvalidToken'), 'TaskTimedOut')).toBe(false);
    expect(isFault('InvalidToken', 'InvalidToken')).toBe(false);
  });

  it('says what AWS said on one line', () => {
    expect((translateFault(fault('AccessDeniedException', 'a\nb')) as Error).message).toBe(
      'AccessDeniedException: a b',
    );
  });
});

it.each<[string, Error, 'not applied' | 'throttled' | 'unknown']>([
  ['a denied permission', fault('AccessDeniedException'), 'not applied'],
  ['a throttle', fault('ThrottlingException'), 'throttled'],
  ['an exceeded request limit', fault('RequestLimitExceeded'), 'throttled'],
  [
    'the race that ECS reports as a client exception',
    fault('ClientException', 'Too many concurrent attempts to create a new revision of the specified family.'),
    'throttled',
  ],
  ['a request that AWS gave up', fault('RequestTimeout'), 'unknown'],
  ['a failure of the server', fault('ServerException', 'x', 'server', 500), 'unknown'],
  ['a broken connection', broken('ECONNRESET'), 'unknown'],
  ['an error of ours', new StillMutating('x'), 'unknown'],
])('of %s it is known whether the call was applied', (_case, error, known) => {
  expect([isNotApplied(error), isThrottled(error)]).toEqual([known !== 'unknown', known === 'throttled']);
});
