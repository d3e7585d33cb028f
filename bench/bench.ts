import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesizeBenched } from './benched-assembly.ts';
import { measureBundles } from './bundle-costs.ts';
import { measureClosedWorlds } from './closed-worlds.ts';
import { measureDetection } from './detection.ts';
import { measureHerds } from './herds.ts';
import { measureIdleCells } from './idle-cells.ts';
import { measureLongRollouts } from './long-rollouts.ts';
import { measureManyTasks } from './many-tasks.ts';
import { isWithin, table, type Measurement } from './measurement.ts';
import { measureSdkCall } from './sdk-calls.ts';
import { measureStart } from './start-command.ts';
import { measureWarmRollouts } from './warm-rollouts.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Measures in one run, prints a table, and fails when a bound is broken: everything, or one herd of so many services. */
async function bench(isMarkdown: boolean, services?: number): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'rollouts-bench-'));
  try {
    const measurements = await (services === undefined ? measureAll(scratch) : measureHerds(scratch, [services]));
    console.log(table(measurements, isMarkdown).join('\n'));
    return measurements.every(isWithin);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measureAll(scratch: string): Promise<Measurement[]> {
  const assembly = await synthesizeBenched(join(scratch, 'assembly'));
  const start = measureStart(scratch);
  const yardstick = await measureSdkCall();
  return [
    ...start,
    yardstick,
    ...(await measureWarmRollouts(assembly, yardstick.value)),
    ...(await measureClosedWorlds(assembly)),
    ...(await measureLongRollouts(assembly)),
    ...(await measureIdleCells(scratch)),
    ...(await measureDetection(assembly, scratch)),
    ...(await measureManyTasks(assembly)),
    ...(await measureHerds(scratch)),
    ...(await measureBundles()),
  ];
}

const { values } = parseArgs({ options: { markdown: { type: 'boolean' }, services: { type: 'string' } } });
const services = values.services === undefined ? undefined : Number(values.services);
if (services !== undefined && !(Number.isInteger(services) && services > 0))
  throw new Error(
    `--services is ${values.services}: give how many services are pushed to at once, such as --services 500`,
  );
process.exitCode = (await bench(values.markdown ?? false, services)) ? 0 : 1;
