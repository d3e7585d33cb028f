import { request } from 'node:https';
import { plainText } from '../rollout/identifiers.ts';
import { logger } from './log.ts';

/** What CloudFormation sends to the function behind a custom resource (CloudFormation user guide, "Request objects"). */
export interface CustomResourceEvent<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
}

/**
 * Runs `ensure`, whose answer is the physical resource id, and tells CloudFormation how it went; a failure is told too, or the
 * stack would wait an hour for it. Nothing is ever deleted.
 */
export async function answerCloudFormation<Properties>(
  event: CustomResourceEvent<Properties>,
  ensure: (properties: Properties) => Promise<string>,
): Promise<void> {
  await send(event, await answerOf(event, ensure));
}

async function answerOf<Properties>(
  { RequestType, PhysicalResourceId, LogicalResourceId, ResourceProperties }: CustomResourceEvent<Properties>,
  ensure: (properties: Properties) => Promise<string>,
): Promise<Answer> {
  const known = PhysicalResourceId ?? LogicalResourceId;
  try {
    const id = RequestType === 'Delete' ? known : await ensure(ResourceProperties);
    return { Status: 'SUCCESS', PhysicalResourceId: id };
  } catch (error) {
    const { name, message } = error as Error;
    logger.error('custom resource failed', { errorName: name, errorMessage: message });
    return { Status: 'FAILED', PhysicalResourceId: known, Reason: plainText(`${name}: ${message}`) };
  }
}

interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

/** Puts the answer to the presigned URL; its signature covers an empty content type. */
function send({ ResponseURL, StackId, RequestId, LogicalResourceId }: CustomResourceEvent<unknown>, answer: Answer) {
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...answer });
  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
  return new Promise<void>((resolve, reject) => {
    const call = request(ResponseURL, { method: 'PUT', headers }, (response) => {
      response.resume().on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve();
        else reject(new Error(`CloudFormation's answer URL said ${response.statusCode}.`));
      });
    });
    call.on('error', reject).end(body);
  });
}
