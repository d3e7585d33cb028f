import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkConfiguration } from './check-configuration.ts';
import type { CheckedConfiguration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';

/** The configuration file of this checkout. */
export const DEFAULT_FILE = join(import.meta.dirname, '..', 'rollouts.config.ts');

/** Imports a configuration file (TypeScript, so tsx must be running) and checks it; throws {@link ConfigurationError}. */
export async function loadConfiguration(file: string = DEFAULT_FILE): Promise<CheckedConfiguration> {
  return checkConfiguration(await readConfiguration(file), basename(file));
}

/** What a configuration file exports, unchecked; throws {@link ConfigurationError} where it cannot be imported. */
export async function readConfiguration(file: string): Promise<unknown> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw refusal(file, 'there is no such file', 'create it, or name another one with --config');
  }
  return await importDefault(path);
}

async function importDefault(path: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as typeof module;
  } catch (cause) {
    throw refusal(basename(path), `cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, MEND);
  }
  if (module.default === undefined) throw refusal(basename(path), 'exports no default', `write ${EXPORT}`);
  return module.default;
}

const MEND = 'mend the file; `npx tsc --noEmit` names the line';
const EXPORT = 'export default { services: [ … ] } satisfies RolloutsConfiguration';

function refusal(file: string, message: string, remedy: string): ConfigurationError {
  return new ConfigurationError(file, [{ path: '', value: '', message, remedy }]);
}
