import { newestRecords } from '../../functions/aws/history.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { look } from '../account/look.ts';
import { describeService, describeTaskDefinition } from '../account/running-service.ts';
import type { Reached } from './open/addresses.ts';
import { linksOf } from './open/links.ts';
import { openLines } from './open/open-text.ts';
import { openDocument, openSchema } from './open/open-json.ts';
import { currentRollout } from './watch/current-rollout.ts';

/** `rollouts open`: where the service is reached, and where the console shows it. */
export const open = cellVerb({
  name: 'open',
  summary: "Prints the service's address, and links to its pages in the AWS console.",
  options: {},
  schema: openSchema,
  ask: () => ({}),
  async runIn(cell) {
    const [service, executionArn] = await Promise.all([
      look(() => describeService(cell)),
      look(() => newestRollout(cell)),
    ]);
    const running = 'found' in service ? service.found : undefined;
    const revision = running?.taskDefinition;
    const definition = await look(async () =>
      revision === undefined ? undefined : (await describeTaskDefinition(cell, revision))?.taskDefinition,
    );
    // Loaded only now, with the clients that it takes: help and completion load every verb.
    const { readAddresses } = await import('./open/addresses.ts');
    const reached: Reached =
      'refused' in service ? { addresses: [], why: service.refused } : await readAddresses(cell, running, definition);
    const linked = { definition, executionArn };
    const found = { ...linked, reached, links: linksOf(cell, linked) };
    return { document: openDocument(cell, found), lines: openLines(cell, found), exitCode: 0 };
  },
});

/** The rollout that runs, else the one that ended last. */
async function newestRollout(cell: DeployedCell): Promise<string | undefined> {
  const running = await currentRollout(cell);
  return running ?? (await newestRecords(cell.ledger, { count: 1 })).records[0]?.executionArn;
}
