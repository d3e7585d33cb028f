/** What the world outside the stack must look like: read from the state machine's Configure state, where synthesis put it. */
export interface CellConfig {
  /** The ledger's key: `cluster/service`. */
  readonly service: string;
  readonly cluster: string;
  readonly serviceName: string;
  readonly family: string;
  readonly repository: string;
  readonly containers: readonly string[];
  readonly tagPolicy: TagPolicy;
  readonly bakeTimeSeconds: number;
  /** Only of a service that the stacks provision. */
  readonly launchCount?: number;
  /** Name of the SSM parameter that names the image that was proven last. */
  readonly liveImageParameter: string;
}

/** Which tags start rollouts. */
export type TagPolicy =
  | { readonly kind: 'exact'; readonly tag: string }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'semver'; readonly range: string };

/** Reads the configuration out of a state machine's definition. */
export function cellConfig(definition: string): CellConfig {
  const known = lastRead?.definition === definition ? lastRead : { definition, config: configIn(definition) };
  lastRead = known;
  return known.config;
}

/** Worlds that begin alike have the same definition, which is long. */
let lastRead: { readonly definition: string; readonly config: CellConfig } | undefined;

function configIn(definition: string): CellConfig {
  const machine = JSON.parse(definition) as { States?: Record<string, { Assign?: { config?: CellConfig } }> };
  const config = machine.States?.['Configure']?.Assign?.config;
  if (!config) throw new Error('the state machine has no Configure state that assigns "config"');
  return config;
}

/** The tag of the n-th push (counted from 1) that the tag policy selects. */
export function nextTag(policy: TagPolicy, count: number): string {
  switch (policy.kind) {
    case 'exact':
      return policy.tag;
    case 'glob':
      return policy.pattern.replaceAll('*', String(count));
    case 'semver':
      return nextVersion(policy.range, count);
  }
}

/** The first version that the range names, its patch raised by the count: enough for `1.x`, `^2.3`, `>=1.4.0`. */
function nextVersion(range: string, count: number): string {
  const [, major = '1', minor = '0', patch = '0'] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(range) ?? [];
  return `${major}.${minor}.${Number(patch) + count}`;
}
