import { isExecutionRunning, startExecution } from './aws/executions.ts';
import { environment } from './aws/environment.ts';
import { readState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { candidateImages } from './aws/registry.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { decideTick, type TickDecision } from './rollout/decide-tick.ts';
import { selectImage } from './rollout/select-image.ts';

/** tick: repairs what events lost and closes what died, by starting the flow; an idle tick only reads. */
export const handler = step(
  'Tick',
  () => ({ rolloutId: 'none' }),
  async (): Promise<TickDecision> => {
    const config = JSON.parse(environment('ROLLOUT_CONFIG')) as RolloutConfig;
    const state = await readState();
    const images = await candidateImages(config);
    const isHolderRunning = state.holder && (await isExecutionRunning(state.holder.executionArn));
    const decision = decideTick(state, selectImage(images, config.tagPolicy), isHolderRunning, config);
    if (decision.word === 'start') await startExecution(environment('STATE_MACHINE_ARN'), { tick: true });
    return decision;
  },
);
