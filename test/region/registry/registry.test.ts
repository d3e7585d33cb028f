import net from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion } from '../../../region/region.ts';
import { createPusher, PUSHER_ARN, trusting } from '../iam/github-fixture.ts';
import { served } from '../wire/over-loopback.ts';
import {
  authorizationToken,
  digestOf,
  errorsOf,
  push,
  registryFixture,
  sampleImage,
  descriptorOf,
  OCI_INDEX,
  OCI_MANIFEST,
  type RegistryFixture,
} from './registry-fixture.ts';

const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const UPLOADS = '/v2/team/api/blobs/uploads/';
const content = Buffer.from('\u001f\u008b a layer', 'latin1');
const digest = digestOf(content);
const MIB = 1024 * 1024;
const pusher = { kind: 'role', roleArn: PUSHER_ARN, sessionName: 'session' } as const;

let registry: RegistryFixture;

beforeEach(async () => {
  registry = await registryFixture();
});

async function begin(query = ''): Promise<string> {
  const begun = await registry.send('POST', UPLOADS + query);
  expect(begun.status).toBe(202);
  return String(begun.headers['location']);
}

const headers = (answer: { headers: object }) => answer.headers as Record<string, string>;

describe('who pushes or pulls', () => {
  it('is asked for a name and a password by a Basic challenge, as ECR asks', async () => {
    const answer = await registry.anonymous('GET', '/v2/');
    expect(answer.status).toBe(401);
    expect(headers(answer)).toMatchObject({
      'www-authenticate': `Basic realm="https://${HOST}/",service="ecr.amazonaws.com"`,
      'docker-distribution-api-version': 'registry/2.0',
    });
    expect(errorsOf(answer)).toMatchObject([{ code: 'UNAUTHORIZED' }]);
  });

  it('gets in with the token of GetAuthorizationToken', async () => {
    expect(await registry.send('GET', '/v2/')).toMatchObject({ status: 200 });
    expect(await registry.send('GET', '/v2')).toMatchObject({ status: 200 });
  });

  it.each([
    ['an access key', 'AWS:OPERATOR'],
    ['what only looks like a token', `AWS:${Buffer.from('{"payload":"OPERATOR"}').toString('base64')}`],
    ['another name', 'root:eyJwYXlsb2FkIjoiT1BFUkFUT1IiLCJ0eXBlIjoiREFUQV9LRVkifQ=='],
    [
      'a token of a key that nobody has',
      `AWS:${Buffer.from('{"payload":"ASIA0","type":"DATA_KEY"}').toString('base64')}`,
    ],
  ])('does not get in with %s', async (_, credentials) => {
    const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    expect(await registry.anonymous('GET', '/v2/', { headers: { authorization } })).toMatchObject({ status: 401 });
  });

  it('is sent away once the token is twelve hours old', async () => {
    await registry.region.kernel.runFor(12 * 3_600_000);
    const answer = await registry.send('GET', '/v2/team/api/tags/list');
    expect(answer.status).toBe(403);
    expect(errorsOf(answer)).toEqual([
      { code: 'DENIED', message: 'Your authorization token has expired. Reauthenticate and try again.' },
    ]);
  });

  it('is judged by IAM at every step as at ECR’s own API, as who fetched the token', async () => {
    const actions = ['ecr:GetAuthorizationToken', 'ecr:BatchCheckLayerAvailability', 'ecr:InitiateLayerUpload'];
    const trust = trusting({ StringEquals: { sub: 'repo:harbour/lighthouse:ref:refs/heads/main' } });
    await createPusher(registry.region, trust, { actions });
    const send = await registry.as(pusher);
    const begun = await send('POST', UPLOADS);
    expect(begun.status).toBe(202);
    const refused = await send('PATCH', String(begun.headers['location']), { body: content });
    expect(refused.status).toBe(403);
    const [{ code, message } = { code: '', message: '' }] = errorsOf(refused);
    expect(code).toBe('DENIED');
    expect(message).toMatch(
      /assumed-role.*is not authorized to perform: ecr:UploadLayerPart on resource: .*repository\/team\/api/,
    );
    const called = registry.region.calls
      .filter(({ caller }) => caller?.kind === 'role')
      .map(({ operation, outcome }) => `${operation} ${outcome}`);
    expect(called).toEqual([
      'GetAuthorizationToken ok',
      'InitiateLayerUpload ok',
      'UploadLayerPart AccessDeniedException',
    ]);
  });

  it('of a signed call below /v2/ is no client of the registry: such a path is a REST API’s', async () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=OPERATOR/20260105/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=0';
    const answer = await registry.anonymous('GET', '/v2/apis', { headers: { authorization } });
    expect(headers(answer)['docker-distribution-api-version']).toBeUndefined();
  });
});

