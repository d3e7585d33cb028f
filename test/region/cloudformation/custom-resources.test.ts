import { describe, expect, it } from 'vitest';
import type { TraceLine } from '../../../region/kernel/kernel.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import type { CreatedResource, IsGone } from '../../../region/service.ts';
import { raw, driven } from '../wire/endpoint.ts';

const TYPE = 'AWS::CloudFormation::CustomResource';

/** `respond(event, answer)` puts a response as AWS's own module for functions does; `ANSWER` is the body of the handler. */
const SOURCE = `const https = require('https');
function respond(event, answer, headers = {}) {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...answer });
  const options = { method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body), ...headers } };
  return new Promise((resolve, reject) => {
    const request = https.request(event.ResponseURL, options, (response) => {
      console.log('status ' + response.statusCode);
      response.resume();
      response.on('end', resolve);
    });
    request.on('error', reject);
    request.end(body);
  });
}
exports.handler = async (event) => { ANSWER };`;

const ECHO = "await respond(event, { Status: 'SUCCESS', PhysicalResourceId: 'thing-1', Data: { event, count: 3 } });";

interface Provider {
  readonly region: Region;
  readonly token: string;
  readonly trace: TraceLine[];
  readonly log: () => string[];
}

async function provider(answer: string): Promise<Provider> {
  const trace: TraceLine[] = [];
  const region = createRegion({ onTrace: (line) => trace.push(line) });
  const Statement = [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }];
  const logging = { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' };
  const role = await region.resources['AWS::IAM::Role']!(
    'Role',
    {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement },
      Policies: [{ PolicyName: 'logs', PolicyDocument: { Version: '2012-10-17', Statement: [logging] } }],
    },
    'stack',
  );
  await region.resources['AWS::Logs::LogGroup']!('Logs', { LogGroupName: '/aws/lambda/provider' }, 'stack');
  const { attributes } = await region.resources['AWS::Lambda::Function']!(
    'Provider',
    {
      FunctionName: 'provider',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: role.attributes['Arn'],
      Code: { ZipFile: SOURCE.replace('ANSWER', answer) },
      Timeout: 30,
    },
    'stack',
  );
  const log = () => region.logs.eventsOf('/aws/lambda/provider').map(({ message }) => message);
  return { region, token: attributes['Arn']!, trace, log };
}

const asked = ({ region, token }: Provider, properties: object = {}): CreatedResource =>
  region.resources[TYPE]!('Thing', { ServiceToken: token, ...properties }, 'stack', 'Custom::Thing') as CreatedResource;

function deletion({ region, token }: Provider, current: CreatedResource): IsGone {
  const properties = { ServiceToken: token, Depth: 1 };
  const removal = { logicalId: 'Thing', type: 'Custom::Thing', stackName: 'stack', current, properties };
  return region.deleters[TYPE]!(removal) as IsGone;
}

async function created(from: Provider, resource: CreatedResource): Promise<CreatedResource> {
  let answer: CreatedResource | undefined;
  const isThere = (): boolean => (answer = resource.awaited!()) !== undefined;
  await from.region.kernel.runUntil(isThere, 'the response', 7_200_000);
  return answer!;
}

