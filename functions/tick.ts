import { isAsProvisioned } from './steps/as-provisioned.ts';
import { lookOn } from './steps/look-on.ts';
import { ecr, ecs, ledger, sfn, sqs } from './aws/clients.ts';
import { keepCounted } from './aws/dead-letters.ts';
import { isExecutionRunning, startExecution } from './aws/executions.ts';
import { environment } from './aws/environment.ts';
import { readStateAndInventory } from './aws/inventory.ts';
import { readState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { emitNeed } from './aws/metrics.ts';
import { describeService } from './aws/service.ts';
import { artifactsIn } from './rollout/blame.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { decideTick, type TickDecision } from './rollout/decide-tick.ts';
import { mayDeregister } from './rollout/failed-revisions.ts';
import type { Inventory } from './rollout/inventory.ts';
import { haveTagsMoved } from './rollout/keep-tags.ts';
import { mayOwe, owedImage } from './rollout/launch.ts';
import { ledgerTime, type LedgerState, type SelectedImage } from './rollout/ledger.ts';
import { selectImage, type RegistryImage } from './rollout/select-image.ts';
import { primaryOf } from './rollout/service-facts.ts';
import { STANDING, standingLine } from './rollout/told-lines.ts';

/** tick: repairs what events lost and closes what died, by starting the flow; an idle tick writes at most how far the images are listed. */
export const handler = step(
  'Tick',
  () => ({ rolloutId: 'none' }),
  async (): Promise<TickDecision> => {
    const config = JSON.parse(environment('ROLLOUT_CONFIG')) as RolloutConfig;
    const { state, inventory } = await readKnown(config);
    emitNeed(config.service, state, Date.now());
    logger.info(STANDING, { standing: standingLine(state) });
    const { listed, candidates } = await lookOn({ ecr, ledger }, state, inventory, config);
    const isOwnerRunning = state.owner && (await isExecutionRunning(sfn, state.owner));
    const selected = selectImage(candidates, config.tagPolicy, { artifacts: artifactsIn(state) });
    const owed = await owedNow(state, config);
    const decided = decideTick(state, selected, isOwnerRunning, config, ledgerTime(Date.now(), state), owed);
    const decision = state.owner || decided.word === 'start' ? decided : await besides(state, listed, config, decided);
    if (decision.word === 'start') await startExecution(sfn, environment('STATE_MACHINE_ARN'), { tick: true });
    // Last: nothing that has to be repaired depends on it.
    if (isFirstOfHour(Date.now())) await keepCounted(sqs, environment('DEAD_LETTERS_URL'));
    return decision;
  },
);

/** Whether no tick of this hour was earlier: what need be done a few times a day is done by that one. */
function isFirstOfHour(now: number): boolean {
  return Math.floor(now / 60_000) % 60 < Number(environment('TICK_MINUTES'));
}

/** An exact tag is one image, of which no inventory is kept. */
async function readKnown(config: RolloutConfig): Promise<{ state: LedgerState; inventory?: Inventory | undefined }> {
  return config.tagPolicy.kind === 'exact' ? { state: await readState(ledger) } : readStateAndInventory(ledger, config);
}

/** What the flow is started for although there is nothing to roll, while nobody owns the service. */
async function besides(
  state: LedgerState,
  images: readonly RegistryImage[],
  config: RolloutConfig,
  idle: TickDecision,
): Promise<TickDecision> {
  const waiters = [...(state.pending ? [state.pending] : []), ...state.lettingFinish];
  const areRunning = await Promise.all(waiters.map((waiter) => isExecutionRunning(sfn, waiter)));
  if (areRunning.includes(false)) return { word: 'start', reason: 'WaiterDied' };
  if (haveTagsMoved(images, state, config)) return { word: 'start', reason: 'KeepTagsMoved' };
  const isDue = mayDeregister(state, config, ledgerTime(Date.now(), state));
  return isDue ? { word: 'start', reason: 'RevisionsFailed' } : idle;
}

/** The image that the service is owed; a service that can be owed none is not looked at. */
async function owedNow(state: LedgerState, config: RolloutConfig): Promise<SelectedImage | undefined> {
  if (!mayOwe(state, config)) return undefined;
  const service = await describeService(ecs, config);
  const primary = primaryOf(service);
  if (!service || !primary) return undefined;
  const running = { createdAt: primary.createdAt, isAsProvisioned: await isAsProvisioned(ecs, service, config) };
  return owedImage(state, running, ledgerTime(Date.now(), state));
}
