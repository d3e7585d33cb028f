import { descriptorOf, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, sampleImage } from './registry-fixture.ts';

/**
 * One request of a client and the status that lets it go on. `@layer`, `@config` and `@manifest` in a path are digests of the
 * contents that the body may name too; `@location` is where the last answer pointed.
 */
export interface ClientStep {
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** Sent without credentials: how clients find out which the registry takes. */
  readonly isAnonymous?: boolean;
}

export interface ClientSequence {
  readonly client: string;
  readonly contents: Readonly<Record<string, Uint8Array | string>>;
  /** In the order in which the client pushes one image to an empty repository, as its source has it. */
  readonly steps: readonly ClientStep[];
}

const STREAM = { 'content-type': 'application/octet-stream' };
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const PING: readonly ClientStep[] = [
  { request: 'GET /v2/', status: 401, isAnonymous: true },
  { request: 'GET /v2/', status: 200 },
];

const { layer, config, manifest } = sampleImage();
const dockerManifest = JSON.stringify(
  {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: descriptorOf('application/vnd.docker.container.image.v1+json', config),
    layers: [descriptorOf('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
  },
  undefined,
  3,
);

/** dockerd's own image store (moby, distribution/push_v2.go; distribution, registry/client): a stream, and a look at what arrived. */
const dockerBlob = (blob: string): ClientStep[] => [
  { request: `HEAD /v2/team/api/blobs/@${blob}`, status: 404 },
  { request: 'POST /v2/team/api/blobs/uploads/', status: 202 },
  { request: 'PATCH @location', headers: { 'transfer-encoding': 'chunked' }, body: blob, status: 202 },
  { request: `PUT @location?digest=@${blob}`, status: 201 },
  { request: `HEAD /v2/team/api/blobs/@${blob}`, status: 200 },
];

/** Docker with containerd's image store, and buildx (containerd, core/remotes/docker/pusher.go): one PUT with the whole blob. */
const containerdBlob = (blob: string): ClientStep[] => [
  { request: `HEAD /v2/team/api/blobs/@${blob}?ns=127.0.0.1`, headers: { accept: '*/*' }, status: 404 },
  { request: 'POST /v2/team/api/blobs/uploads/?from=library%2Fnode&mount=@layer', status: 202 },
  {
    request: `PUT @location?digest=@${blob}`,
    headers: { ...STREAM, 'transfer-encoding': 'chunked' },
    body: blob,
    status: 201,
  },
];

/** crane and ko (go-containerregistry, pkg/v1/remote/write.go): a stream, closed by an empty PUT. */
const craneBlob = (blob: string): ClientStep[] => [
  { request: `HEAD /v2/team/api/blobs/@${blob}`, status: 404 },
  { request: 'POST /v2/team/api/blobs/uploads/', headers: { 'content-type': 'application/json' }, status: 202 },
  { request: 'PATCH @location', headers: STREAM, body: blob, status: 202 },
  { request: `PUT @location?digest=@${blob}`, headers: STREAM, status: 201 },
];

/** oras (oras-go, registry/remote/repository.go): monolithic, with its length. */
const orasBlob = (blob: string): ClientStep[] => [
  { request: `HEAD /v2/team/api/blobs/@${blob}`, status: 404 },
  { request: 'POST /v2/team/api/blobs/uploads/', status: 202 },
  { request: `PUT @location?digest=@${blob}`, headers: STREAM, body: blob, status: 201 },
];

const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: [{ ...descriptorOf(OCI_MANIFEST, manifest), platform: { architecture: 'amd64', os: 'linux' } }],
});

const artifactManifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  artifactType: 'application/vnd.harbour.chart',
  config: { ...descriptorOf('application/vnd.oci.empty.v1+json', '{}'), data: 'e30=' },
  layers: [{ ...descriptorOf(OCI_LAYER, layer), annotations: { 'org.opencontainers.image.title': 'chart.tgz' } }],
  annotations: { 'org.opencontainers.image.created': '2026-01-05T09:00:00Z' },
});

