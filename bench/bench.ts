import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesizeBenched } from './benched-assembly.ts';
import { measureBundles } from './bundle-costs.ts';
import { measureCampaignPrice } from './campaign-price.ts';
import { measureClosedWorlds } from './closed-worlds.ts';
import { measureDetection } from './detection.ts';
import { measureHerds } from './herds.ts';
import { measureIdleCells } from './idle-cells.ts';
import { measureLongRollouts } from './long-rollouts.ts';
import { measureManyTasks } from './many-tasks.ts';
import { isWithin, table, type Measurement } from './measurement.ts';
import { measureOpeningWorlds } from './opening-worlds.ts';
import { measureSdkCall } from './sdk-calls.ts';
import { measureStart } from './start-command.ts';
import { measureSuite } from './suite-price.ts';
import { measureWarmRollouts } from './warm-rollouts.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

type Measure = (scratch: string) => Measurement[] | Promise<Measurement[]>;

/** Measures in one run, prints a table, and fails when a bound is broken. */
async function bench(isMarkdown: boolean, measure: Measure): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'rollouts-bench-'));
  try {
    const measurements = await measure(scratch);
    console.log(table(measurements, isMarkdown).join('\n'));
    return measurements.every(isWithin);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Everything but the suite, which takes minutes of its own. */
async function measureAll(scratch: string): Promise<Measurement[]> {
  const assembly = await synthesizeBenched(join(scratch, 'assembly'));
  const start = measureStart(scratch);
  const yardstick = await measureSdkCall();
  return [
    ...start,
    yardstick,
    ...(await measureWarmRollouts(assembly, yardstick.value)),
    ...(await measureClosedWorlds(assembly)),
    ...(await measureOpeningWorlds(assembly, yardstick.value)),
    ...(await measureCampaignPrice(scratch, yardstick.value)),
    ...(await measureLongRollouts(assembly)),
    ...(await measureIdleCells(scratch)),
    ...(await measureDetection(assembly, scratch)),
    ...(await measureManyTasks(assembly)),
    ...(await measureHerds(scratch)),
    ...(await measureBundles()),
  ];
}

const { values } = parseArgs({
  options: { markdown: { type: 'boolean' }, services: { type: 'string' }, suite: { type: 'boolean' } },
});
const services = values.services === undefined ? undefined : Number(values.services);
if (services !== undefined && !(Number.isInteger(services) && services > 0))
  throw new Error(
    `--services is ${values.services}: give how many services are pushed to at once, such as --services 500`,
  );
const herd: Measure | undefined = services === undefined ? undefined : (scratch) => measureHerds(scratch, [services]);
process.exitCode = (await bench(values.markdown ?? false, values.suite ? measureSuite : (herd ?? measureAll))) ? 0 : 1;