describe('a custom resource', () => {
  it("is created by its function, which is told CloudFormation's event with every value as a text", async () => {
    const from = await provider(ECHO);
    const resource = asked(from, { Name: '/image', Depth: 2, IsOn: true, List: [{ Size: 1 }] });
    expect(resource.awaited!()).toBeUndefined();
    const { ref, attributes } = await created(from, resource);
    expect(ref).toBe('thing-1');
    expect(attributes['count']).toBe('3');
    const event = JSON.parse(attributes['event']!) as Record<string, string>;
    expect(event).toEqual({
      RequestType: 'Create',
      ServiceToken: from.token,
      ResponseURL: expect.stringMatching(
        /^https:\/\/cloudformation-custom-resource-response-useast1\.s3\.amazonaws\.com\/arn%3Aaws%3Acloudformation%3A.*%7CThing%7C.*X-Amz-Signature=/,
      ) as string,
      StackId: expect.stringMatching(
        /^arn:aws:cloudformation:us-east-1:123456789012:stack\/stack\/[-0-9a-f]{36}$/,
      ) as string,
      RequestId: expect.stringMatching(/^[-0-9a-f]{36}$/) as string,
      LogicalResourceId: 'Thing',
      ResourceType: 'Custom::Thing',
      ResourceProperties: {
        ServiceToken: from.token,
        Name: '/image',
        Depth: '2',
        IsOn: 'true',
        List: [{ Size: '1' }],
      },
    });
  });

  it('is updated under its physical id, with the old properties beside the new', async () => {
    const from = await provider(ECHO);
    const current = await created(from, asked(from, { Depth: 1 }));
    const before = { ServiceToken: from.token, Depth: 1 };
    const change = { logicalId: 'Thing', type: 'Custom::Thing', stackName: 'stack', current, before };
    const updated = from.region.updaters[TYPE]!.update({ ...change, after: { ...before, Depth: 2 } });
    const { attributes } = await created(from, updated as CreatedResource);
    expect(JSON.parse(attributes['event']!)).toMatchObject({
      RequestType: 'Update',
      PhysicalResourceId: 'thing-1',
      ResourceProperties: { Depth: '2' },
      OldResourceProperties: { ServiceToken: from.token, Depth: '1' },
    });
  });

  it('is replaced at an update by answering another physical id, and may not change its function', async () => {
    const from = await provider("await respond(event, { Status: 'SUCCESS', PhysicalResourceId: event.RequestId });");
    const current = await created(from, asked(from));
    const before = { ServiceToken: from.token };
    const change = { logicalId: 'Thing', type: 'Custom::Thing', stackName: 'stack', current, before };
    const { update } = from.region.updaters[TYPE]!;
    const updated = update({ ...change, after: { ...before, Depth: 2 } }) as CreatedResource;
    expect((await created(from, updated)).ref).not.toBe(current.ref);
    expect(() => update({ ...change, after: { ServiceToken: `${from.token}2` } })).toThrow(
      'Modifying service token is not allowed.',
    );
  });

  it('is deleted under its physical id, with the properties that it had, when its function says so', async () => {
    const from = await provider(`console.log(JSON.stringify(event)); ${ECHO}`);
    const current = await created(from, asked(from, { Depth: 1 }));
    const isGone = deletion(from, current);
    expect(isGone()).toBe(false);
    await from.region.kernel.runUntil(isGone, 'the response', 7_200_000);
    const told = from.log().filter((line) => line.includes('"RequestType":"Delete"'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/"PhysicalResourceId":"thing-1".*"ResourceProperties":\{[^}]*"Depth":"1"/);
  });

  it('cannot be deleted when its function says so, or is gone', async () => {
    const FAILED = "{ Status: 'FAILED', Reason: 'no luck', PhysicalResourceId: 'thing-1' }";
    const from = await provider(
      `if (event.RequestType === 'Create') { ${ECHO} } else await respond(event, ${FAILED});`,
    );
    const current = await created(from, asked(from));
    const isGone = deletion(from, current);
    await expect(from.region.kernel.runUntil(isGone, 'the response', 7_200_000)).rejects.toThrow(
      'Received response status [FAILED] from custom resource. Message returned: no luck',
    );
    await from.region.deleters['AWS::Lambda::Function']!({
      logicalId: 'Provider',
      type: 'AWS::Lambda::Function',
      stackName: 'stack',
      current: { ref: 'provider', attributes: { Arn: from.token } },
      properties: {},
    });
    expect(() => deletion(from, current)).toThrow('Function not found');
  });

  it.each([
    [
      'that failed',
      "await respond(event, { Status: 'FAILED', Reason: 'no luck', PhysicalResourceId: 'x' });",
      'Received response status [FAILED] from custom resource. Message returned: no luck (RequestId: ',
    ],
    ['without a physical id', "await respond(event, { Status: 'SUCCESS' });", 'Invalid response object: '],
    [
      'to another request',
      "await respond(event, { Status: 'SUCCESS', PhysicalResourceId: 'x', RequestId: 'other' });",
      'Invalid response object: RequestId must be that of the request',
    ],
    [
      'that is too long',
      "await respond(event, { Status: 'SUCCESS', PhysicalResourceId: 'x', Data: { long: 'x'.repeat(4096) } });",
      'Response object is too long.',
    ],
  ])('fails by a response %s', async (_, answer, sentence) => {
    const from = await provider(answer);
    await expect(created(from, asked(from))).rejects.toThrow(sentence);
  });

  it('fails after an hour without a response, or after its own timeout', async () => {
    const from = await provider('return;');
    const startedAt = from.region.kernel.now;
    const hasFailed = ({ awaited }: CreatedResource) => {
      try {
        return awaited!() !== undefined;
      } catch (error) {
        return (error as Error).message.startsWith(
          'CloudFormation did not receive a response from your Custom Resource.',
        );
      }
    };
    const [patient, hurried] = [asked(from), asked(from, { ServiceTimeout: 120 })];
    await from.region.kernel.runFor(119_000);
    expect(hasFailed(hurried)).toBe(false);
    await from.region.kernel.runFor(1_000);
    expect(hasFailed(hurried)).toBe(true);
    expect(hasFailed(patient)).toBe(false);
    await from.region.kernel.runFor(3_600_000 - 120_000);
    expect(from.region.kernel.now - startedAt).toBe(3_600_000);
    expect(hasFailed(patient)).toBe(true);
  });

  it('is asked for again by Lambda when its function fails before it has responded', async () => {
    const from = await provider(
      `if (globalThis.hasFailed) { ${ECHO} } else { globalThis.hasFailed = true; throw new Error('once'); }`,
    );
    expect(await created(from, asked(from))).toMatchObject({ ref: 'thing-1' });
    expect(from.trace.filter(({ label }) => label === 'lambda provider takes an event')).toHaveLength(2);
  });

  it('keeps its first response', async () => {
    const from = await provider(`${ECHO} await respond(event, { Status: 'FAILED', PhysicalResourceId: 'x' });`);
    const resource = asked(from);
    await from.region.kernel.runFor(60_000);
    expect(from.log().filter((line) => line.includes('status 200'))).toHaveLength(2);
    expect(resource.awaited!()).toMatchObject({ ref: 'thing-1' });
  });

  it('is refused behind anything but a function, and behind a function that is not there', async () => {
    const from = await provider(ECHO);
    expect(() => asked({ ...from, token: 'arn:aws:sns:us-east-1:123456789012:topic' })).toThrow(
      'A custom resource behind arn:aws:sns:us-east-1:123456789012:topic is not modelled',
    );
    expect(() => asked({ ...from, token: `${from.token}2` })).toThrow('Function not found');
  });
});

describe('the bucket of responses', () => {
  it('passes both parks of the door like any call', async () => {
    const from = await provider(ECHO);
    const parked: string[] = [];
    from.region.onPark(({ service, operation, phase }) => (parked.push(`${service}:${operation} ${phase}`), 'proceed'));
    await created(from, asked(from));
    await from.region.kernel.runFor(1_000);
    expect(parked).toEqual(['s3:PutObject arrive', 's3:PutObject answer']);
  });

  it.each([
    ['another content type', "{ 'content-type': 'application/json' }", 403],
    ['a body of unknown length', "{ 'content-length': [], 'transfer-encoding': 'chunked' }", 501],
  ])('refuses %s', async (_, headers, status) => {
    const from = await provider(ECHO.replace(' });', ` }, ${headers});`).replace('event, count', 'count'));
    const resource = asked(from);
    await from.region.kernel.runFor(60_000);
    expect(from.log().find((line) => line.includes('status'))).toContain(`status ${status}`);
    expect(resource.awaited!()).toBeUndefined();
  });

  it('refuses every URL that it has not signed, and everything but a PUT', async () => {
    const { region } = await provider(ECHO);
    const host = 'cloudformation-custom-resource-response-useast1.s3.amazonaws.com';
    const answer = await driven(
      region.kernel,
      raw(region.connect, { headers: { host }, path: '/x?X-Amz-Signature=0' }),
    );
    expect([answer.status, answer.body.toString()]).toEqual([
      501,
      expect.stringContaining(`<Code>NotModelled</Code><Message>POST on ${host}`),
    ]);
    const put = raw(region.connect, { headers: { host }, path: '/x?X-Amz-Signature=0', method: 'PUT' });
    expect((await driven(region.kernel, put)).body.toString()).toContain('<Code>SignatureDoesNotMatch</Code>');
  });
});
