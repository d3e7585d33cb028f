import type {
  BatchCheckLayerAvailabilityRequest,
  BatchCheckLayerAvailabilityResponse,
  CompleteLayerUploadRequest,
  CompleteLayerUploadResponse,
  GetDownloadUrlForLayerRequest,
  GetDownloadUrlForLayerResponse,
  InitiateLayerUploadRequest,
  InitiateLayerUploadResponse,
  Layer,
  LayerFailure,
  UploadLayerPartRequest,
  UploadLayerPartResponse,
} from '@aws-sdk/client-ecr';
import { parseJson } from '../json.ts';
import { Fault, NotModelled, operation, type Operation } from '../service.ts';
import { invalidParameter } from './faults.ts';
import { DIGEST } from './identifiers.ts';
import { MANIFEST_BYTES_MAX } from './manifest.ts';
import type { Ecr, LayerUpload, Repository } from './model.ts';
import { permission, registryHost, repositoryNamed } from './registry.ts';
import { addBytes, hexDigest, newSha256 } from './sha256.ts';

/** What InitiateLayerUpload recommends (Amazon ECR API reference, its example). */
const PART_BYTES = 10 * 1024 * 1024;
/** The least that a part may have, but for the last (Amazon ECR API reference, LayerPartTooSmallException). */
export const PART_BYTES_MIN = 5 * 1024 * 1024;
const LAYER_DIGESTS_MAX = 100;

/** The operations by which `docker push` brings layers: an image's configuration is one of them. */
export function layerOperations(ecr: Ecr): Readonly<Record<string, Operation>> {
  return {
    BatchCheckLayerAvailability: operation<BatchCheckLayerAvailabilityRequest, BatchCheckLayerAvailabilityResponse>({
      permissions: (request) => [permission(ecr, 'ecr:BatchCheckLayerAvailability', request.repositoryName)],
      apply: (request) => batchCheckLayerAvailability(ecr, request),
    }),
    InitiateLayerUpload: operation<InitiateLayerUploadRequest, InitiateLayerUploadResponse>({
      permissions: (request) => [permission(ecr, 'ecr:InitiateLayerUpload', request.repositoryName)],
      apply: (request) => initiateLayerUpload(ecr, request),
    }),
    UploadLayerPart: operation<UploadLayerPartRequest, UploadLayerPartResponse>({
      permissions: (request) => [permission(ecr, 'ecr:UploadLayerPart', request.repositoryName)],
      apply: (request) => uploadLayerPart(ecr, request),
    }),
    CompleteLayerUpload: operation<CompleteLayerUploadRequest, CompleteLayerUploadResponse>({
      permissions: (request) => [permission(ecr, 'ecr:CompleteLayerUpload', request.repositoryName)],
      apply: (request) => completeLayerUpload(ecr, request),
    }),
    GetDownloadUrlForLayer: operation<GetDownloadUrlForLayerRequest, GetDownloadUrlForLayerResponse>({
      permissions: (request) => [permission(ecr, 'ecr:GetDownloadUrlForLayer', request.repositoryName)],
      apply: (request) => getDownloadUrlForLayer(ecr, request),
    }),
  };
}

/** Layers that are missing are UNAVAILABLE in the answer, not an error. */
function batchCheckLayerAvailability(
  ecr: Ecr,
  request: BatchCheckLayerAvailabilityRequest,
): BatchCheckLayerAvailabilityResponse {
  const repository = repositoryNamed(ecr, request);
  const digests = request.layerDigests ?? [];
  if (digests.length < 1 || digests.length > LAYER_DIGESTS_MAX)
    throw invalidParameter('layerDigests', `1 to ${LAYER_DIGESTS_MAX}`);
  const layers: Layer[] = [];
  const failures: LayerFailure[] = [];
  for (const layerDigest of digests) {
    if (DIGEST.test(layerDigest)) layers.push(layerOf(repository, layerDigest));
    else failures.push({ layerDigest, failureCode: 'InvalidLayerDigest', failureReason: 'Invalid layer digest' });
  }
  return { layers, failures };
}

function layerOf(repository: Repository, layerDigest: string): Layer {
  const layerSize = repository.layers.get(layerDigest);
  if (layerSize === undefined) return { layerDigest, layerAvailability: 'UNAVAILABLE' };
  return { layerDigest, layerAvailability: 'AVAILABLE', layerSize };
}

function initiateLayerUpload(ecr: Ecr, request: InitiateLayerUploadRequest): InitiateLayerUploadResponse {
  const repository = repositoryNamed(ecr, request);
  const uploadId = ecr.kernel.random.uuid();
  repository.uploads.set(uploadId, {
    hash: newSha256(),
    bytesReceived: 0,
    endsInSmallPart: false,
    hasSmallPart: false,
    text: [],
  });
  return { uploadId, partSize: PART_BYTES };
}

