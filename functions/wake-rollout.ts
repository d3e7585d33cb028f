import { ecs, ledger, sfn } from './aws/clients.ts';
import { readState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { settleWatch } from './steps/settle-watch.ts';
import { isWorthALook, parseServiceEvent } from './rollout/service-event.ts';
import { waitingOf } from './rollout/lease.ts';
import { verdict, type Verdict } from './rollout/verdict.ts';

/** wake-rollout: an ECS event looks for a watch that it may decide; without one it is over at once. */
export const handler = step(
  'WakeRollout',
  () => ({ rolloutId: 'none' }),
  async (input: unknown): Promise<Verdict> => {
    const event = parseServiceEvent(input);
    const state = await readState(ledger);
    const { owner } = state;
    const watch = waitingOf(owner)?.watch;
    if (!event || !owner || !watch || !isWorthALook(event, watch)) {
      return verdict('wait', 'NoWatch', 'No watch waits for this event.');
    }
    logger.appendKeys({ rolloutId: owner.rolloutId, digest: owner.image.digest });
    return settleWatch({ ledger, ecs, sfn }, state, owner, watch, event);
  },
);
