import { NOT_MODELLED_CODE } from '../wire/dispatcher.ts';

/** An error as the OCI distribution specification writes it: a code for programs, a sentence for people. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** What ECR's API answered instead of what `operation` answers. */
export class EcrFault extends Error {
  override readonly name = 'EcrFault';
  readonly operation: string;
  readonly code: string;
  readonly status: number;
  constructor(operation: string, code: string, message: string, status: number) {
    super(message);
    this.operation = operation;
    this.code = code;
    this.status = status;
  }
}

/** Status and code of the registry, by the code of ECR's API; the sentence stays ECR's, as `docker push` shows it. */
const ERRORS: Readonly<Record<string, readonly [status: number, code: string]>> = {
  AccessDeniedException: [403, 'DENIED'],
  EmptyUploadException: [400, 'BLOB_UPLOAD_INVALID'],
  ImageDigestDoesNotMatchException: [400, 'DIGEST_INVALID'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  InvalidLayerException: [400, 'DIGEST_INVALID'],
  InvalidLayerPartException: [416, 'BLOB_UPLOAD_INVALID'],
  LayerPartTooSmallException: [400, 'SIZE_INVALID'],
  LayersNotFoundException: [404, 'BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [400, 'MANIFEST_BLOB_UNKNOWN'],
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ThrottlingException: [429, 'TOOMANYREQUESTS'],
  UploadNotFoundException: [404, 'BLOB_UPLOAD_UNKNOWN'],
  [NOT_MODELLED_CODE]: [405, 'UNSUPPORTED'],
};

/** Which of a request's parts ECR finds fault with, by the parameter that its sentence names. */
const INVALID: Readonly<Record<string, string>> = {
  repositoryName: 'NAME_INVALID',
  imageTag: 'TAG_INVALID',
  imageDigest: 'DIGEST_INVALID',
  layerDigests: 'DIGEST_INVALID',
};

/** How the registry tells its client what ECR refused. */
export function registryErrorOf({ operation, code, message, status }: EcrFault): RegistryError {
  if (code === 'LayersNotFoundException' && operation === 'PutImage')
    return new RegistryError(400, 'MANIFEST_BLOB_UNKNOWN', message);
  if (code === 'InvalidParameterException') {
    const [, parameter = ''] = /at '(\w+)'/.exec(message) ?? [];
    return new RegistryError(400, INVALID[parameter] ?? 'MANIFEST_INVALID', message);
  }
  const [toldStatus, toldCode] = ERRORS[code] ?? [status, 'UNKNOWN'];
  return new RegistryError(toldStatus, toldCode, message);
}

/** `{"errors":[{"code":…,"message":…,"detail":…}]}` */
export function errorBody({ code, message }: RegistryError): string {
  return JSON.stringify({ errors: [{ code, message, detail: null }] });
}
