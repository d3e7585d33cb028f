import type { UpdateServiceRequest, UpdateServiceResponse } from '@aws-sdk/client-ecs';
import type { TaskTruth } from '../region/ecs/ecs.ts';
import type { World } from '../rehearsal/world.ts';

/** What happened in a world, as AWS has it: times are milliseconds since the epoch, executions go by their ARNs. */
export interface Happenings {
  /** Every state that an execution entered, oldest first. */
  readonly entries: readonly { readonly at: number; readonly rollout: string; readonly state: string }[];
  /** When an execution began, and how; one that somebody redrives begins again. */
  readonly starts: readonly {
    readonly at: number;
    readonly rollout: string;
    readonly push: Reported | undefined;
    readonly isTick: boolean;
  }[];
  readonly ends: readonly { readonly at: number; readonly rollout: string; readonly status: string }[];
  /** Pushes that ECR reports of the repository. */
  readonly pushes: readonly (Reported & {
    readonly at: number;
    /** Whether it is no image, but what belongs to one, as a signature. */
    readonly isArtifact?: boolean;
  })[];
  /** What ECS says of deployments of the service: `SERVICE_DEPLOYMENT_COMPLETED`. */
  readonly deployments: readonly { readonly at: number; readonly deploymentId: string; readonly says: string }[];
  /** Tasks that stopped because a container of theirs ended. */
  readonly crashes: readonly { readonly at: number; readonly deploymentId: string }[];
  /**
   * Containers whose health changed in a task that counted as sound before and after, as one does that is not essential: ECS says
   * nothing of it.
   */
  readonly quietHealth: readonly {
    readonly at: number;
    readonly deploymentId: string;
    /** Of which task, too. */
    readonly container: string;
    readonly health: string;
  }[];
  /** Deployments that rollouts began: ECS says so some seconds later. */
  readonly rolls: readonly { readonly at: number; readonly deploymentId: string }[];
  /** Deployments that somebody else began. */
  readonly foreign: readonly { readonly at: number }[];
}

/** An image under a tag. */
export interface Reported {
  readonly digest: string;
  readonly tag: string;
}

type Growing = { readonly [Part in keyof Happenings]: Happenings[Part][number][] };

/** Writes down what happens, from now on; the lists grow. */
export function follow({ region, config, cell }: World): Happenings {
  const told: Growing = {
    ...{ entries: [], starts: [], ends: [], pushes: [] },
    ...{ deployments: [], crashes: [], quietHealth: [], rolls: [], foreign: [] },
  };
  const machine = cell.outputs['StateMachineArn'];
  region.states.onStateEntered(({ executionArn: rollout, stateMachineArn, state, at }) => {
    if (stateMachineArn === machine) told.entries.push({ at, rollout, state });
  });
  region.events.onEvent(({ source, 'detail-type': type, detail, resources = [] }) => {
    const at = region.kernel.now;
    if (source === 'aws.states' && detail['stateMachineArn'] === machine) noteExecution(told, at, detail);
    if (type === 'ECR Image Action' && detail['repository-name'] === config.repository) notePush(told, at, detail);
    if (type === 'ECS Deployment State Change' && resources.some((arn) => arn.endsWith(`/${config.serviceName}`)))
      told.deployments.push({ at, deploymentId: String(detail['deploymentId']), says: String(detail['eventName']) });
    if (type === 'ECS Task State Change' && isCrash(detail) && detail['group'] === `service:${config.serviceName}`)
      told.crashes.push({ at, deploymentId: String(detail['startedBy']) });
  });
  region.onApplied(({ at, caller, service, operation, input, output }) => {
    if (service !== 'ecs' || operation !== 'UpdateService') return;
    const isOurs = (input as UpdateServiceRequest).service?.split('/').at(-1) === config.serviceName;
    const [primary] = (output as UpdateServiceResponse).service?.deployments ?? [];
    if (!isOurs || primary?.createdAt?.getTime() !== at) return;
    if (caller?.kind === 'role') told.rolls.push({ at, deploymentId: String(primary.id) });
    else told.foreign.push({ at });
  });
  followHealth({ region, config }, (quiet) => told.quietHealth.push(quiet));
  return told;
}

/** Tells of each container whose health changes while its task is sound all along. */
function followHealth(
  { region, config }: Pick<World, 'region' | 'config'>,
  tell: (quiet: Happenings['quietHealth'][number]) => void,
): void {
  const before = new Map<string, TaskTruth>();
  region.ecs.onTruth((task) => {
    if (task.cluster !== config.cluster || task.service !== config.serviceName) return;
    const earlier = before.get(task.taskArn);
    before.set(task.taskArn, task);
    if (!earlier?.isSound || !task.isSound) return;
    task.containers.forEach(({ name, health }, index) => {
      if (health === earlier.containers[index]?.health) return;
      tell({ at: task.at, deploymentId: task.deploymentId, container: `${task.taskArn} ${name}`, health });
    });
  });
}

type Detail = Readonly<Record<string, unknown>>;

function noteExecution({ starts, ends }: Growing, at: number, detail: Detail): void {
  const [rollout, status] = [String(detail['executionArn']), String(detail['status'])];
  if (status !== 'RUNNING') return void ends.push({ at, rollout, status });
  const input = JSON.parse(String(detail['input'] ?? '{}')) as { readonly tick?: boolean; readonly detail?: Detail };
  const push = input.detail && reportedIn(input.detail);
  starts.push({ at, rollout, push, isTick: input.tick === true });
}

/** What ECR says of the configuration of an image; of an index it says nothing. */
const IMAGES = /^application\/vnd\.(oci\.image\.config|docker\.container\.image)\./;

function notePush({ pushes }: Growing, at: number, detail: Detail): void {
  if (detail['action-type'] !== 'PUSH' || detail['result'] !== 'SUCCESS') return;
  const type = detail['artifact-media-type'];
  pushes.push({ at, ...reportedIn(detail), isArtifact: type !== undefined && !IMAGES.test(String(type)) });
}

function reportedIn(detail: Detail): Reported {
  return { digest: String(detail['image-digest']), tag: String(detail['image-tag']) };
}

function isCrash(detail: Detail): boolean {
  return detail['lastStatus'] === 'STOPPED' && detail['stopCode'] === 'EssentialContainerExited';
}

/** A stay of an execution in a state; `until` is when it left it for another one, or ended. */
export interface Visit {
  readonly rollout: string;
  readonly state: string;
  readonly from: number;
  readonly until: number;
}

/** On the way from a wait to the same one again: whoever looks anew has not gone on. */
const LOOKING_ANEW = ['Steady?', 'Passed?', 'LookAgain', 'Which watch?', 'LookLater', 'In time?'];

/** Every stay in one of these states, the same one entered again included, until `now` where it goes on. */
export function visitsTo(
  states: readonly string[],
  { entries, ends }: Pick<Happenings, 'entries' | 'ends'>,
  now: number,
): Visit[] {
  const visits: Visit[] = [];
  for (const rollout of new Set(entries.map((entry) => entry.rollout))) {
    const own = entries.filter((entry) => entry.rollout === rollout && !LOOKING_ANEW.includes(entry.state));
    own.forEach(({ state, at: from }, index) => {
      if (!states.includes(state) || own[index - 1]?.state === state) return;
      const next = own.slice(index).find((entry) => entry.state !== state)?.at ?? Infinity;
      const end = ends.find((one) => one.rollout === rollout && one.at >= from)?.at ?? now;
      visits.push({ rollout, state, from, until: Math.min(next, end) });
    });
  }
  return visits;
}
