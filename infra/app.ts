import { ConfigurationError } from '../configuration/configuration-error.ts';
import { loadConfiguration } from '../configuration/load-configuration.ts';
import { synthesize } from './synthesize.ts';

// What `cdk synth` and `cdk deploy` run: see "app" in cdk.json.
try {
  await synthesize(await loadConfiguration(), { validate: true });
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
