import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from './answers.ts';

/** The TCP ports that a Dockerfile exposes by number, in its order; variables and ranges are passed over. */
export function exposedPorts(dockerfile: string): string[] {
  return [...dockerfile.matchAll(/^[ \t]*EXPOSE[ \t]+(.*)$/gim)]
    .flatMap(([, ports]) => ports!.trim().split(/\s+/))
    .flatMap((port) => /^(\d+)(?:\/tcp)?$/i.exec(port)?.[1] ?? []);
}

/** One sentence when the Dockerfile exposes other ports than the one of the service; it may be right all the same, since EXPOSE only documents. */
export function portWarning({ service: { provision }, dockerfile }: Plan, app: string): string | undefined {
  const path = join(app, dockerfile);
  if (!provision || !existsSync(path)) return undefined;
  const [exposed, port] = [exposedPorts(readFileSync(path, 'utf8')), String(provision.port)];
  if (exposed.length === 0 || exposed.includes(port)) return undefined;
  return `warning: ${dockerfile} exposes ${exposed.join(', ')}, and the service takes port ${port}: give --port ${exposed[0]}, or let the image listen on ${port}; otherwise its first rollout fails the health check.`;
}
