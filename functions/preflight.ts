import { ecr, ecs } from './aws/clients.ts';
import { step } from './aws/log.ts';
import type { RolloutConfig } from './rollout/config.ts';
import type { ProvenRevision } from './rollout/ledger.ts';
import { checkReadiness, type Clearance, type Plan } from './rollout/preflight.ts';
import { readPreflightFacts } from './steps/preflight-facts.ts';

interface PreflightArguments extends Pick<Plan, 'image'> {
  readonly rollbackTarget: ProvenRevision | null;
  readonly config: RolloutConfig;
  readonly rolloutId: string;
}

/** Preflight: proves that the roll can work, and can be taken back, before anything is touched. Reads only. */
export const handler = step('Preflight', identify, async (input: PreflightArguments): Promise<Clearance> => {
  const { config, image, rollbackTarget } = input;
  const plan = { image, ...(rollbackTarget && { rollbackTarget }) };
  return checkReadiness(await readPreflightFacts({ ecr, ecs }, plan, config), plan, config);
});

function identify({ rolloutId, image }: PreflightArguments): { rolloutId: string; digest: string } {
  return { rolloutId, digest: image.digest };
}
