import type { Duplex } from 'node:stream';
import { memoryHttpModules } from '../wire/memory-http.ts';
import { EcrFault } from './errors.ts';

/** Calls an operation of ECR's API; rejects with `EcrFault`. Blobs go as base64. */
export type EcrCall = <Output>(operation: string, input: object) => Promise<Output>;

/** Makes callers of ECR's API in this region, by access key. */
export type EcrClient = (accessKeyId: string) => EcrCall;

/**
 * The registry is a client of ECR's API like any other: its calls come through the region's door in memory, so that schemas,
 * IAM, events and whatever happens to calls on the way are the same for `docker push` as for the API.
 */
export function createEcrClient(connect: () => Duplex, region: string): EcrClient {
  const { http } = memoryHttpModules(connect);
  return (accessKeyId) => (operation, input) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(input);
      const scope = `${accessKeyId}/19700101/${region}/ecr/aws4_request`;
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'content-length': Buffer.byteLength(body),
        'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      };
      const host = `api.ecr.${region}.amazonaws.com`;
      const request = http.request({ host, method: 'POST', path: '/', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString()) as Answer;
          if (response.statusCode === 200) resolve(answer as never);
          else reject(new EcrFault(operation, answer.__type ?? '', answer.message ?? '', response.statusCode ?? 500));
        });
      });
      request.on('error', reject);
      request.end(body);
    });
}

interface Answer {
  readonly __type?: string;
  readonly message?: string;
}
