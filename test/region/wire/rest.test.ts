import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import type {
  InvocationRequest,
  InvocationResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault, later, operation, type Operation, type Service } from '../../../region/service.ts';
import { operationAt } from '../../../region/wire/rest-routes.ts';
import { asJson, clientConfiguration, driven, endpointWith, raw, signedBy } from './endpoint.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

const unguarded = () => [];

/** A Lambda that says what it was asked. */
function echo(operations: Record<string, Operation> = {}) {
  const asked: object[] = [];
  const lambda: Service = {
    id: 'lambda',
    state: {},
    resources: {},
    operations: {
      ListFunctions: operation<ListFunctionsRequest, ListFunctionsResponse>({
        permissions: unguarded,
        apply: (input) => (asked.push(input), { Functions: [{ FunctionName: 'one', Timeout: 3 }], NextMarker: 'more' }),
      }),
      Invoke: operation<InvocationRequest, InvocationResponse>({
        permissions: unguarded,
        apply: (input) => {
          asked.push({ ...input, Payload: Buffer.from(input.Payload ?? []).toString() });
          return { StatusCode: 202, FunctionError: 'Unhandled', Payload: Buffer.from('{"a":1}') as never };
        },
      }),
      ...operations,
    },
  };
  const world = endpointWith(() => [lambda]);
  const client = new LambdaClient(clientConfiguration(world.endpoint.connect));
  return { ...world, client, asked };
}

describe('a REST API', () => {
  it('takes members from the query and answers JSON', async () => {
    const { kernel, client, asked } = echo();
    const answer = await driven(kernel, client.send(new ListFunctionsCommand({ MaxItems: 7, Marker: 'a/b c' })));
    expect(asked).toEqual([{ MaxItems: 7, Marker: 'a/b c' }]);
    expect(answer).toMatchObject({ Functions: [{ FunctionName: 'one', Timeout: 3 }], NextMarker: 'more' });
  });

  it('takes members from the path, headers and a raw body, and puts them into status, headers and a raw body', async () => {
    const { kernel, client, asked } = echo();
    const FunctionName = 'arn:aws:lambda:us-east-1:123456789012:function:one';
    const sent = new InvokeCommand({
      FunctionName,
      InvocationType: 'Event',
      Qualifier: '7',
      Payload: Buffer.from('[1]'),
    });
    const answer = await driven(kernel, client.send(sent));
    expect(asked).toEqual([{ FunctionName, InvocationType: 'Event', Qualifier: '7', Payload: '[1]' }]);
    expect(answer).toMatchObject({ StatusCode: 202, FunctionError: 'Unhandled' });
    expect(answer.Payload?.transformToString()).toBe('{"a":1}');
  });

  it('answers faults under the name and with the members that the API gives them', async () => {
    const { kernel, client, endpoint } = echo({
      Invoke: operation<InvocationRequest, InvocationResponse>({
        permissions: unguarded,
        apply() {
          throw new Fault('ResourceNotFoundException', 'Function not found: one', 404);
        },
      }),
    });
    const refused = await driven(
      kernel,
      client.send(new InvokeCommand({ FunctionName: 'one' })).catch((e: unknown) => e),
    );
    expect(refused).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: one',
      $metadata: { httpStatusCode: 404 },
    });
    const path = '/2015-03-31/functions/one/invocations';
    const answer = await driven(kernel, raw(endpoint.connect, { headers: signedBy('KEY', 'lambda'), path }));
    expect(JSON.parse(answer.body.toString())).toEqual({ Type: 'User', Message: 'Function not found: one' });
  });

  it('may answer later, while the kernel goes on', async () => {
    const { kernel, client, endpoint } = echo({
      Invoke: operation<InvocationRequest, InvocationResponse>({
        permissions: unguarded,
        apply: ({ FunctionName }) =>
          later((onEnd) => {
            const outcome =
              FunctionName === 'one' ? { StatusCode: 200 } : new Fault('TooManyRequestsException', 'x', 429);
            kernel.after(60_000, 'timer', 'a minute', () => onEnd(outcome));
          }),
      }),
    });
    const start = kernel.now;
    await driven(kernel, client.send(new InvokeCommand({ FunctionName: 'one' })));
    expect(kernel.now - start).toBeGreaterThanOrEqual(60_000);
    expect(endpoint.calls).toMatchObject([{ operation: 'Invoke', outcome: 'ok', at: expect.any(Number) as number }]);
    const headers = signedBy('KEY', 'lambda');
    const other = await driven(
      kernel,
      raw(endpoint.connect, { headers, path: '/2015-03-31/functions/two/invocations' }),
    );
    expect(other.status).toBe(429);
    expect(endpoint.calls.at(-1)).toMatchObject({ operation: 'Invoke', outcome: 'TooManyRequestsException' });
    const inProcess = endpoint.call({ kind: 'operator' }, 'lambda', 'Invoke', { FunctionName: 'two' });
    await expect(driven(kernel, inProcess)).rejects.toMatchObject({ code: 'TooManyRequestsException' });
  });

  it.each([
    ['a query parameter that nobody has', '/2015-03-31/functions?Nonsense=1', 'has no query parameter Nonsense'],
    ['a number that is none', '/2015-03-31/functions?MaxItems=many', 'MaxItems: expected a number, got "many"'],
  ])('refuses %s', async (_case, path, problem) => {
    const { kernel, endpoint, asked } = echo();
    const request = { headers: signedBy('KEY', 'lambda'), path, method: 'GET' };
    const answer = await driven(kernel, raw(endpoint.connect, request));
    expect([answer.status, answer.headers['x-amzn-errortype'], asked]).toEqual([400, 'SerializationException', []]);
    expect(asJson(answer).message).toContain(problem);
  });

  it('refuses a path that cannot be decoded, and a body that is no JSON object', async () => {
    const { kernel, endpoint } = echo();
    const headers = signedBy('KEY', 'lambda');
    const path = '/2015-03-31/functions/%zz/invocations';
    const undecodable = await driven(kernel, raw(endpoint.connect, { headers, path }));
    expect([undecodable.status, asJson(undecodable).message]).toEqual([400, expect.stringContaining('%zz')]);
    const list = await driven(
      kernel,
      raw(endpoint.connect, {
        headers: { ...headers, 'content-length': '2' },
        path: '/2015-03-31/functions',
        method: 'GET',
        body: '[]',
      }),
    );
    expect([list.status, asJson(list).message]).toEqual([400, 'the body of the request is not a JSON object']);
  });

  it('answers 403 to a key that nobody has', async () => {
    const { kernel, endpoint } = echo();
    const request = { headers: signedBy('NOBODY', 'lambda'), path: '/2015-03-31/functions', method: 'GET' };
    const answer = await driven(kernel, raw(endpoint.connect, request));
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([403, 'UnrecognizedClientException']);
  });
});

