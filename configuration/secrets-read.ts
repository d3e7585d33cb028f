import type { Provision } from './provisioning.ts';

/** Names of the SSM parameters that the containers read, each once. */
export function parametersRead(provision: Provision | undefined): string[] {
  const sources = Object.values(provision?.secrets ?? {});
  return [...new Set(sources.flatMap((source) => ('parameter' in source ? [source.parameter] : [])))];
}

/** Names and ARNs of the secrets of Secrets Manager that the containers read, each once. */
export function secretsRead(provision: Provision | undefined): string[] {
  const sources = Object.values(provision?.secrets ?? {});
  return [...new Set(sources.flatMap((source) => ('secret' in source ? [source.secret] : [])))];
}