describe('a blob', () => {
  const has = async () => (await registry.send('HEAD', `/v2/team/api/blobs/${digest}`)).status;

  it('is unknown until it is uploaded, and then there with its size', async () => {
    expect(await has()).toBe(404);
    const location = await begin();
    const done = await registry.send('PUT', `${location}?digest=${digest}`, { body: content });
    expect(done.status).toBe(201);
    expect(headers(done)).toMatchObject({ location: `/v2/team/api/blobs/${digest}`, 'docker-content-digest': digest });
    const head = await registry.send('HEAD', `/v2/team/api/blobs/${encodeURIComponent(digest)}`);
    expect(head).toMatchObject({
      status: 200,
      headers: { 'content-length': String(content.length), 'docker-content-digest': digest },
    });
  });

  it('comes in chunks, each where the last one ended', async () => {
    const first = Buffer.alloc(5 * MIB, 1);
    const whole = Buffer.concat([first, content]);
    const location = await begin();
    const one = await registry.send('PATCH', location, {
      body: first,
      headers: { 'content-range': `0-${first.length - 1}` },
    });
    expect(one).toMatchObject({ status: 202, headers: { location, range: `0-${first.length - 1}` } });
    expect(await registry.send('GET', location)).toMatchObject({
      status: 204,
      headers: { location, range: `0-${first.length - 1}` },
    });
    const again = await registry.send('PATCH', location, {
      body: first,
      headers: { 'content-range': `0-${first.length - 1}` },
    });
    expect(again).toMatchObject({ status: 416, headers: { range: `0-${first.length - 1}` } });
    expect(errorsOf(again)).toMatchObject([{ code: 'BLOB_UPLOAD_INVALID' }]);
    const range = { 'content-range': `${first.length}-${whole.length - 1}` };
    const done = await registry.send('PUT', `${location}?digest=${digestOf(whole)}`, { body: content, headers: range });
    expect(done.status).toBe(201);
  });

  it('comes as one stream, longer than any call of an API may be, of which ECR gets parts of 5 MiB', async () => {
    const stream = Buffer.alloc(22 * MIB, 2);
    const location = await begin();
    await registry.send('PATCH', location, { body: stream });
    expect(await registry.send('PUT', `${location}?digest=${digestOf(stream)}`)).toMatchObject({ status: 201 });
    const parts = registry.region.calls.filter(({ operation }) => operation === 'UploadLayerPart');
    expect(parts).toHaveLength(5);
  });

  it('of small chunks is refused, as ECR refuses it; how large they must be is said at the beginning', async () => {
    const begun = await registry.send('POST', UPLOADS);
    expect(headers(begun)['oci-chunk-min-length']).toBe(String(5 * MIB));
    const location = String(begun.headers['location']);
    for (const body of ['one', 'two']) await registry.send('PATCH', location, { body });
    const refused = await registry.send('PUT', `${location}?digest=${digestOf('onetwo')}`);
    expect(refused.status).toBe(400);
    expect(errorsOf(refused)).toMatchObject([{ code: 'SIZE_INVALID' }]);
  });

  it('comes with the POST itself', async () => {
    expect(await registry.send('POST', `${UPLOADS}?digest=${digest}`, { body: content })).toMatchObject({
      status: 201,
    });
    expect(await has()).toBe(200);
  });

  it('that is to be mounted from elsewhere is uploaded: the answer is a plain beginning', async () => {
    const location = await begin(`?mount=${digest}&from=team/other`);
    expect(await registry.send('PUT', `${location}?digest=${digest}`, { body: content })).toMatchObject({
      status: 201,
    });
  });

  it('that is not what its digest says is refused', async () => {
    const refused = await registry.send('PUT', `${await begin()}?digest=${digestOf('other')}`, { body: content });
    expect(refused.status).toBe(400);
    expect(errorsOf(refused)).toMatchObject([{ code: 'DIGEST_INVALID' }]);
    expect(await has()).toBe(404);
  });

  it('that somebody else has pushed meanwhile is there', async () => {
    for (const location of [await begin(), await begin()])
      expect(await registry.send('PUT', `${location}?digest=${digest}`, { body: content })).toMatchObject({
        status: 201,
      });
  });

  it('can be read again if it is a configuration, and not if it is a layer: the answer says why', async () => {
    const { layer, config } = sampleImage();
    for (const body of [layer, config]) await registry.send('POST', `${UPLOADS}?digest=${digestOf(body)}`, { body });
    const read = await registry.send('GET', `/v2/team/api/blobs/${digestOf(config)}`);
    expect([read.status, read.body.toString()]).toEqual([200, config]);
    const refused = await registry.send('GET', `/v2/team/api/blobs/${digestOf(layer)}`);
    expect(refused.status).toBe(405);
    expect(errorsOf(refused)).toEqual([
      { code: 'UNSUPPORTED', message: expect.stringMatching(/layers are checked and then forgotten/) as string },
    ]);
    const missing = await registry.send('GET', `/v2/team/api/blobs/${digestOf('nothing')}`);
    expect([missing.status, errorsOf(missing)[0]!.code]).toEqual([404, 'BLOB_UNKNOWN']);
  });
});

