import { expect, it } from 'vitest';
import { serviceFault } from '../../../region/faults/service-errors.ts';

/** As the SDKs' service models name them; what a model does not name is common to all services. */
it.each([
  ['ecs', 'ThrottlingException 400', 'ServerException 500'],
  ['ecr', 'ThrottlingException 400', 'ServerException 500'],
  ['dynamodb', 'ThrottlingException 400', 'InternalServerError 500'],
  ['ssm', 'ThrottlingException 400', 'InternalServerError 500'],
  ['sns', 'Throttled 429', 'InternalError 500'],
  ['sqs', 'ThrottlingException 400', 'InternalFailure 500'],
  ['events', 'ThrottlingException 400', 'InternalException 500'],
  ['logs', 'ThrottlingException 400', 'ServiceUnavailableException 503'],
  ['monitoring', 'Throttling 400', 'InternalServiceError 500'],
  ['states', 'ThrottlingException 400', 'InternalFailure 500'],
  ['iam', 'Throttling 400', 'ServiceFailure 500'],
  ['sts', 'Throttling 400', 'InternalFailure 500'],
  ['secretsmanager', 'ThrottlingException 400', 'InternalServiceError 500'],
])('%s says %s when it throttles and %s when it fails', (service, throttled, failed) => {
  const words = (['throttling', 'server-error'] as const).map((error) => serviceFault(service, error));
  expect(words.map(({ code, status }) => `${code} ${status}`)).toEqual([throttled, failed]);
});

it('says any other word that a rule gives', () => {
  const error = { code: 'ClientException', message: 'Too many concurrent attempts', status: 400 };
  expect(serviceFault('ecs', error)).toMatchObject(error);
});
