import { createHash } from 'node:crypto';
import type { GetAuthorizationTokenResponse } from '@aws-sdk/client-ecr';
import { createRegion, type Region, type RegionOptions } from '../../../region/region.ts';
import type { Caller } from '../../../region/service.ts';
import { driven, operator, raw, type RawAnswer } from '../wire/endpoint.ts';

/** Who pushes and pulls, without a header of its own making: paths, bodies and answers as they are on the wire. */
export interface RegistryClient {
  (
    method: string,
    path: string,
    of?: { readonly headers?: Record<string, string>; readonly body?: Uint8Array | string },
  ): Promise<RawAnswer>;
}

export interface RegistryFixture {
  readonly region: Region;
  /** Sends without any token. */
  readonly anonymous: RegistryClient;
  /** Sends as the operator. */
  readonly send: RegistryClient;
  /** Fetches a token as `caller`, and sends with it. */
  as(caller: Caller): Promise<RegistryClient>;
}

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** A region with a repository `team/api`, reached in memory. */
export async function registryFixture(options: RegionOptions = {}): Promise<RegistryFixture> {
  const region = createRegion(options);
  region.ecr.createRepository({ repositoryName: 'team/api' });
  const client =
    (authorization: Record<string, string>): RegistryClient =>
    (method, path, { headers = {}, body = '' } = {}) =>
      driven(region.kernel, raw(region.connect, { method, path, headers: { ...authorization, ...headers }, body }));
  const as = async (caller: Caller): Promise<RegistryClient> =>
    client({ authorization: `Basic ${await authorizationToken(region, caller)}` });
  return { region, anonymous: client({}), send: await as(operator), as };
}

/** `AWS:<password>` in base64, as Basic authentication takes it. */
export async function authorizationToken(region: Region, caller: Caller = operator): Promise<string> {
  const answer = await region.call<GetAuthorizationTokenResponse>(caller, 'ecr', 'GetAuthorizationToken', {});
  return answer.authorizationData![0]!.authorizationToken!;
}

export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** What a manifest says of a blob, or an index of a manifest. */
export function descriptorOf(mediaType: string, content: Uint8Array | string): object {
  return { mediaType, digest: digestOf(content), size: Buffer.byteLength(content) };
}

/** The errors of an answer, without what they may say beside code and message. */
export function errorsOf({ body }: RawAnswer): { readonly code: string; readonly message: string }[] {
  const { errors } = JSON.parse(body.toString()) as { errors: { code: string; message: string }[] };
  return errors.map(({ code, message }) => ({ code, message }));
}

/** An image of one layer, as a client has it before it pushes. */
export function sampleImage(
  of: { readonly labels?: Record<string, string>; readonly architecture?: string; readonly seed?: string } = {},
) {
  const layer = Buffer.from(`\u001f\u008b a layer ${of.seed ?? ''}`, 'latin1');
  const config = JSON.stringify({
    architecture: of.architecture ?? 'amd64',
    os: 'linux',
    config: { Labels: of.labels ?? null },
    rootfs: { type: 'layers', diff_ids: [digestOf('the layer, unpacked')] },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(OCI_CONFIG, config),
    layers: [descriptorOf(OCI_LAYER, layer)],
  });
  return { layer, config, manifest };
}

/** Uploads blobs monolithically and puts the manifest: the shortest push there is. */
export async function push(
  send: RegistryClient,
  image: ReturnType<typeof sampleImage>,
  reference: string,
): Promise<RawAnswer> {
  for (const body of [image.layer, image.config]) {
    const begun = await send('POST', '/v2/team/api/blobs/uploads/');
    await send('PUT', `${String(begun.headers['location'])}?digest=${digestOf(body)}`, { body });
  }
  const headers = { 'content-type': OCI_MANIFEST };
  return send('PUT', `/v2/team/api/manifests/${reference}`, { headers, body: image.manifest });
}