describe('a manifest', () => {
  const put = (reference: string, body: string, type = OCI_MANIFEST) =>
    registry.send('PUT', `/v2/team/api/manifests/${reference}`, { body, headers: { 'content-type': type } });
  const code = async (answer: Promise<Parameters<typeof errorsOf>[0]>) => {
    const { status, ...rest } = await answer;
    return [status, errorsOf({ status, ...rest })[0]!.code];
  };

  it('is read by tag and by digest, byte by byte as it was put', async () => {
    const image = sampleImage();
    const spaced = `${image.manifest}\n`;
    const done = await push(registry.send, { ...image, manifest: spaced }, 'v1');
    expect(done).toMatchObject({
      status: 201,
      headers: { 'docker-content-digest': digestOf(spaced), location: `/v2/team/api/manifests/${digestOf(spaced)}` },
    });
    for (const reference of ['v1', digestOf(spaced)]) {
      const read = await registry.send('GET', `/v2/team/api/manifests/${reference}`);
      expect([read.status, read.body.toString()]).toEqual([200, spaced]);
      const head = await registry.send('HEAD', `/v2/team/api/manifests/${reference}`);
      expect(head).toMatchObject({
        status: 200,
        headers: {
          'content-type': OCI_MANIFEST,
          'content-length': String(spaced.length),
          'docker-content-digest': digestOf(spaced),
        },
      });
    }
    expect(await code(registry.send('GET', '/v2/team/api/manifests/v2'))).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect((await registry.send('HEAD', '/v2/team/api/manifests/v2')).status).toBe(404);
  });

  it('of an index is put once its images are there, by their digests', async () => {
    const image = sampleImage();
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ ...descriptorOf(OCI_MANIFEST, image.manifest), platform: { os: 'linux', architecture: 'amd64' } }],
    });
    expect(await code(put('v1', index, OCI_INDEX))).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    expect(await push(registry.send, image, digestOf(image.manifest))).toMatchObject({ status: 201 });
    expect(await put('v1', index, OCI_INDEX)).toMatchObject({
      status: 201,
      headers: { 'docker-content-digest': digestOf(index) },
    });
  });

  it('and an upload are answered with an empty body of a length that is said, not in chunks', async () => {
    const image = sampleImage();
    const begun = await registry.send('POST', UPLOADS);
    const uploaded = await registry.send('PUT', `${String(begun.headers['location'])}?digest=${digest}`, {
      body: content,
    });
    for (const answer of [begun, uploaded, await push(registry.send, image, 'v1')]) {
      expect(answer.headers).toMatchObject({ 'content-length': '0' });
      expect(answer.headers).not.toHaveProperty('transfer-encoding');
    }
  });

  it('is put again without a word, and refused where its tag is immutable, as ECR does', async () => {
    const image = sampleImage();
    await push(registry.send, image, 'v1');
    expect(await put('v1', image.manifest)).toMatchObject({ status: 201 });
    expect(await put(digestOf(image.manifest), image.manifest)).toMatchObject({ status: 201 });
    const request = { repositoryName: 'team/api', imageTagMutability: 'IMMUTABLE' };
    await registry.region.call({ kind: 'operator' }, 'ecr', 'PutImageTagMutability', request);
    const other = sampleImage({ seed: 'other' });
    for (const again of [image, other]) {
      const refused = await push(registry.send, again, 'v1');
      expect(refused.status).toBe(400);
      expect(errorsOf(refused)).toEqual([
        {
          code: 'TAG_INVALID',
          message:
            "The image tag 'v1' already exists in the 'team/api' repository and cannot be overwritten because the tag is immutable.",
        },
      ]);
    }
    expect(await put(digestOf(image.manifest), image.manifest)).toMatchObject({ status: 201 });
  });

  it('that is none, or too long, or under another digest is refused', async () => {
    const image = sampleImage();
    await push(registry.send, image, 'v0');
    const { manifest } = image;
    expect(await code(put('v1', 'no JSON'))).toEqual([400, 'MANIFEST_INVALID']);
    expect(await code(put('v1', ' '.repeat(4 * MIB + 1)))).toEqual([413, 'MANIFEST_INVALID']);
    expect(await code(put(digestOf('other'), manifest))).toEqual([400, 'DIGEST_INVALID']);
    expect(await code(put('-v1', manifest))).toEqual([400, 'TAG_INVALID']);
  });

  it('is refused while its layers are missing, even to the operator, who may put a mere manifest by the API', async () => {
    const image = sampleImage();
    expect(await code(put('v1', image.manifest))).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    expect((await registry.send('HEAD', `/v2/team/api/blobs/${digestOf(image.config)}`)).status).toBe(404);
    const request = { repositoryName: 'team/api', imageManifest: image.manifest, imageTag: 'v1' };
    expect(await registry.region.call({ kind: 'operator' }, 'ecr', 'PutImage', request)).toHaveProperty('image');
  });

  it('is refused to a role while its layers are missing', async () => {
    const trust = trusting({ StringEquals: { sub: 'repo:harbour/lighthouse:ref:refs/heads/main' } });
    await createPusher(registry.region, trust, { actions: ['ecr:GetAuthorizationToken', 'ecr:PutImage'] });
    const send = await registry.as(pusher);
    const refused = send('PUT', '/v2/team/api/manifests/v1', { body: sampleImage().manifest });
    expect(await code(refused)).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
  });

  it('of an image whose label nobody understands is refused, and says what would be understood', async () => {
    const refused = await push(registry.send, sampleImage({ labels: { 'rehearsal.behaviour': 'crahs' } }), 'v1');
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(errorsOf(refused)[0]!.message).toMatch(/rehearsal\.behaviour "crahs" \(known: healthy, crash/);
  });
});

