import { AwsRefused, AwsUnavailable } from '../rollout/errors.ts';
import { plainText } from '../rollout/identifiers.ts';

interface ServiceFault {
  readonly name: string;
  readonly message: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const THROTTLED = /throttl|toomanyrequests|limitexceeded|requestlimit|requesttimeout|provisionedthroughput/i;
/** ECS reports this race as a ClientException although a retry succeeds. */
const CONCURRENT_REGISTRATION = /too many concurrent attempts/i;

/** True when AWS answered the call with a refusal that the same call would meet again. */
export function isRefusal(error: unknown): error is ServiceFault {
  if (!isServiceFault(error) || error.$fault !== 'client') return false;
  return (
    !THROTTLED.test(error.name) &&
    !CONCURRENT_REGISTRATION.test(error.message) &&
    error.$metadata?.httpStatusCode !== 429
  );
}

/** A refusal for coming too often or too early; a request that was given up half way is none. */
const TURNED_AWAY = /throttl|toomanyrequests|limitexceeded|requestlimit|provisionedthroughput/i;

/** True when AWS answered the call with an error that it defines as not applied, whether or not the same call may succeed later. */
export function isNotApplied(error: unknown): error is ServiceFault {
  return isRefusal(error) || isThrottled(error);
}

/** True when AWS turned the call away for coming too often, or at the same time as another one; it may come again later. */
export function isThrottled(error: unknown): error is ServiceFault {
  if (!isServiceFault(error) || error.$fault !== 'client') return false;
  return TURNED_AWAY.test(error.name) || CONCURRENT_REGISTRATION.test(error.message);
}

/** Makes an SDK error one of ours, so that the state machine knows whether to retry; own errors pass unchanged. */
export function translateFault(error: unknown): unknown {
  if (!isServiceFault(error)) return error;
  // V8 quotes the text that it cannot parse, and that may be part of a task definition.
  if (error.name === 'SyntaxError') return new AwsUnavailable('AWS answered something that is not JSON.');
  const text = plainText(`${error.name}: ${error.message}`);
  return isRefusal(error) ? new AwsRefused(text, { cause: error }) : new AwsUnavailable(text, { cause: error });
}

/** SDK errors carry `$metadata`; so do its time-outs and broken connections. */
function isServiceFault(error: unknown): error is ServiceFault {
  return error instanceof Error && ('$metadata' in error || '$fault' in error || error.name === 'TimeoutError');
}

/** True for the SDK error with this name. */
export function isFault(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