describe('what the region does not have of REST APIs is refused', () => {
  it.each([
    ['POST', '/2015-03-31/functions/', 'CreateFunction'],
    ['GET', '/2015-03-31/functions/one', 'GetFunction'],
    ['GET', '/2015-03-31/functions/one/configuration', 'GetFunctionConfiguration'],
    ['DELETE', '/2015-03-31/functions/one?Qualifier=2', 'DeleteFunction'],
    ['POST', '/2021-11-15/functions/one/response-streaming-invocations', 'InvokeWithResponseStream'],
    ['GET', '/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Aone', 'ListTags'],
  ])('by the name of its operation: %s %s', async (method, path, name) => {
    const { kernel, endpoint } = echo();
    const answer = await driven(kernel, raw(endpoint.connect, { headers: signedBy('KEY', 'lambda'), path, method }));
    expect([answer.status, answer.headers['x-amzn-errortype'], asJson(answer).message]).toEqual([
      400,
      'NotModelled',
      `The operation lambda:${name} is not modelled by this region`,
    ]);
  });

  it.each([
    ['lambda', 'GET', '/2015-03-31/nonsense'],
    ['elasticfilesystem', 'GET', '/2015-02-01/file-systems'],
    ['apigateway', 'POST', '/restapis'],
  ])('by method and path where no operation is known: %s %s %s', async (service, method, path) => {
    const { kernel, endpoint } = echo();
    const answer = await driven(kernel, raw(endpoint.connect, { headers: signedBy('KEY', service), path, method }));
    expect([answer.status, asJson(answer).message]).toEqual([
      400,
      `${method} ${path} (the REST API of ${service}) is not modelled by this region`,
    ]);
  });

  it.each([
    [
      's3',
      '/?x=<y>',
      /^<\?xml.*\n<Error><Code>NotModelled<\/Code><Message>GET \/\?x=&lt;y&gt; \(the REST API of s3\) is not/,
    ],
    [
      'route53',
      '/2013-04-01/hostedzone',
      /<ErrorResponse><Error><Type>Sender<\/Type><Code>NotModelled<\/Code><Message>GET/,
    ],
    [
      'cloudfront',
      '/2020-05-31/distribution',
      /<Message>GET \/2020-05-31\/distribution \(the REST API of cloudfront\) is not/,
    ],
  ])('in XML where the client reads XML: %s', async (service, path, expected) => {
    const { kernel, endpoint } = echo();
    // Their endpoints are one for all regions, or any bucket's own.
    const headers = signedBy('KEY', service, 'eu-west-3');
    const answer = await driven(kernel, raw(endpoint.connect, { headers, path, method: 'GET' }));
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/xml']);
    expect(answer.body.toString()).toMatch(expected);
  });
});

describe('an operation is found by method and path', () => {
  const at = (method: string, path: string) =>
    operationAt('lambda', { method, path, headers: {}, body: Buffer.alloc(0) })?.name;

  it('the more literal one first, be it by its path or by its query', () => {
    const provisioned = '/2019-09-30/functions/one/provisioned-concurrency';
    expect(at('GET', `${provisioned}?List=ALL`)).toBe('ListProvisionedConcurrencyConfigs');
    expect(at('GET', `${provisioned}?Qualifier=1`)).toBe('GetProvisionedConcurrencyConfig');
    expect(at('GET', '/2019-09-25/functions/one/event-invoke-config/list')).toBe('ListFunctionEventInvokeConfigs');
    expect(at('GET', '/2019-09-25/functions/one/event-invoke-config')).toBe('GetFunctionEventInvokeConfig');
  });

  it('and not by half of it', () => {
    expect(at('GET', '/2015-03-31')).toBeUndefined();
    expect(at('GET', '/2015-03-31/functions//invocations')).toBeUndefined();
    expect(at('PATCH', '/2015-03-31/functions')).toBeUndefined();
  });
});
