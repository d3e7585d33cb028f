import { isDeepStrictEqual } from 'node:util';
import type {
  DescribeTaskDefinitionResponse,
  RegisterTaskDefinitionRequest,
  TaskDefinition,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs';
import { operate } from '../rehearsal/cell/operator.ts';
import { CANARIES } from '../rehearsal/surroundings.ts';
import type { CellConfig } from '../rehearsal/cell/cell-config.ts';
import type { World } from '../rehearsal/world.ts';

/** What the stack's roles change in ECS, and what of it they should not have. */
export interface Changes {
  /** How many changes there were by now. */
  readonly count: () => number;
  readonly violations: () => Promise<string[]>;
}

/** What a role may send with UpdateService. */
const UPDATED: readonly string[] = ['cluster', 'service', 'taskDefinition'];
/** What it may send besides where a first push launches the service, and on the way back from that. */
const LAUNCHED = 'desiredCount';
/** What ECS adds to a task definition when it is registered. */
const ADDED = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
];

/** Follows every change that the stack's roles make in ECS, from now on. */
export function watchChanges({ region, config }: World): Changes {
  const updates: UpdateServiceRequest[] = [];
  const registered: RegisterTaskDefinitionRequest[] = [];
  const strays: string[] = [];
  let count = 0;
  region.onApplied(({ caller, service, operation, input }) => {
    if (caller?.kind !== 'role' || service !== 'ecs' || /^(Describe|List)/.test(operation)) return;
    if (operation === 'UpdateService') updates.push(input as UpdateServiceRequest);
    else if (operation === 'RegisterTaskDefinition') registered.push(input as RegisterTaskDefinitionRequest);
    else if (operation !== 'TagResource' && operation !== 'DeregisterTaskDefinition') strays.push(operation);
    count++;
  });
  return {
    count: () => count,
    violations: async () => [
      ...strays.map((operation) => `minimal: A role called ecs:${operation}, which no rollout needs.`),
      ...updates.flatMap((update) => tooMuchUpdated(update, config)),
      ...alteredRevisions(
        registered,
        registered.length > 0 ? await handmadeRevisions(region, config.family) : [],
        config,
      ),
    ],
  };
}

/** Members that UpdateService should not have sent, and services that it should not have changed. */
export function tooMuchUpdated(
  update: UpdateServiceRequest,
  { cluster, serviceName, launchCount }: Pick<CellConfig, 'cluster' | 'serviceName' | 'launchCount'>,
): string[] {
  const sent = Object.entries(update).flatMap(([member, value]) => (value === undefined ? [] : [member]));
  const others = sent.filter(
    (member) => !UPDATED.includes(member) && !(member === LAUNCHED && launchCount !== undefined),
  );
  const isOther = update.service?.split('/').at(-1) !== serviceName || update.cluster?.split('/').at(-1) !== cluster;
  const changed = `${update.cluster}/${update.service}`;
  return [
    ...(others.length > 0 ? [`minimal: UpdateService also sent ${others.join(', ')}.`] : []),
    ...(isOther ? [`minimal: UpdateService changed ${changed}, not ${cluster}/${serviceName}.`] : []),
  ];
}

/** Every revision of a role is some revision made by hand with other images in the configured containers, and other tags. */
export function alteredRevisions(
  registered: readonly RegisterTaskDefinitionRequest[],
  handmade: readonly TaskDefinition[],
  { family, containers }: Pick<CellConfig, 'family' | 'containers'>,
): string[] {
  const known = handmade.map((base) => essence(base, containers));
  return registered.flatMap((one) => {
    if (one.family !== family) return [`minimal: A role registered a revision of ${one.family}, not of ${family}.`];
    const own = essence(one, containers);
    if (known.some((base) => isDeepStrictEqual(base, own))) return [];
    return [
      `minimal: A role registered a revision unlike every one made by hand, images aside: ${JSON.stringify(own)}`,
    ];
  });
}

/** Revisions that nobody tagged as a rollout's: all that a rollout's can derive from. */
async function handmadeRevisions(region: World['region'], family: string): Promise<TaskDefinition[]> {
  const { taskDefinitionArns = [] } = await operate<{ taskDefinitionArns?: string[] }>(
    region,
    'ecs',
    'ListTaskDefinitions',
    {
      familyPrefix: family,
    },
  );
  const found: TaskDefinition[] = [];
  for (const taskDefinition of taskDefinitionArns) {
    const described = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', {
      taskDefinition,
      include: ['TAGS'],
    });
    const isOfRollout = described.tags?.some(({ key = '' }) => key.startsWith('rollouts:'));
    if (!isOfRollout && described.taskDefinition) found.push(described.taskDefinition);
  }
  return found;
}

/** Without what ECS adds, what is empty, tags, and the images of those containers. */
function essence(of: TaskDefinition | RegisterTaskDefinitionRequest, containers: readonly string[]): unknown {
  const members = Object.entries(of).filter(([member]) => !ADDED.includes(member) && member !== 'tags');
  const { containerDefinitions = [], ...rest } = Object.fromEntries(members) as RegisterTaskDefinitionRequest;
  const bare = containerDefinitions.map(({ image, ...container }) =>
    containers.includes(container.name ?? '') ? container : { ...container, image },
  );
  return pruned({ ...rest, containerDefinitions: bare });
}

/** As JSON, without empty lists and objects, which ECS adds. */
function pruned(value: unknown): unknown {
  const text = JSON.stringify(value, (_member, inner: unknown) => {
    const isEmpty = typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0;
    return isEmpty ? undefined : inner;
  });
  return JSON.parse(text);
}

/** Places in which a secret or an environment's value stands that should not. */
export async function leaks(world: World): Promise<string[]> {
  const told: Readonly<Record<string, unknown>> = {
    'the logs': world.logLines(),
    'the notifications': world.notifications(),
    'the ledger': await world.ledgerState(),
    'the history': await world.history(),
    'the executions': world.rollouts(),
  };
  return Object.entries(told)
    .filter(([, text]) => Object.values(CANARIES).some((canary) => JSON.stringify(text ?? '').includes(canary)))
    .map(([where]) => `secret: ${where} show a value that no one may see.`);
}
