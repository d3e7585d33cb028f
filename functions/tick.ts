import { isAsProvisioned } from './steps/as-provisioned.ts';
import { ecr, ecs, ledger, sfn } from './aws/clients.ts';
import { isExecutionRunning, startExecution } from './aws/executions.ts';
import { environment } from './aws/environment.ts';
import { readState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { candidateImages } from './aws/registry.ts';
import { describeService } from './aws/service.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { decideTick, type TickDecision } from './rollout/decide-tick.ts';
import { owedImage } from './rollout/launch.ts';
import { ledgerTime, type LedgerState } from './rollout/ledger.ts';
import { selectImage } from './rollout/select-image.ts';
import { primaryOf } from './rollout/service-facts.ts';

/** tick: repairs what events lost and closes what died, by starting the flow; an idle tick only reads. */
export const handler = step(
  'Tick',
  () => ({ rolloutId: 'none' }),
  async (): Promise<TickDecision> => {
    const config = JSON.parse(environment('ROLLOUT_CONFIG')) as RolloutConfig;
    const state = await readState(ledger);
    const images = await candidateImages(ecr, config);
    const isOwnerRunning = state.owner && (await isExecutionRunning(sfn, state.owner.executionArn));
    const selected = selectImage(images, config.tagPolicy);
    const decision = decideTick(state, selected, isOwnerRunning, config, await isLaunchOwed(state, config));
    if (decision.word === 'start') await startExecution(sfn, environment('STATE_MACHINE_ARN'), { tick: true });
    return decision;
  },
);

/** Asked of services only that our stacks provision, once they were launched, and while nobody rolls them. */
async function isLaunchOwed(state: LedgerState, config: RolloutConfig): Promise<boolean> {
  if (config.launchCount === undefined || state.verified.length === 0 || state.owner) return false;
  const service = await describeService(ecs, config);
  const primary = primaryOf(service);
  if (!service || !primary) return false;
  const running = { createdAt: primary.createdAt, isAsProvisioned: await isAsProvisioned(ecs, service, config) };
  return owedImage(state, running, ledgerTime(Date.now(), state)) !== undefined;
}
