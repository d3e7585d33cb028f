/**
 * The errors that handlers throw on purpose. Their names are the state machine's vocabulary, so each is a literal:
 * Lambda reports `error.name`, and a minified class name would become `o`.
 */

/** Another writer changed the ledger again and again; nothing was written. Retried. */
export class LedgerContended extends Error {
  override readonly name = 'LedgerContended';
}

/**
 * An earlier attempt of this very step, or a change by a rollout that is over, may still be running; it was not interfered with.
 * Retried after the function time-out.
 */
export class StillMutating extends Error {
  override readonly name = 'StillMutating';
}

/** AWS throttled, timed out or failed; a change may or may not have been made, the next attempt looks first. Retried. */
export class AwsUnavailable extends Error {
  override readonly name = 'AwsUnavailable';
}

/** AWS throttled the step's change, and so did not apply it; the lease was renewed for the wait. Retried until the rollout's deadline. */
export class AwsThrottled extends Error {
  override readonly name = 'AwsThrottled';
}

/** ECR has not listed all images yet; only how far it has was written. Retried, and each attempt goes on where the last one ended. */
export class ImagesNotListed extends Error {
  override readonly name = 'ImagesNotListed';
}

/** AWS refused a call for good (permission, validation); that call changed nothing. Caught, never retried. */
export class AwsRefused extends Error {
  override readonly name = 'AwsRefused';
}

/** The ledger holds a schema that this release does not know; nothing was written. Deploy the newer release again. */
export class LedgerUnreadable extends Error {
  override readonly name = 'LedgerUnreadable';
}

/** The errors by which a handler says only that it has to come again: nothing fails. */
export const COMES_AGAIN: ReadonlySet<string> = new Set<keyof typeof ERRORS>([
  'LedgerContended',
  'StillMutating',
  'AwsThrottled',
  'ImagesNotListed',
]);

/** Every error of this registry, by its name in the state machine, with what must be undone. */
export const ERRORS = {
  LedgerContended: 'Nothing was written. Retried.',
  StillMutating: 'An earlier attempt, or a change by a rollout that is over, may still run. Retried once it cannot.',
  AwsUnavailable: 'A change may have been made; the retry looks before it acts.',
  AwsThrottled: 'The throttled call changed nothing. Retried until the deadline of the rollout.',
  ImagesNotListed: 'Only how far the images are listed was written. Retried; each attempt goes on from there.',
  AwsRefused: 'The refused call changed nothing. Not retried.',
  LedgerUnreadable: 'Nothing was written. Deploy the release that wrote the ledger.',
} as const;
