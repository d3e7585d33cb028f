import { waitingOf, type Owner, type LedgerState } from '../../../functions/rollout/ledger.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { utc } from '../../terminal/moments.ts';
import { imageJson, recordJson } from '../records.ts';
import { heldImage, type Running, type Standing } from './standing.ts';

/** The document of `rollouts status --json` (docs/verbs-json.md). */
export function standingJson(standing: Standing, { config, account, region }: DeployedCell): object {
  const { ledger, running, ownerStatus, undecided, last } = standing;
  const { owner, pending, pin, quarantine } = ledger;
  const held = heldImage(standing);
  return {
    schema: 1,
    service: config.service,
    account,
    region,
    running: running ? runningJson(running) : null,
    rollout: owner ? ownerJson(owner, ownerStatus) : null,
    pending: pending ? { rolloutId: pending.rolloutId, startedAt: utc(pending.startedAt) } : null,
    undecided,
    pin: pinJson(pin),
    held: held ? imageJson(held) : null,
    quarantine: quarantine.map(({ digest, reason, rolloutId, since }) => ({
      digest,
      reason,
      rolloutId,
      since: utc(since),
    })),
    last: last ? recordJson(last) : null,
  };
}

/** The pin, for machines; null when pushes are followed. */
export function pinJson(pin: LedgerState['pin']): object | null {
  return pin ? { rolloutId: pin.rolloutId, since: utc(pin.since) } : null;
}

/** What runs, for machines. */
export function runningJson({ since, digest, isProven, ...running }: Running): object {
  return { ...running, digest: digest ?? null, since: utc(since), proven: isProven };
}

function ownerJson(owner: Owner, executionStatus: string | undefined): object {
  const { rolloutId, executionArn, purpose, phase, request, image, startedAt, deadline } = owner;
  const verdict = waitingOf(owner)?.verdict;
  return {
    rolloutId,
    executionArn,
    executionStatus,
    purpose,
    phase: phase.name,
    request: request ?? null,
    image: imageJson(image),
    startedAt: utc(startedAt),
    deadline: utc(deadline),
    verdict: verdict ? { word: verdict.word, reason: verdict.reason, message: verdict.message } : null,
  };
}
