import { join } from 'node:path';
import { checkConfiguration } from '../configuration/check-configuration.ts';
import { synthesize } from '../infra/synthesize.ts';
import type { Setting } from './plan.ts';
import type { AssemblyOf } from './stage.ts';

const TAGS = { exact: { exact: 'live' }, glob: { glob: 'v*' }, semver: { semver: '^1.0.0' } } as const;

/** An hour is long enough for what gets on, and as good as six for what does not. */
const DEADLINE_SECONDS = 3_600;

/** Synthesizes each setting once, below a directory. */
export function assembliesIn(directory: string): AssemblyOf {
  const known = new Map<string, Promise<string>>();
  return (setting) => {
    const key = `${setting.tag}-${setting.bakeTimeSeconds}-${setting.isProvisioned ? 'provisioned' : 'adopted'}`;
    const assembly = known.get(key) ?? synthesize(configurationOf(setting), { outdir: join(directory, key) });
    known.set(key, assembly);
    return assembly;
  };
}

function configurationOf({ tag, bakeTimeSeconds, isProvisioned }: Setting): ReturnType<typeof checkConfiguration> {
  const service = {
    repository: 'team/api',
    container: 'api',
    tag: TAGS[tag],
    cluster: 'prod',
    service: 'api',
    bakeTimeSeconds,
    deadlineSeconds: DEADLINE_SECONDS,
    ...(isProvisioned && { provision: { port: 8000, desiredCount: 2 } }),
  };
  return checkConfiguration({ services: [service] }, 'the campaign');
}
