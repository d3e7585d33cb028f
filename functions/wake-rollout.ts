import { ecs, ledger, sfn } from './aws/clients.ts';
import { readState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { settleWatch } from './steps/settle-watch.ts';
import { isOldNews, isWorthALook, parseServiceEvent, type Reading } from './rollout/service-event.ts';
import { waitingOf } from './rollout/lease.ts';
import { verdict, type Verdict } from './rollout/verdict.ts';

/** What this instance found last, where nothing is left to do for events of before. */
let found: Reading | undefined;

/**
 * wake-rollout: an ECS event looks for a watch that it may decide; without one it is over at once. Of a thousand tasks that crash
 * together most events say what has been answered already, and read nothing.
 */
export const handler = step(
  'WakeRollout',
  () => ({ rolloutId: 'none' }),
  async (input: unknown): Promise<Verdict> => {
    const event = parseServiceEvent(input);
    if (!event || (found && isOldNews(event, found))) return UNHEARD;
    const at = Date.now();
    const state = await readState(ledger);
    const { owner } = state;
    const watch = waitingOf(owner)?.watch;
    if (!owner || !watch || !isWorthALook(event, watch)) {
      found = { at, watch };
      return UNHEARD;
    }
    logger.appendKeys({ rolloutId: owner.rolloutId, digest: owner.image.digest });
    const judged = await settleWatch({ ledger, ecs, sfn }, state, owner, watch, event);
    if (judged.word !== 'wait' && judged.word !== 'again') found = { at };
    return judged;
  },
);

const UNHEARD = verdict('wait', 'NoWatch', 'No watch waits for this event.');
