import type { PutItemInput } from '@aws-sdk/client-dynamodb';
import type {
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  UpdateServiceRequest,
} from '@aws-sdk/client-ecs';
import type { PutParameterRequest } from '@aws-sdk/client-ssm';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { CellConfig } from '../cell/cell-config.ts';
import type { OwnerView, LedgerView, RecordView } from '../cell/ledger-view.ts';
import type { Caller } from '../../region/service.ts';
import type { TaskTruth } from '../../region/ecs/ecs.ts';
import type { Region } from '../../region/region.ts';
import type { TrailEntry } from './evidence.ts';

/** Tag of a revision that names the rollout which registered it. */
const ROLLOUT_TAG = 'rollouts:rollout-id';
/** Tag of a copy that names the revision which it is a copy of. */
const COPY_TAG = 'rollouts:pinned-copy-of';

export type StateEntry = Extract<TrailEntry, { kind: 'state' }>;

/** The entries of one kind. */
export function entriesOf<Kind extends TrailEntry['kind']>(
  trail: readonly TrailEntry[],
  kind: Kind,
): Extract<TrailEntry, { kind: Kind }>[] {
  return trail.filter((entry): entry is Extract<TrailEntry, { kind: Kind }> => entry.kind === kind);
}

/** Every rollout that ever owned the service, as it was when it was last written. */
export function ownersOf(trail: readonly TrailEntry[]): ReadonlyMap<string, OwnerView> {
  const owners = entriesOf(trail, 'state').flatMap(({ state: { owner } }) => owner ?? []);
  return new Map(owners.map((owner) => [owner.rolloutId, owner]));
}

/** Follows what is applied to a cell's ledger, service, task definitions and live image, and what its tasks truly are; the list grows. */
export function followTrail(region: Region, cell: DeployedStack, config: CellConfig): readonly TrailEntry[] {
  const trail: TrailEntry[] = [];
  // A deployment may bring functions, and roles with them.
  const isOurs = (caller: Caller | undefined): boolean =>
    caller?.kind === 'role' &&
    [...cell.resources.values()].some(({ attributes }) => attributes['Arn'] === caller.roleArn);
  const readers: Readonly<Record<string, (input: never, output: never, isOurs: () => boolean) => Read>> = {
    'dynamodb:PutItem': ({ TableName, Item }: PutItemInput, _output, ours) => {
      if (TableName !== cell.outputs['LedgerTable']) return undefined;
      const { entry, ...item } = unmarshall(Item!);
      // How far the images are listed is nobody's outcome.
      if (entry === 'inventory') return undefined;
      return entry === 'state'
        ? { kind: 'state', state: item as LedgerView }
        : { kind: ours() ? 'record' : 'placed-record', record: item as RecordView };
    },
    'ecs:RegisterTaskDefinition': (
      { family, tags = [], containerDefinitions = [] }: RegisterTaskDefinitionRequest,
      { taskDefinition }: RegisterTaskDefinitionResponse,
      ours,
    ) =>
      family === config.family && ours()
        ? {
            kind: 'register',
            rolloutId: tags.find(({ key }) => key === ROLLOUT_TAG)?.value,
            copyOf: tags.find(({ key }) => key === COPY_TAG)?.value,
            images: containerDefinitions.map(({ image = '' }) => image),
            taskDefinition: taskDefinition?.taskDefinitionArn ?? '',
          }
        : undefined,
    'ecs:UpdateService': ({ service, taskDefinition }: UpdateServiceRequest, _output, ours) =>
      nameOf(service) === config.serviceName ? { kind: 'update', isOurs: ours(), taskDefinition } : undefined,
    'ssm:PutParameter': ({ Name, Value = '' }: PutParameterRequest, _output, ours) =>
      Name === config.liveImageParameter ? { kind: 'live-image', isOurs: ours(), image: Value } : undefined,
  };
  region.onApplied(({ at, caller, service, operation, input, output }) => {
    const reader = readers[`${service}:${operation}`];
    // Of many cells in one region, a call is about one.
    const read = reader?.(input as never, output as never, () => isOurs(caller));
    if (read) trail.push({ at, ...read });
  });
  followTasks(region, config, (task) => trail.push({ at: task.at, kind: 'task', task }));
  return trail;
}

/** Those of the service that run already, and every change from now on. */
function followTasks(region: Region, { cluster, serviceName }: CellConfig, listener: (task: TaskTruth) => void): void {
  const hear = (task: TaskTruth): void => {
    if (task.cluster === cluster && task.service === serviceName) listener(task);
  };
  region.ecs.truth().forEach(hear);
  region.ecs.onTruth(hear);
}

type Read = (TrailEntry extends infer Entry ? (Entry extends unknown ? Omit<Entry, 'at'> : never) : never) | undefined;

function nameOf(nameOrArn = ''): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}
