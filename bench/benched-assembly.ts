import { checkConfiguration } from '../configuration/check-configuration.ts';
import { synthesize } from '../infra/synthesize.ts';

/** Synthesizes the stack that is measured: one service without bake time, so that a rollout is nothing but the roll. */
export function synthesizeBenched(outdir: string): Promise<string> {
  const service = { repository: 'bench/api', container: 'api', cluster: 'bench', service: 'api', bakeTimeSeconds: 0 };
  return synthesize(checkConfiguration({ services: [service] }, 'bench'), { outdir });
}
