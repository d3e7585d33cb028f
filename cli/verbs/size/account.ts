import type { CheckedService } from '../../../configuration/configuration.ts';
import { stackName } from '../../../configuration/names.ts';
import { withClients } from '../../account/clients.ts';
import type { Terminal } from '../../terminal/command.ts';
import type { Footprint } from './footprint.ts';
import type { Utilisation } from './judge-size.ts';
import { runningFootprint } from './running-service.ts';
import { readUtilisation } from './utilisation.ts';

/** What the account knows of a service. */
export interface AccountView {
  /** Absent when the service is not there. */
  readonly footprint?: Footprint | undefined;
  readonly utilisation: Utilisation;
}

/** Asks the account and Region of the environment's credentials; throws one sentence when AWS does not answer. */
export function askAccount(service: CheckedService, env: Terminal['env'], now: Date): Promise<AccountView> {
  return withClients(env, { stackName: stackName(service.name) }, async ({ ecs, cloudwatch }) => ({
    footprint: await runningFootprint(ecs, service),
    utilisation: await readUtilisation(cloudwatch, service, now),
  }));
}