function uploadLayerPart(ecr: Ecr, request: UploadLayerPartRequest): UploadLayerPartResponse {
  const repository = repositoryNamed(ecr, request);
  const upload = uploadNamed(ecr, repository, request.uploadId);
  const part = request.layerPartBlob ?? new Uint8Array();
  const isNext = request.partFirstByte === upload.bytesReceived;
  const isWhole = request.partLastByte === upload.bytesReceived + part.length - 1;
  if (part.length === 0 || !isNext || !isWhole) {
    const text = `Layer part ${request.partFirstByte} to ${request.partLastByte} of ${part.length} bytes does not follow the ${upload.bytesReceived} bytes received`;
    throw new Fault('InvalidLayerPartException', text);
  }
  take(upload, part);
  return { ...named(ecr, repository), uploadId: request.uploadId, lastByteReceived: upload.bytesReceived - 1 };
}

function take(upload: LayerUpload, part: Uint8Array): void {
  addBytes(upload.hash, part);
  upload.bytesReceived += part.length;
  upload.hasSmallPart ||= upload.endsInSmallPart;
  upload.endsInSmallPart = part.length < PART_BYTES_MIN;
  const mayBeText = upload.bytesReceived <= MANIFEST_BYTES_MAX && (upload.text?.[0] ?? part)[0] === OPENING_BRACE;
  if (mayBeText) upload.text?.push(part.slice());
  else upload.text = undefined;
}

/** What a configuration begins with, and no archive does. */
const OPENING_BRACE = '{'.charCodeAt(0);

/** What ECR calculates must be what the pusher says. Only JSON is kept: nobody can pull a layer here. */
function completeLayerUpload(ecr: Ecr, request: CompleteLayerUploadRequest): CompleteLayerUploadResponse {
  const repository = repositoryNamed(ecr, request);
  const upload = uploadNamed(ecr, repository, request.uploadId);
  const layerDigest = calculatedDigest(upload, request.uploadId!);
  if (!request.layerDigests?.includes(layerDigest)) {
    const given = request.layerDigests?.join(', ');
    const text = `The calculated layer digest '${layerDigest}' does not match the layer digest '${given}' that was provided`;
    throw new Fault('InvalidLayerException', text);
  }
  repository.uploads.delete(request.uploadId!);
  if (repository.layers.has(layerDigest)) {
    const text = `The layer with digest '${layerDigest}' already exists in the repository with name '${repository.name}' in registry with id '${ecr.account}'`;
    throw new Fault('LayerAlreadyExistsException', text);
  }
  repository.layers.set(layerDigest, upload.bytesReceived);
  const text = upload.text && Buffer.concat(upload.text);
  if (text !== undefined && isJson(text)) repository.texts.set(layerDigest, new Uint8Array(text));
  return { ...named(ecr, repository), uploadId: request.uploadId, layerDigest };
}

function calculatedDigest({ hash, bytesReceived, hasSmallPart }: LayerUpload, uploadId: string): string {
  if (bytesReceived === 0) throw new Fault('EmptyUploadException', `The upload '${uploadId}' has no layer parts`);
  if (hasSmallPart)
    throw new Fault('LayerPartTooSmallException', 'Layer parts must be at least 5 MiB in size, but for the last');
  return `sha256:${hexDigest(hash)}`;
}

function isJson(text: Buffer): boolean {
  try {
    parseJson(text.toString());
    return true;
  } catch {
    return false;
  }
}

/** There is no bucket of layers: what is kept is downloaded from the registry itself. */
function getDownloadUrlForLayer(ecr: Ecr, request: GetDownloadUrlForLayerRequest): GetDownloadUrlForLayerResponse {
  const repository = repositoryNamed(ecr, request);
  const { layerDigest = '' } = request;
  if (!repository.layers.has(layerDigest) || repository.taken.has(layerDigest))
    throw layersNotFound([layerDigest], repository.name, ecr.account);
  if (!repository.texts.has(layerDigest))
    throw new NotModelled('downloading a layer from ECR (layers are checked and then forgotten)');
  return { layerDigest, downloadUrl: `https://${registryHost(ecr)}/v2/${repository.name}/blobs/${layerDigest}` };
}

/** Some layers that a request names are not there. */
export function layersNotFound(digests: readonly string[], repositoryName: string, account: string): Fault {
  const text = `Layers with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${repositoryName}' in the registry with id '${account}' do not exist`;
  return new Fault('LayersNotFoundException', text);
}

function uploadNamed(ecr: Ecr, repository: Repository, uploadId: string | undefined): LayerUpload {
  const upload = repository.uploads.get(uploadId ?? '');
  if (upload !== undefined) return upload;
  const text = `Upload with id '${uploadId}' cannot be found in the repository with name '${repository.name}' in the registry with id '${ecr.account}'`;
  throw new Fault('UploadNotFoundException', text);
}

function named(ecr: Ecr, repository: Repository): { registryId: string; repositoryName: string } {
  return { registryId: ecr.account, repositoryName: repository.name };
}
