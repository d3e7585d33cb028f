import type { IncomingMessage } from 'node:http';
import type { EcrCall } from './ecr-client.ts';

/** What the registry knows beside ECR's API. */
export interface RegistryKnowledge {
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com` */
  readonly registryHost: string;
  textOf(repositoryName: string, digest: string): Uint8Array | undefined;
  bytesReceived(repositoryName: string, uploadId: string): number | undefined;
  /** What ECR says of a manifest whose blobs are not all there; undefined when they are, or when ECR refuses it for something else. */
  missingBlobs(repositoryName: string, imageManifest: string, mediaType: string | undefined): string | undefined;
  isTagImmutable(repositoryName: string, tag: string): boolean;
}

/** One request to the registry, by someone who has a token. */
export interface Exchange {
  /** Calls ECR as whoever fetched the token. */
  readonly ecr: EcrCall;
  readonly registry: RegistryKnowledge;
  readonly repositoryName: string;
  /** What comes last in the path: a tag, a digest or the id of an upload. */
  readonly reference: string;
  readonly query: URLSearchParams;
  /** For its headers and its body. */
  readonly incoming: IncomingMessage;
}

/** What goes back, apart from the headers that every answer carries. */
export interface RegistryAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Throws `RegistryError` or `EcrFault`. */
export type Handler = (exchange: Exchange) => Promise<RegistryAnswer>;
