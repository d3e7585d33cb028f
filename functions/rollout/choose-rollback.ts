import type { ImageDigest } from './identifiers.ts';
import type { PersonsRequest } from './intent.ts';
import type { LedgerState, PersonsChoice, ProvenRevision, SelectedImage } from './ledger.ts';

/** The image that a rollback means and the one that it leaves, or why nothing is rolled. */
export type RollbackChoice =
  | { readonly image: SelectedImage; readonly leaves: ImageDigest | undefined }
  | {
      readonly word: 'nothing' | 'rejected';
      readonly reason: string;
      readonly message: string;
      readonly choice?: PersonsChoice;
    };

/** What is known of the service when a rollback is asked for. */
interface Surroundings {
  readonly selected?: SelectedImage | undefined;
  readonly running?: ProvenRevision | undefined;
  readonly onService?: string | undefined;
  readonly askedAt?: number | undefined;
}

/**
 * Chooses among the verified images only: the named one, or the newest that neither runs, nor is quarantined, nor was left by
 * an earlier rollback, so that going back twice goes further back instead of back and forth.
 */
export function chooseRollback(state: LedgerState, request: PersonsRequest, around: Surroundings): RollbackChoice {
  const { rollback } = request;
  const current = around.running ?? state.verified.find((revision) => revision.taskDefinition === around.onService);
  if (rollback !== true) {
    const named = state.verified.find((revision) => revision.digest === rollback?.to);
    return named ? goTo(named, current) : rejected('NeverProven', `${rollback?.to} was never proven here`, state);
  }
  if (!request.force && wasRolledBackSince(state, around.askedAt)) return doneAlready(around);
  const newest = state.verified.find((revision) => !shows(current, revision) && isTarget(state, revision));
  return newest ? goTo(newest, current) : rejected('NothingProven', 'There is nothing proven to go back to', state);
}

function isTarget(state: LedgerState, revision: ProvenRevision): boolean {
  const isQuarantined = state.quarantine.some((entry) => entry.digest === revision.digest);
  return revision.digest !== undefined && revision.rolledBackBy === undefined && !isQuarantined;
}

function shows(current: ProvenRevision | undefined, { digest }: ProvenRevision): boolean {
  return digest !== undefined && (current?.digest === digest || current?.imageDigests.includes(digest) === true);
}

function goTo({ digest, at }: ProvenRevision, current: ProvenRevision | undefined): RollbackChoice {
  return {
    image: { digest: digest!, selectedAt: at },
    leaves: current?.digest === digest ? undefined : current?.digest,
  };
}

/** A rollback that waited behind a rollout which then failed: one step back was meant, and has been made. */
function wasRolledBackSince({ rolledBackAt }: LedgerState, askedAt: number | undefined): boolean {
  return rolledBackAt !== undefined && askedAt !== undefined && rolledBackAt >= askedAt;
}

function doneAlready({ selected, running }: Surroundings): RollbackChoice {
  return {
    word: 'nothing',
    reason: 'RolledBackAlready',
    message: 'The rollout that this one waited for failed, and the last proven image runs again.',
    choice: { pins: !selected || running?.digest !== selected.digest, leaves: undefined },
  };
}

function rejected(reason: string, found: string, { verified }: LedgerState): RollbackChoice {
  const known = [...new Set(verified.flatMap(({ digest }) => digest?.slice(0, 19) ?? []))];
  const remedy =
    known.length > 0
      ? `name a proven digest with rollouts rollback --to, or in full with { "rollback": { "to": … } } (${known.join(', ')})`
      : 'no image is proven yet';
  const any = 'name any image with rollouts start --digest, or with { "image": … } as input';
  return { word: 'rejected', reason, message: `${found}: ${remedy}; else ${any}.` };
}
