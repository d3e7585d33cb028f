import type {
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import type {
  Chronicle,
  ChronicledDeployment,
  ChronicledEvent,
  ChronicledRollout,
  ChronicledState,
  Deployer,
  EventKind,
} from '../picture/chronicle.ts';
import { chronicleStates } from './chronicle-states.ts';
import { chronicleTasks } from './chronicle-tasks.ts';
import { readable } from '../timeline/timeline.ts';
import { record } from './recorder.ts';
import type { World } from './world.ts';

/** Follows a world, so that a picture of it can be drawn; it only listens, and what happens is the same without it. */
export interface Chronicler {
  /** Seconds, as in what it tells. */
  now(): number;
  /** Something that nobody else tells of, at a second; `lastsSeconds` is how long it is to go on. */
  note(at: number, kind: EventKind, text: string, lastsSeconds?: number): void;
  /** What was noted to last is over. */
  endNoted(): void;
  /** All that happened until now. */
  chronicle(): Chronicle;
}

/** Tag of a revision that names the rollout which registered it. */
const ROLLOUT_TAG = 'rollouts:rollout-id';

/** A push by which a rollout gives an image a tag of its own, so that nobody's clean-up takes it. */
const KEEPING = /^[^:]*:rollouts-keep-/;

interface Noted extends ChronicledEvent {
  until?: number;
}

/** Starts following; seconds count from here, as a recorder's do that is started at the same moment. */
export function followChronicle(world: World): Chronicler {
  const { region, config } = world;
  const beganAt = region.kernel.now;
  const secondsAt = (milliseconds: number): number => (milliseconds - beganAt) / 1000;
  const now = (): number => secondsAt(region.kernel.now);
  const { entries } = record(world);
  const noted: Noted[] = [];
  const states = chronicleStates(world, secondsAt);
  const tasks = chronicleTasks(world, secondsAt);
  const images = followImages(world);
  const deployed = followDeployers(world, states.isGoingBack);
  followScaling(world, (text) => noted.push({ at: now(), kind: 'deed', text }));
  return {
    now,
    note: (at, kind, text, lastsSeconds) => {
      noted.push({ at, kind, text, ...(lastsSeconds !== undefined && { until: at + lastsSeconds }) });
    },
    endNoted: () => {
      // What was to begin later never did.
      const begun = noted.filter(({ at }) => at <= now());
      for (const one of begun) if (one.until !== undefined) one.until = Math.min(one.until, now());
      noted.splice(0, noted.length, ...begun);
    },
    chronicle: () => {
      const told = entries.flatMap(({ virtualSeconds: at, kind, text }): ChronicledEvent[] =>
        kind === 'state' || kind === 'tasks' ? [] : [{ at, kind: KEEPING.test(text) ? 'kept' : kind, text }],
      );
      return {
        service: config.service,
        beganAt,
        endedAt: now(),
        rollouts: rolloutsOf(world, beganAt, secondsAt, states.of, images.ofRollout),
        deployments: tasks.deployments().map(({ digest, ...deployment }): ChronicledDeployment => {
          const image = images.ofRevision(deployment.revision) ?? images.named(digest);
          return { ...deployment, by: deployed(deployment.id, deployment.by), ...(image !== undefined && { image }) };
        }),
        tasks: tasks.tasks(),
        desiredCounts: tasks.desiredCounts(),
        events: [...told, ...noted].sort((one, other) => one.at - other.at),
      };
    },
  };
}

function rolloutsOf(
  { rollouts, region }: World,
  beganAt: number,
  secondsAt: (milliseconds: number) => number,
  statesOf: (executionArn: string) => ChronicledRollout['states'],
  imageOf: Images['ofRollout'],
): ChronicledRollout[] {
  return rollouts()
    .filter(({ startedAt }) => startedAt >= beganAt)
    .map(({ executionArn, startedAt, stoppedAt, outcome, message }) => {
      const id = region.states.view(executionArn).name;
      const own = statesOf(executionArn);
      const image = imageOf(id, own.some(isOfAcceptedImage));
      return {
        id,
        startedAt: secondsAt(startedAt),
        ...(stoppedAt !== undefined && { endedAt: secondsAt(stoppedAt) }),
        outcome,
        ...(message !== undefined && { message: readable(message) }),
        ...(image !== undefined && { image }),
        states: own,
      };
    });
}

/** From then on a rollout rolls what it accepted, which need not be what it was started for. */
function isOfAcceptedImage({ name }: ChronicledState): boolean {
  return name === 'Preflight';
}

/** Who made each deployment: its UpdateService tells; those without one are of ECS itself. */
function followDeployers(
  { region, config }: World,
  isGoingBack: () => boolean,
): (deploymentId: string, otherwise: Deployer) => Deployer {
  const deployers = new Map<string, Deployer>();
  region.onApplied(({ caller, service, operation, output }) => {
    if (service !== 'ecs' || operation !== 'UpdateService') return;
    const { service: updated } = output as UpdateServiceResponse;
    const id = updated?.deployments?.find(({ status }) => status === 'PRIMARY')?.id;
    if (updated?.serviceName !== config.serviceName || id === undefined || deployers.has(id)) return;
    deployers.set(id, caller?.kind !== 'role' ? 'someone else' : isGoingBack() ? 'rollback' : 'rollout');
  });
  return (id, otherwise) => (otherwise === 'before' ? 'before' : (deployers.get(id) ?? otherwise));
}

/** Who scales the service by hand; a deployment need not follow, so that nothing else tells of it. */
function followScaling({ region, config }: World, tell: (text: string) => void): void {
  region.onApplied(({ caller, service, operation, input }) => {
    if (service !== 'ecs' || operation !== 'UpdateService' || caller?.kind === 'role') return;
    const { service: name, desiredCount } = input as UpdateServiceRequest;
    if (desiredCount !== undefined && name === config.serviceName) tell(`scales to ${desiredCount}`);
  });
}

interface Images {
  ofRevision(revision: string): string | undefined;
  /** What it registered a revision of; before it has accepted an image, what it was started for. */
  ofRollout(rolloutId: string, hasAccepted: boolean): string | undefined;
  /** Its tag, and where several had that tag, seven digits too; without a tag twelve digits. */
  named(digest: string | undefined): string | undefined;
}

/** What images are called, and which revision and which rollout they belong to. */
function followImages({ region, config }: World): Images {
  const tags = new Map<string, string>();
  const byRevision = new Map<string, string>();
  const byRollout = new Map<string, string>();
  const askedFor = new Map<string, string>();
  region.events.onEvent(({ source, detail }) => {
    if (source === 'aws.states' && typeof detail['input'] === 'string') {
      const digest = digestIn(detail['input']);
      if (digest !== undefined) askedFor.set(String(detail['name']), digest);
    }
    const { 'repository-name': name, 'image-tag': tag, 'image-digest': digest } = detail;
    if (source !== 'aws.ecr' || name !== config.repository || typeof tag !== 'string' || tag === '') return;
    // What a rollout keeps gets a tag of its own; the first one is what it was pushed as.
    if (!tags.has(String(digest))) tags.set(String(digest), tag);
  });
  region.onApplied(({ service, operation, input, output }) => {
    if (service !== 'ecs' || operation !== 'RegisterTaskDefinition') return;
    const { taskDefinition } = output as RegisterTaskDefinitionResponse;
    const { tags: revisionTags = [] } = input as RegisterTaskDefinitionRequest;
    const container = taskDefinition?.containerDefinitions?.find(({ name = '' }) => config.containers.includes(name));
    const digest = container?.image?.split('@')[1];
    if (digest === undefined) return;
    byRevision.set(`${taskDefinition?.family}:${taskDefinition?.revision}`, digest);
    const rolloutId = revisionTags.find(({ key }) => key === ROLLOUT_TAG)?.value;
    if (rolloutId !== undefined) byRollout.set(rolloutId, digest);
  });
  const named: Images['named'] = (digest) => {
    if (digest === undefined) return undefined;
    const tag = tags.get(digest);
    if (tag === undefined) return digest.slice('sha256:'.length).slice(0, 12);
    const isAlone = [...tags.values()].filter((one) => one === tag).length === 1;
    return isAlone ? tag : `${tag} ${digest.slice('sha256:'.length).slice(0, 7)}`;
  };
  return {
    named,
    ofRevision: (revision) => named(byRevision.get(revision)),
    ofRollout: (rolloutId, hasAccepted) =>
      named(byRollout.get(rolloutId) ?? (hasAccepted ? undefined : askedFor.get(rolloutId))),
  };
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The image that an input of an execution names by its digest: that of an event of a push, or one asked for by hand. */
function digestIn(input: string): string | undefined {
  // Whoever starts an execution by hand may give it anything that is JSON.
  const given = JSON.parse(input) as {
    readonly detail?: { readonly 'image-digest'?: unknown } | null;
    readonly image?: { readonly digest?: unknown } | null;
  } | null;
  const digest = given?.detail?.['image-digest'] ?? given?.image?.digest;
  return typeof digest === 'string' && DIGEST.test(digest) ? digest : undefined;
}
