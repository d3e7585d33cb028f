import type { RegionContext } from '../service.ts';

/** What Secrets Manager knows. */
export interface SecretsState {
  /** Since when each secret is known, by its complete ARN. */
  readonly secrets: Map<string, Date>;
}

export interface Secrets extends RegionContext {
  readonly state: SecretsState;
}

/** No secret. */
export function newSecretsState(): SecretsState {
  return { secrets: new Map() };
}
