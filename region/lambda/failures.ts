import type { InvocationResult } from '../service.ts';

/** An invocation that ended without an answer. */
export type Failure = Extract<InvocationResult, { kind: 'failed' }>;

/** What the runtime reports of a thrown value: Step Functions sees `errorType` as Error, the whole as Cause. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return failure(typeof thrown, String(thrown), []);
  return failure(thrown.name, thrown.message, readableTrace(thrown.stack ?? ''));
}

/** An error that the runtime or the sandbox reports on its own behalf; those carry no trace. */
export function failure(errorType: string, errorMessage: string, trace?: readonly string[]): Failure {
  const message = JSON.stringify({ errorType, errorMessage, ...(trace === undefined ? {} : { trace }) });
  return { kind: 'failed', error: errorType, message };
}

export function timedOut(requestId: string, timeoutSeconds: number): Failure {
  const seconds = timeoutSeconds.toFixed(2);
  return failure('Sandbox.Timedout', `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`);
}

/** `reason` as AWS words it: `with error: signal: killed`, `with error: exit status 1`, `without providing a reason`. */
export function exited(requestId: string, reason: string): Failure {
  return failure('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime exited ${reason}`);
}

export function unhandledRejection(reason: unknown): Failure {
  const text = String(reason);
  return failure('Runtime.UnhandledPromiseRejection', text, [`Runtime.UnhandledPromiseRejection: ${text}`]);
}

/** Lines of the function and of Node.js; those of the region itself would differ from machine to machine. */
function readableTrace(stack: string): string[] {
  const lines = stack.split('\n');
  return lines.filter((line) => !/^\s+at /.test(line) || line.includes('/var/task/') || line.includes('(node:'));
}