describe('tags', () => {
  const list = async (query = '') => registry.send('GET', `/v2/team/api/tags/list${query}`);
  const tagsOf = (answer: { body: Buffer }) => (JSON.parse(answer.body.toString()) as { tags: string[] }).tags;

  it('are listed in order, a page at a time, each page with a link to the next', async () => {
    const image = sampleImage();
    await push(registry.send, sampleImage({ seed: 'untagged' }), digestOf(sampleImage({ seed: 'untagged' }).manifest));
    for (const tag of ['v2', 'v10', 'latest']) await push(registry.send, image, tag);
    expect(JSON.parse((await list()).body.toString())).toEqual({ name: 'team/api', tags: ['latest', 'v10', 'v2'] });
    const first = await list('?n=2');
    expect(tagsOf(first)).toEqual(['latest', 'v10']);
    const [, next] = /^<(.*)>; rel="next"$/.exec(headers(first)['link']!)!;
    const second = await registry.send('GET', next!);
    expect(tagsOf(second)).toEqual(['v2']);
    expect(headers(second)['link']).toBeUndefined();
    expect(await list('?n=two')).toMatchObject({ status: 400 });
  });

  it('come from all of ECR’s pages', async () => {
    const image = imageManifest({ seedText: 'image' });
    const tags = Array.from({ length: 1001 }, (_, index) => `t${String(index).padStart(4, '0')}`);
    for (const tag of tags) registry.region.ecr.pushImage({ repositoryName: 'team/api', image, tag });
    expect(tagsOf(await list())).toEqual(tags);
  });
});

