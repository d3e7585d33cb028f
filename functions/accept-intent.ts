import { gatherFacts } from './steps/accept-facts.ts';
import { ecr, ecs, ledger, sfn } from './aws/clients.ts';
import { changeState, readState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { acceptIntent, isOutdated, type AcceptFacts, type Decision } from './rollout/accept.ts';
import { acknowledges } from './rollout/acknowledge.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { LedgerContended } from './rollout/errors.ts';
import { parseIntent } from './rollout/intent.ts';
import { inTurn } from './steps/in-turn.ts';

interface AcceptArguments {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
  readonly executionArn: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly input: unknown;
}

/** AcceptIntent: parses the input, selects the image now, compares it with what is known, and takes the lease. */
export const handler = step('AcceptIntent', identify, (input: AcceptArguments) =>
  inTurn({ ledger, rolloutId: input.rolloutId, until: 'tried-enough' }, () => accept(input)),
);

async function accept(input: AcceptArguments): Promise<Decision> {
  const { config, rolloutId } = input;
  const startedAt = Date.parse(input.startedAt);
  const intent = parseIntent(input.input, config, { name: rolloutId, startedAt });
  const known = await readState(ledger);
  const facts: AcceptFacts = {
    rolloutId,
    executionArn: input.executionArn,
    service: config.service,
    startedAt,
    intent,
    ...(intent.kind !== 'malformed' &&
      !acknowledges(intent) &&
      (await gatherFacts({ ecr, ecs, sfn, ledger }, known, intent, { rolloutId, startedAt }, config))),
  };
  let decision: Decision | undefined;
  await changeState(
    ledger,
    (state, now) => {
      if (isOutdated(known, state)) throw new LedgerContended('A rollout ended while the service was looked at.');
      const isSameOwner = state.owner?.rolloutId === known.owner?.rolloutId;
      const accepted = acceptIntent(state, isSameOwner ? facts : besideNewcomer(facts), config, now);
      decision = accepted.decision;
      return accepted.state;
    },
    known,
  );
  return decision!;
}

/** Facts about one owner must not decide about another one that came in between. */
function besideNewcomer(facts: AcceptFacts): AcceptFacts {
  return { ...facts, isOwnerRunning: true, ownerStop: undefined };
}

function identify(input: AcceptArguments): { rolloutId: string } {
  return { rolloutId: input.rolloutId };
}
