import { ecr, ecs, ledger } from './aws/clients.ts';
import { environment } from './aws/environment.ts';
import { step } from './aws/log.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { checkReadiness, type Clearance, type Plan } from './rollout/preflight.ts';
import { inTurn } from './steps/in-turn.ts';
import { readPreflightFacts } from './steps/preflight-facts.ts';

interface PreflightArguments {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
  readonly decision: Plan;
}

/** Preflight: proves that the roll can work, and can be taken back, before anything is touched. Reads only, but for its lease. */
export const handler = step('Preflight', identify, ({ config, rolloutId, decision }: PreflightArguments) =>
  inTurn({ ledger, rolloutId, until: 'deadline' }, async (): Promise<Clearance> => {
    const reach = { ecr, ecs, repositoryUri: environment('REPOSITORY_URI') };
    return checkReadiness(await readPreflightFacts(reach, decision, config), decision, config);
  }),
);

function identify({ rolloutId, decision }: PreflightArguments): { rolloutId: string; digest: string } {
  return { rolloutId, digest: decision.image.digest };
}
