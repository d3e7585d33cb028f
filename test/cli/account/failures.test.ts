import { describe, expect, it, vi } from 'vitest';
import { withClients } from '../../../cli/account/clients.ts';
import { LedgerUnreadable } from '../../../functions/rollout/errors.ts';
import { AwsFailure, explainFailure, type Place } from '../../../cli/account/failures.ts';

const PLACE: Place = { stackName: 'rollouts-api', region: 'eu-west-1' };

/** An error as the SDK throws it. */
function thrown(name: string, message = 'Something.', members: object = { $fault: 'client', $metadata: {} }): Error {
  return Object.assign(new Error(message), { name }, members);
}

const network = (code: string, message = code): Error => thrown('Error', message, { code });

describe('a failure of AWS', () => {
  it.each([
    [
      'no credentials',
      thrown('CredentialsProviderError', 'Could not load credentials from any providers', {}),
      /^no usable AWS credentials \(.*\): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY$/,
    ],
    [
      'an SSO session that is over',
      thrown('CredentialsProviderError', 'The SSO session associated with this profile has expired.', {}),
      /^the SSO session has expired: run aws sso login/,
    ],
    [
      'an endpoint that is no URL',
      thrown('TypeError', 'Invalid URL', { code: 'ERR_INVALID_URL', input: 'notaurl' }),
      /^the AWS endpoint "notaurl" is no URL: mend endpoint_url in your AWS configuration/,
    ],
    ['no region', thrown('Error', 'Region is missing', {}), /^no AWS region is set: set AWS_REGION/],
    ['an expired session', thrown('ExpiredTokenException'), /^the AWS credentials have expired: get new ones/],
    ['an expired session, as STS says it', thrown('ExpiredToken'), /^the AWS credentials have expired/],
    ['unknown keys', thrown('UnrecognizedClientException'), /does not accept these credentials in eu-west-1 \(Unrec/],
    ['unknown keys, as STS says it', thrown('InvalidClientTokenId'), /^AWS does not accept these credentials/],
    ['a wrong secret', thrown('SignatureDoesNotMatch'), /check the keys, the profile and the clock$/],
    [
      'a missing permission',
      thrown(
        'AccessDeniedException',
        'User: arn:aws:iam::1:user/ann is not authorized to perform: states:StartExecution on resource: arn:aws:x because no policy allows it',
      ),
      /^arn:aws:iam::1:user\/ann may not states:StartExecution on arn:aws:x: ask for that permission/,
    ],
    ['a denial without details', thrown('AccessDenied', 'Forbidden.'), /^AWS denied it \(Forbidden\): ask for that/],
    ['no state machine', thrown('StateMachineDoesNotExist'), /^rollouts-api is not deployed in eu-west-1: deploy it/],
    ['no table', thrown('ResourceNotFoundException'), /^rollouts-api is not deployed in eu-west-1: .*AWS_REGION$/],
    ['no service', thrown('ServiceNotFoundException', 'Gone.'), /^ECS does not have the service in eu-west-1 \(Gone\)/],
    ['no cluster', thrown('ClusterNotFoundException', 'Gone.'), /^ECS does not have the service in eu-west-1 \(Gone\)/],
    ['no repository', thrown('RepositoryNotFoundException'), /^ECR does not have the repository in eu-west-1/],
    [
      'a ledger of another release',
      new LedgerUnreadable('The ledger has schema 2, this release reads 1: deploy the newer release.'),
      /^The ledger has schema 2, this release reads 1: use the release that was deployed$/,
    ],
    ['a forgotten execution', thrown('ExecutionDoesNotExist'), /^Step Functions no longer has that rollout/],
    [
      'anything else that AWS refuses',
      thrown('ValidationException', 'Bad.\nVery.'),
      /^AWS refused \(ValidationExc.*Bad\)/,
    ],
  ])('%s is one sentence with a remedy', (_, error, sentence) => {
    const failure = explainFailure(error, PLACE);
    expect(failure?.message).toMatch(sentence);
    expect(failure?.message).not.toContain('\n');
    expect(failure).toMatchObject({ isTransient: false, cause: error });
  });

  it.each([
    ['throttling', thrown('ThrottlingException'), /^AWS throttles .* \(ThrottlingException\): try again in a minute$/],
    ['throttling of DynamoDB', thrown('ProvisionedThroughputExceededException'), /^AWS throttles/],
    ['throttling by status', thrown('Odd', '', { $metadata: { httpStatusCode: 429 } }), /^AWS throttles/],
    [
      'trouble of AWS',
      thrown('InternalFailure', '', { $fault: 'server' }),
      /^AWS has trouble in eu-west-1 \(InternalF/,
    ],
    ['nobody there', network('ECONNREFUSED'), /^AWS in eu-west-1 does not answer \(ECONNREFUSED\): check the network$/],
    ['no answer in time', thrown('TimeoutError', 'late', {}), /^AWS in eu-west-1 does not answer \(TimeoutError\)/],
    [
      'a region that is spelled wrong',
      network('ENOTFOUND', 'getaddrinfo ENOTFOUND sts.eu-wset-1.amazonaws.com'),
      /^no such host \(getaddrinfo ENOTFOUND sts\.eu-wset-1.*\): check the network, and that eu-west-1 is spelled right$/,
    ],
  ])('%s may pass, and is said so', (_, error, sentence) => {
    const failure = explainFailure(error, PLACE);
    expect(failure?.message).toMatch(sentence);
    expect(failure?.isTransient).toBe(true);
  });

  it.each([
    [
      'credentials',
      thrown('CredentialsProviderError', 'Could not load credentials from any providers', {}),
      /^profile nope \(AWS_PROFILE\) is not in your AWS configuration, .*: name one that aws configure list-profiles/,
    ],
    [
      'a region',
      thrown('Error', 'Region is missing', {}),
      /^no AWS region is set: profile nope .*: set AWS_REGION, or/,
    ],
  ])('names the profile that gives no %s', (_, error, sentence) => {
    const failure = explainFailure(error, { profile: 'nope' });
    expect(failure?.message).toMatch(sentence);
    expect(failure?.message).not.toContain('set AWS_PROFILE');
  });

  it('names the endpoint where one is set, and the first error where a host has several addresses', () => {
    const refused = Object.assign(new AggregateError([network('ECONNREFUSED')]), { code: 'ECONNREFUSED' });
    expect(explainFailure(refused, { endpoint: 'http://127.0.0.1:4566' })?.message).toBe(
      'http://127.0.0.1:4566 does not answer (ECONNREFUSED): check the network and AWS_ENDPOINT_URL',
    );
  });
});

it.each([
  ['AWS_ENDPOINT_URL', 'notaurl'],
  ['AWS_ENDPOINT_URL', 'localhost:4566'],
  ['AWS_ENDPOINT_URL_STS', 'ftp://x'],
])('%s=%s is refused by name before anything is sent', async (variable, value) => {
  const use = vi.fn();
  const attempt = withClients({ AWS_REGION: 'eu-west-1', [variable]: value }, { stackName: 'rollouts-api' }, use);
  await expect(attempt).rejects.toThrow(`${variable} is "${value}", which is no URL: write it such as http://`);
  expect(use).not.toHaveBeenCalled();
});

it.each([
  ['a defect', new TypeError('x is not a function')],
  ['no error', 'text'],
])('%s is none of AWS’s', (_, error) => {
  expect(explainFailure(error, PLACE)).toBeUndefined();
});

it('explained once, a failure stays as it is', () => {
  const failure = new AwsFailure('gone', false, undefined);
  expect(explainFailure(failure, PLACE)).toBe(failure);
});
