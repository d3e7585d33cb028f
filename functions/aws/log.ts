import { Logger } from '@aws-lambda-powertools/logger';
import { COMES_AGAIN } from '../rollout/errors.ts';
import { isRefusal, translateFault } from './faults.ts';
import { emitFunctionError } from './metrics.ts';

/** The one logger. It is handed words, ids and sentences only: never a task definition, never an environment value. */
export const logger = new Logger({ serviceName: 'fargate-rollouts' });

/** Which rollout a step works for; on every line it logs. */
export interface StepIdentity {
  readonly rolloutId: string;
  /** Absent where the input does not say it: the step adds it once it knows. */
  readonly digest?: string | undefined;
}

/**
 * Wraps a step into a Lambda handler: every line carries rollout, service and state, and the digest as soon as it is known, which
 * it never is to a rollout that finds its lease taken; the verdict is logged once; SDK errors become the state machine's
 * vocabulary.
 */
export function step<Arguments, Result extends object>(
  state: string | ((input: Arguments) => string),
  identify: (input: Arguments) => StepIdentity,
  run: (input: Arguments) => Promise<Result>,
): (input: Arguments) => Promise<Result> {
  return async (input) => {
    const { rolloutId, digest } = identify(input);
    logger.resetKeys();
    logger.appendKeys({
      rolloutId,
      rolloutService: process.env['SERVICE'],
      digest,
      state: typeof state === 'string' ? state : state(input),
    });
    try {
      const result = await run(input);
      const chosen = (result as { readonly image?: { readonly digest?: string } }).image?.digest;
      if (chosen) logger.appendKeys({ digest: chosen });
      logger.info('verdict', { verdict: spoken(result) });
      return result;
    } catch (error) {
      throw reported(error);
    }
  };
}

/** Only the words of a result: digests, tokens and lists stay out of the log. */
function spoken(result: object): Record<string, unknown> {
  const { word, reason, message, outcome } = result as Record<string, unknown>;
  return { word, outcome, reason, message };
}

function reported(error: unknown): unknown {
  const translated = translateFault(error);
  const { name, message } = translated instanceof Error ? translated : new Error(String(translated));
  logger.error('step failed', { errorName: name, errorMessage: message, isRefusal: isRefusal(error) });
  const { SERVICE: service } = process.env;
  if (service && !COMES_AGAIN.has(name)) emitFunctionError(service, Date.now());
  return translated;
}
