import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Synthesizes a configuration into a temporary cloud assembly, hands it to `use`, and removes it, however the process ends. */
export async function withAssembly<T>(
  configFile: string | undefined,
  use: (assembly: string) => Promise<T>,
): Promise<T> {
  const { bundleHandlers } = await import('../../../infra/bundles.ts');
  // Loaded only now: CDK takes longer to import than every other thing that the command line does. Meanwhile esbuild works
  // in a process of its own, and synthesis finds the bundles made.
  const [{ loadConfiguration }, { synthesize }] = await Promise.all([
    import('../../../configuration/load-configuration.ts'),
    import('../../../infra/synthesize.ts'),
    bundleHandlers(),
  ]);
  const configuration = await loadConfiguration(configFile);
  const directory = mkdtempSync(join(tmpdir(), 'rollouts-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await use(await synthesize(configuration, { outdir: directory }));
  } finally {
    process.off('exit', remove);
    remove();
  }
}
