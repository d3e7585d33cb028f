import { createHash } from 'node:crypto';
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
import { Fault, NotModelled, operation, type Operation } from '../service.ts';
import { invalidParameter } from './faults.ts';
import { DIGEST } from './identifiers.ts';
import type { Ecr, LayerUpload, Repository } from './model.ts';
import { permission, repositoryNamed } from './registry.ts';

/** What InitiateLayerUpload recommends (Amazon ECR API reference, its example), and the least that a part may have. */
const PART_BYTES = 10 * 1024 * 1024;
const PART_BYTES_MIN = 5 * 1024 * 1024;
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
  repository.uploads.set(uploadId, { parts: [], bytesReceived: 0 });
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
  upload.parts.push(part);
  upload.bytesReceived += part.length;
  return { ...named(ecr, repository), uploadId: request.uploadId, lastByteReceived: upload.bytesReceived - 1 };
}

/** What ECR calculates must be what the pusher says; the bytes are then forgotten, for nobody can pull them here. */
function completeLayerUpload(ecr: Ecr, request: CompleteLayerUploadRequest): CompleteLayerUploadResponse {
  const repository = repositoryNamed(ecr, request);
  const upload = uploadNamed(ecr, repository, request.uploadId);
  const layerDigest = calculatedDigest(upload, request.uploadId!);
  if (!request.layerDigests?.includes(layerDigest)) {
    const given = request.layerDigests?.join(', ');
    const text = `The calculated layer digest '${layerDigest}' does not match the layer digest '${given}' that was provided`;
    throw new Fault('InvalidLayerException', text);
  }
  if (repository.layers.has(layerDigest)) {
    const text = `The layer with digest '${layerDigest}' already exists in the repository with name '${repository.name}' in registry with id '${ecr.account}'`;
    throw new Fault('LayerAlreadyExistsException', text);
  }
  repository.layers.set(layerDigest, upload.bytesReceived);
  repository.uploads.delete(request.uploadId!);
  return { ...named(ecr, repository), uploadId: request.uploadId, layerDigest };
}

function calculatedDigest({ parts }: LayerUpload, uploadId: string): string {
  if (parts.length === 0) throw new Fault('EmptyUploadException', `The upload '${uploadId}' has no layer parts`);
  if (parts.slice(0, -1).some((part) => part.length < PART_BYTES_MIN))
    throw new Fault('LayerPartTooSmallException', 'Layer parts must be at least 5 MiB in size, but for the last');
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return `sha256:${hash.digest('hex')}`;
}

function getDownloadUrlForLayer(ecr: Ecr, request: GetDownloadUrlForLayerRequest): GetDownloadUrlForLayerResponse {
  const repository = repositoryNamed(ecr, request);
  const { layerDigest = '' } = request;
  if (!repository.layers.has(layerDigest)) throw layersNotFound([layerDigest], repository.name, ecr.account);
  throw new NotModelled('downloading a layer from ECR (layers are checked and then forgotten)');
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
