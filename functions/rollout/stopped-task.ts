import { failedTask, type FailedTask } from './failed-task.ts';
import { plainText } from './identifiers.ts';
import type { ContainerFacts, TaskFacts } from './service-facts.ts';

/** Whose fault a stop was: `deterministic` will happen again, `crash` may, `capacity` is not the image's, `ordinary` is no failure. */
export type StopBlame = 'deterministic' | 'crash' | 'capacity' | 'ordinary';

/** A stop, classified. */
export interface StopCause {
  readonly blame: StopBlame;
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** The task that stopped, and which of its containers ended it. */
  readonly task: FailedTask;
}

const NOT_PULLED = 'ImageCannotBePulled';
/** What the rolled image cannot help: a container beside it has an image that no task can pull. */
export const SIDECAR_NOT_PULLED = 'SidecarCannotBePulled';

/**
 * Texts by prefix or fragment, the first that matches: exact wording varies by platform version (ECS developer guide, "Stopped
 * tasks error messages"). What names a moment's trouble comes first, and is never the image's. A prefix whose cause nobody
 * knows counts as a crash, from the second task on: trouble of the moment seldom meets two tasks in a row.
 */
const KNOWN_TEXTS: readonly (readonly [RegExp, StopBlame, string])[] = [
  [
    /i\/o timeout|timed out|handshake timeout|deadline exceeded|connection issue|connection (?:refused|reset)|no such host|server misbehaving|name resolution|no route to host|network is unreachable|request canceled|send request failed|\bEOF\b|broken pipe/i,
    'capacity',
    'NetworkTrouble',
  ],
  [
    /too ?many ?requests|throttl|rate exceeded|request ?limit ?exceeded|slow ?down|: 50[0234]\b/i,
    'capacity',
    'ServiceTrouble',
  ],
  // The agent's credentials, which it renews by itself; those of a repository in the account are the role's.
  [/expired ?token|(?:token|credentials?)[^.:]* (?:is|has|have|are) expired/i, 'capacity', 'ServiceTrouble'],
  // A registry that answers neither "not there" nor "not allowed" is in trouble, or limits the rate; containerd spells it both ways.
  [/httpRead(?:er)?Seeker(?!.*\b40[134]\b)/i, 'capacity', 'RegistryTrouble'],
  [/Unexpected EC2 error|network interface|insufficient free addresses/i, 'capacity', 'NetworkInterface'],
  [
    /does not contain descriptor matching platform|no matching manifest for|exec format error/i,
    'deterministic',
    'WrongPlatform',
  ],
  [/logging driver|logger args|log stream|log group/i, 'deterministic', 'RoleOrLogGroupDenied'],
  // The registry has such an image and does not hand it out: that is a policy's doing, of whoever may pull or of the network.
  [
    /(?:CannotPull|pull image manifest).*(?:\b40[13]\b|denied|authorized|no basic auth)/i,
    'deterministic',
    'PullDenied',
  ],
  [
    /(?:CannotPull|pull image manifest).*(?:not found|manifest unknown|does not exist|\b404\b|invalid reference|no space left|unsupported|image config|no processor for media-type)/i,
    'deterministic',
    NOT_PULLED,
  ],
  [/can(?:'|no)t pull the image|cannot pull '/i, 'deterministic', NOT_PULLED],
  [/CannotPull|pull image manifest/i, 'crash', NOT_PULLED],
  [
    /can't pull the secret|did not contain json key|invalid character|ResourceNotFoundException|ParameterNotFound|invalid ?parameter/i,
    'deterministic',
    'SecretUnavailable',
  ],
  [/unable to assume|AccessDenied|not authorized/i, 'deterministic', 'RoleOrLogGroupDenied'],
  [/pull secrets or registry auth/i, 'crash', 'SecretUnavailable'],
  // A path that the file system lacks is no file that the image lacks.
  [/EFS utils/i, 'crash', 'ResourceInitialization'],
  [/executable file not found|no such file or directory|permission denied/i, 'deterministic', 'ContainerCannotStart'],
  // Platform version 1.4 says ResourceInitializationError of these, too (aws/amazon-ecs-agent issue 2442).
  [/CannotStartContainer|CannotCreateContainer|container runtime task|OCI runtime/i, 'crash', 'ContainerCannotStart'],
  [/ResourceInitializationError/i, 'crash', 'ResourceInitialization'],
  [/capacity|vCPU|InternalError|CannotStopContainer|Timeout waiting/i, 'capacity', 'Capacity'],
];

/** Reasons of stops that say nothing about the image: trouble that passes. */
export const PASSING_STOPS: readonly string[] = [
  ...new Set(KNOWN_TEXTS.flatMap(([, blame, reason]) => (blame === 'capacity' ? [reason] : []))),
  'TaskFailedToStart',
];

/** What stands in front of the cause and says nothing: messages have room for one sentence. */
const PREAMBLE =
  /execution resource retrieval failed: |service call has been retried \d+ time\(s\): |https response error StatusCode: \d+, RequestID: [\w-]*, /g;

const PLATFORM_STOPS = ['SpotInterruption', 'TerminationNotice', 'InfrastructureHealth'];

/** Says why a task stopped and whether that speaks against its image, which the containers that `rolled` names show. */
export function classifyStop(
  task: TaskFacts,
  rolled: readonly string[] = task.containers.map(({ name }) => name),
): StopCause {
  // Whatever such a stop says is about the platform under the task, and never about its image.
  if (PLATFORM_STOPS.includes(task.stopCode ?? '')) return cause('ordinary', task.stopCode!, task, rolled);
  const text = [task.stoppedReason ?? '', ...task.containers.map((container) => container.reason ?? '')].join(' ');
  if (/OutOfMemory/i.test(text) && isOwnEnd(task)) return cause('crash', 'OutOfMemory', task, rolled);
  if (/failed (?:container|ELB) health checks/i.test(text)) return cause('crash', 'FailedHealthChecks', task, rolled);
  if (task.stopCode === 'EssentialContainerExited') return cause('crash', 'EssentialContainerExited', task, rolled);
  if (task.stopCode === 'TaskFailedToStart') return failedToStart(text, task, rolled);
  return cause('ordinary', task.stopCode ?? 'Unknown', task, rolled);
}

/**
 * Not stopped by the scheduler, a person or AWS, which takes Spot capacity back and maintains hosts: how the containers of such a
 * task ended, a sidecar's memory long before among it, says nothing about the image. Nor does a code of the future.
 */
function isOwnEnd({ stopCode }: TaskFacts): boolean {
  return stopCode === undefined || stopCode === 'EssentialContainerExited' || stopCode === 'TaskFailedToStart';
}

function failedToStart(text: string, task: TaskFacts, rolled: readonly string[]): StopCause {
  const known = KNOWN_TEXTS.find(([pattern]) => pattern.test(text));
  if (known?.[2] === NOT_PULLED && isSidecars(text, task, rolled))
    return cause(known[1], SIDECAR_NOT_PULLED, task, rolled);
  // An unknown reason is not blamed on the image: the deadline, not a guess, ends such a rollout.
  return known ? cause(known[1], known[2], task, rolled) : cause('capacity', 'TaskFailedToStart', task, rolled);
}

/** Whether the image that could not be pulled is that of a container beside the rolled ones: the text names it. */
function isSidecars(text: string, { containers }: TaskFacts, rolled: readonly string[]): boolean {
  const words = text.split(/[\s"',;()]+/).map((word) => word.replace(/[:.]$/, ''));
  const meant = containers.filter(({ image }) => words.some((word) => names(word, image)));
  return meant.length > 0 && meant.every(({ name }) => !rolled.includes(name));
}

/** containerd writes the registry in front of a name that has none, and `latest` behind one without a tag. */
function names(word: string, image: string | undefined): boolean {
  return (
    image !== undefined &&
    [word, word.replace(/:latest$/, '')].some((one) => one === image || one.endsWith(`/${image}`))
  );
}

function cause(blame: StopBlame, reason: string, task: TaskFacts, rolled: readonly string[]): StopCause {
  const said = (task.stoppedReason ?? 'The task stopped').replace(PREAMBLE, '');
  const exits = blame === 'ordinary' ? [] : decisiveExits(task).map(describeExit);
  // Older platform versions say why a task failed to start in its containers only.
  const untold = task.containers.flatMap((container) =>
    container.exitCode === undefined && container.reason && !said.includes(container.reason)
      ? `container ${container.name}: ${container.reason.replace(PREAMBLE, '')}`
      : [],
  );
  const message = plainText([said, ...exits, ...untold].join('; '));
  return { blame, reason, message, task: failedTask(task, decisiveContainer(task, rolled)) };
}

/**
 * The container whose end or words say why the task stopped; where the task was told to stop, as by a load balancer, the rolled
 * one: what it wrote says most.
 */
function decisiveContainer(task: TaskFacts, rolled: readonly string[]): ContainerFacts | undefined {
  const { containers } = task;
  const ended = decisiveExits(task);
  return (
    ended.find(({ exitCode }) => exitCode !== 0) ??
    ended[0] ??
    containers.find(({ reason }) => reason !== undefined) ??
    containers.find(({ name }) => rolled.includes(name))
  );
}

/** What a container exits with that was told to stop: 128 + SIGTERM, 128 + SIGKILL. */
const TOLD_TO_STOP = [143, 137];

/**
 * The containers whose end ended the task. ECS tells the others to stop then, and their codes say nothing, unless they have a
 * reason of their own, such as no memory.
 */
function decisiveExits({ stopCode, containers }: TaskFacts): readonly ContainerFacts[] {
  const exited = containers.filter(({ exitCode }) => exitCode !== undefined);
  const own = exited.filter(({ exitCode, reason }) => reason !== undefined || !TOLD_TO_STOP.includes(exitCode!));
  const failed = own.filter(({ exitCode }) => exitCode !== 0);
  if (stopCode !== 'EssentialContainerExited') return failed;
  if (own.length === 0) return exited;
  return failed.length > 0 && own.some(({ reason }) => reason !== undefined) ? failed : own;
}

function describeExit(container: ContainerFacts): string {
  const why = container.reason === undefined ? '' : ` (${container.reason})`;
  return `container ${container.name} exited with code ${container.exitCode}${why}`;
}