/** What clients that are no part of the tests send, written after their sources. */
export const CLIENT_SEQUENCES: readonly ClientSequence[] = [
  {
    client: 'docker push',
    contents: { layer, config, manifest: dockerManifest },
    steps: [
      ...PING,
      ...dockerBlob('layer'),
      ...dockerBlob('config'),
      {
        request: 'PUT /v2/team/api/manifests/v1',
        headers: { 'content-type': DOCKER_MANIFEST },
        body: 'manifest',
        status: 201,
      },
    ],
  },
  {
    client: 'docker buildx build --push',
    contents: { layer, config, child: manifest, manifest: index },
    steps: [
      {
        request: 'HEAD /v2/team/api/manifests/@child?ns=127.0.0.1',
        headers: { accept: `${OCI_MANIFEST}, */*` },
        status: 401,
        isAnonymous: true,
      },
      {
        request: 'HEAD /v2/team/api/manifests/@child?ns=127.0.0.1',
        headers: { accept: `${OCI_MANIFEST}, */*` },
        status: 404,
      },
      ...containerdBlob('layer'),
      ...containerdBlob('config'),
      {
        request: 'PUT /v2/team/api/manifests/@child',
        headers: { 'content-type': OCI_MANIFEST },
        body: 'child',
        status: 201,
      },
      { request: 'HEAD /v2/team/api/manifests/v1', headers: { accept: `${OCI_INDEX}, */*` }, status: 404 },
      {
        request: 'PUT /v2/team/api/manifests/v1',
        headers: { 'content-type': OCI_INDEX },
        body: 'manifest',
        status: 201,
      },
    ],
  },
  {
    client: 'crane push',
    contents: { layer, config, manifest },
    steps: [
      ...PING,
      ...craneBlob('layer'),
      ...craneBlob('config'),
      {
        request: 'PUT /v2/team/api/manifests/v1',
        headers: { 'content-type': OCI_MANIFEST },
        body: 'manifest',
        status: 201,
      },
      { request: 'HEAD /v2/team/api/manifests/v1', headers: { accept: OCI_MANIFEST }, status: 200 },
    ],
  },
  {
    client: 'oras push',
    contents: { layer, config: '{}', manifest: artifactManifest },
    steps: [
      {
        request: 'HEAD /v2/team/api/manifests/@manifest',
        headers: { accept: OCI_MANIFEST },
        status: 401,
        isAnonymous: true,
      },
      { request: 'HEAD /v2/team/api/manifests/@manifest', headers: { accept: OCI_MANIFEST }, status: 404 },
      ...orasBlob('layer'),
      ...orasBlob('config'),
      {
        request: 'PUT /v2/team/api/manifests/@manifest',
        headers: { 'content-type': OCI_MANIFEST },
        body: 'manifest',
        status: 201,
      },
      {
        request: 'PUT /v2/team/api/manifests/v1',
        headers: { 'content-type': OCI_MANIFEST },
        body: 'manifest',
        status: 201,
      },
    ],
  },
  {
    client: 'docker pull, as far as it comes without layers',
    contents: { layer, config, manifest },
    steps: [
      ...craneBlob('layer'),
      ...craneBlob('config'),
      {
        request: 'PUT /v2/team/api/manifests/v1',
        headers: { 'content-type': OCI_MANIFEST },
        body: 'manifest',
        status: 201,
      },
      { request: 'HEAD /v2/team/api/manifests/v1', headers: { accept: `${OCI_INDEX}, ${OCI_MANIFEST}` }, status: 200 },
      {
        request: 'GET /v2/team/api/manifests/@manifest',
        headers: { accept: `${OCI_INDEX}, ${OCI_MANIFEST}` },
        status: 200,
      },
      { request: 'GET /v2/team/api/blobs/@config', status: 200 },
      { request: 'GET /v2/team/api/blobs/@layer', status: 405 },
    ],
  },
];