describe('what is not there', () => {
  it.each([
    ['POST', '/v2/team/nope/blobs/uploads/'],
    ['HEAD', `/v2/team/nope/blobs/${digest}`],
    ['GET', '/v2/team/nope/manifests/v1'],
    ['PUT', '/v2/team/nope/manifests/v1'],
    ['GET', '/v2/team/nope/tags/list'],
  ])('%s %s: the repository is unknown, in ECR’s words', async (method, path) => {
    const answer = await registry.send(method, path, { body: method === 'PUT' ? sampleImage().manifest : '' });
    expect(answer.status).toBe(404);
    if (method === 'HEAD') return;
    const message = "The repository with name 'team/nope' does not exist in the registry with id '123456789012'";
    expect(errorsOf(answer)).toEqual([{ code: 'NAME_UNKNOWN', message }]);
  });

  it.each([
    ['GET', '/v2/TEAM/api/tags/list', 400, 'NAME_INVALID'],
    ['POST', `${UPLOADS}?digest=sha256`, 400, 'DIGEST_INVALID'],
    ['PATCH', `${UPLOADS}nothing`, 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['PUT', `${UPLOADS}nothing`, 400, 'DIGEST_INVALID'],
    ['PUT', `${UPLOADS}nothing?digest=${digest}`, 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['DELETE', '/v2/team/api/manifests/v1', 405, 'UNSUPPORTED'],
    ['GET', `/v2/team/api/referrers/${digest}`, 404, 'UNSUPPORTED'],
    ['GET', '/v2/_catalog', 404, 'UNSUPPORTED'],
    ['GET', '/v2/team/%zz/tags/list', 400, 'NAME_INVALID'],
    ['GET', '/v2/team/api/manifests/__proto__', 404, 'MANIFEST_UNKNOWN'],
  ])('%s %s', async (method, path, status, code) => {
    const answer = await registry.send(method, path);
    expect([answer.status, errorsOf(answer)[0]!.code]).toEqual([status, code]);
  });

  it('may be dropped on its way like any other call: whoever pushes hears nothing', async () => {
    const stop = registry.region.onPark(({ operation }) => (operation === 'ListImages' ? 'drop' : 'proceed'));
    let isAnswered = false;
    void registry.send('GET', '/v2/team/api/tags/list').then(() => (isAnswered = true));
    await new Promise((resolve) => setImmediate(resolve));
    await registry.region.kernel.runFor(60_000);
    expect(isAnswered).toBe(false);
    stop();
  });
});

describe('over loopback', () => {
  it('no web page comes in: the guard stands before the registry, and speaks as the registry does', async () => {
    const region = createRegion();
    const door = await served(region);
    for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example' }] as Record<string, string>[]) {
      const refused = await door.send({ method: 'GET', path: '/v2/', headers });
      expect(refused.status).toBe(403);
      expect(errorsOf(refused)).toEqual([{ code: 'DENIED', message: expect.stringMatching(/is refused/) as string }]);
    }
    expect(await door.send({ method: 'GET', path: '/v2/' })).toMatchObject({ status: 401 });
    await door.stop();
  });

  it('a client that hangs up in the middle of a layer harms nobody', async () => {
    const region = createRegion();
    region.ecr.createRepository({ repositoryName: 'team/api' });
    const door = await served(region);
    const headers = { authorization: `Basic ${await authorizationToken(region)}` };
    const begun = await door.send({ path: UPLOADS, headers });
    const socket = net.connect(door.port, '127.0.0.1');
    const head = `PATCH ${begun.headers['location']} HTTP/1.1\r\nhost: 127.0.0.1:${door.port}\r\nauthorization: ${headers.authorization}`;
    await new Promise<void>((resolve) => socket.write(`${head}\r\ncontent-length: 99\r\n\r\nhalf`, () => resolve()));
    socket.destroy();
    expect(await door.send({ method: 'GET', path: '/v2/', headers })).toMatchObject({ status: 200 });
    await door.stop();
  });
});

describe('what nobody foresaw', () => {
  it('is a 500 that names it, and strikes the run as any defect does', async () => {
    for (const defects of ['contain', 'end'] as const) {
      const { region, send } = await registryFixture({ defects });
      region.ecr.textOf = () => {
        throw new Error('lost');
      };
      const config = '{}';
      await send('POST', `${UPLOADS}?digest=${digestOf(config)}`, { body: config });
      const answer = send('GET', `/v2/team/api/blobs/${digestOf(config)}`);
      if (defects === 'end') await expect(Promise.all([answer, region.kernel.runFor(1000)])).rejects.toThrow('lost');
      else
        expect(errorsOf(await answer)).toEqual([
          { code: 'UNKNOWN', message: 'Not modelled by the region: Error: lost' },
        ]);
    }
  });
});

it('gives every caller a token of their own', async () => {
  expect(await authorizationToken(registry.region)).not.toBe(await authorizationToken(registry.region));
});
