import type { z } from 'zod';
import { pushRoleName } from './names.ts';
import type { GitHubAccess, HealthCheck, Provision, Registry } from './provisioning.ts';
import type { githubSchema, provisionSchema, registrySchema } from './provisioning-schema.ts';

export const DEFAULT_CPU = 512;
export const DEFAULT_MEMORY_MIB = 1024;
export const DEFAULT_DESIRED_COUNT = 1;
export const DEFAULT_INTERVAL_SECONDS = 10;
export const DEFAULT_TIMEOUT_SECONDS = 5;

/** `registry` with its defaults; the one tag that a policy follows has to move. */
export function registryOf(
  { movingTags = [], imagesKept = 100 }: z.infer<typeof registrySchema>,
  { exact, glob }: { readonly exact?: string | undefined; readonly glob?: string | undefined } = { exact: 'latest' },
): Registry {
  const one = exact ?? (glob?.includes('*') ? undefined : glob);
  const followed = one === undefined ? [] : [one];
  return { movingTags: [...new Set([...followed, ...movingTags])], imagesKept };
}

/** `github` with its defaults. */
export function githubOf(input: z.infer<typeof githubSchema>, serviceName: string): GitHubAccess {
  const [owner = '', name = ''] = input.repository.split('/');
  const { ownerId, repositoryId, environment, branch, tag } = input;
  const ref = branch === undefined ? `refs/tags/${tag}` : `refs/heads/${branch}`;
  return {
    owner,
    name,
    ...(ownerId !== undefined && { ownerId }),
    ...(repositoryId !== undefined && { repositoryId }),
    origin: environment === undefined ? `ref:${ref}` : `environment:${environment}`,
    roleName: input.roleName ?? pushRoleName(serviceName),
    waits: input.waits ?? false,
  };
}

/** `provision` with its defaults. */
export function provisionOf(input: z.infer<typeof provisionSchema>): Provision {
  const { ephemeralStorageGiB, network, loadBalancer, scaling } = input;
  return {
    port: input.port,
    cpu: input.cpu ?? DEFAULT_CPU,
    memoryMiB: input.memoryMiB ?? DEFAULT_MEMORY_MIB,
    ...(ephemeralStorageGiB !== undefined && { ephemeralStorageGiB }),
    architecture: input.architecture ?? 'x86_64',
    desiredCount: input.desiredCount ?? DEFAULT_DESIRED_COUNT,
    createsCluster: input.cluster !== 'existing',
    environment: input.environment ?? {},
    secrets: input.secrets ?? {},
    ...(input.healthCheck !== false && { healthCheck: healthCheckOf(input.healthCheck, input.port) }),
    ...(network && { network }),
    ...(loadBalancer && { loadBalancer: { ...loadBalancer, healthCheckPath: loadBalancer.healthCheckPath ?? '/' } }),
    ...(scaling && { scaling: { ...scaling, cpuPercent: scaling.cpuPercent ?? 60 } }),
  };
}

function healthCheckOf(
  input: Exclude<z.infer<typeof provisionSchema>['healthCheck'], false>,
  port: number,
): HealthCheck {
  return {
    command: input?.command ?? connectsTo(port),
    intervalSeconds: input?.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS,
    timeoutSeconds: input?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    retries: input?.retries ?? 3,
    startPeriodSeconds: input?.startPeriodSeconds ?? 30,
  };
}

/**
 * Succeeds when something accepts connections on the port. Images have different tools for that, and some have one that
 * lacks the option: so each is tried until one connects.
 */
function connectsTo(port: number): string {
  const url = `http://127.0.0.1:${port}/`;
  const python = `import socket; socket.create_connection(("127.0.0.1", ${port}), 3)`;
  const node = `require("net").connect(${port}, "127.0.0.1").on("connect", () => process.exit(0)).on("error", () => process.exit(1))`;
  return [
    `nc -z 127.0.0.1 ${port} 2>/dev/null`,
    `python3 -c '${python}' 2>/dev/null`,
    `node -e '${node}' 2>/dev/null`,
    // Any answer will do, an error page included.
    `curl -s -o /dev/null ${url} 2>/dev/null`,
    `{ wget -q -O /dev/null ${url} 2>/dev/null || [ $? -eq 8 ]; }`,
    `{ echo "none of nc, python3, node, curl and wget reaches port ${port}" >&2; exit 1; }`,
  ].join(' || ');
}
