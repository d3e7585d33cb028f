import { readState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { settleWatch } from './steps/settle-watch.ts';
import { isWorthALook, parseServiceEvent } from './rollout/service-event.ts';
import { verdict, type Verdict } from './rollout/verdict.ts';

/** wake-rollout: an ECS event looks for a watch that it may decide; without one it is over at once. */
export const handler = step(
  'WakeRollout',
  () => ({ rolloutId: 'none' }),
  async (input: unknown): Promise<Verdict> => {
    const event = parseServiceEvent(input);
    const state = await readState();
    const { holder } = state;
    const watch = holder?.watch;
    if (!event || !holder || !watch || holder.phase !== 'waiting' || !isWorthALook(event, watch, holder)) {
      return verdict('wait', 'NoWatch', 'No watch waits for this event.');
    }
    logger.appendKeys({ rolloutId: holder.rolloutId, digest: holder.image.digest });
    return settleWatch(state, holder, watch, event.at);
  },
);
