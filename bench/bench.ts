import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Measures everything in one run, prints a table, and fails when a bound is broken. */
async function bench(isMarkdown: boolean): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'rollouts-bench-'));
  try {
    const assembly = await synthesizeBenched(join(scratch, 'assembly'));
    const start = measureStart(scratch);
    const yardstick = await measureSdkCall();
    const measurements: Measurement[] = [
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
    console.log(table(measurements, isMarkdown).join('\n'));
    return measurements.every(isWithin);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

process.exitCode = (await bench(process.argv.includes('--markdown'))) ? 0 : 1;
