import { join } from 'node:path';
import { checkConfiguration } from '../configuration/check-configuration.ts';
import { synthesize } from '../infra/synthesize.ts';
import type { Policy, Setting } from './plan.ts';
import type { AssemblyOf } from './stage.ts';

const POLICIES: Readonly<Record<Policy, object>> = {
  plain: {},
  'keeps-images': { registry: { movingTags: ['v*', '1.*'] } },
  deregisters: { failedRevisions: 'deregister' },
  hasty: { progressSeconds: 120, tickMinutes: 1 },
  brief: { deadlineSeconds: 600 },
};

const TAGS = { exact: { exact: 'live' }, glob: { glob: 'v*' }, semver: { semver: '^1.0.0' } } as const;

/** An hour is long enough for what gets on, and as good as six for what does not. */
const DEADLINE_SECONDS = 3_600;

/** Synthesizes each setting once, below a directory. */
export function assembliesIn(directory: string): AssemblyOf {
  const known = new Map<string, Promise<string>>();
  return (setting) => {
    const { tag, bakeTimeSeconds, isProvisioned, policy = 'plain' } = setting;
    const key = `${tag}-${bakeTimeSeconds}-${isProvisioned ? 'provisioned' : 'adopted'}-${policy}`;
    const assembly =
      known.get(key) ?? synthesize(configurationOf(setting), { outdir: join(directory, key), withoutSdk: true });
    known.set(key, assembly);
    return assembly;
  };
}

function configurationOf({
  tag,
  bakeTimeSeconds,
  isProvisioned,
  policy = 'plain',
}: Setting): ReturnType<typeof checkConfiguration> {
  const service = {
    repository: 'team/api',
    container: 'api',
    tag: TAGS[tag],
    cluster: 'prod',
    service: 'api',
    bakeTimeSeconds,
    deadlineSeconds: DEADLINE_SECONDS,
    ...POLICIES[policy],
    ...(isProvisioned && { provision: { port: 8000, desiredCount: 2 } }),
  };
  return checkConfiguration({ services: [service] }, 'the campaign');
}
