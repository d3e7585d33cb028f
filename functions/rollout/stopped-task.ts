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
}

/** Texts by prefix or fragment: exact wording varies by platform version (ECS developer guide, "Stopped tasks error messages"). */
const KNOWN_TEXTS: readonly (readonly [RegExp, StopBlame, string])[] = [
  [
    /i\/o timeout|timed out|deadline exceeded|connection issue|connection (?:refused|reset)|request canceled|send request failed|too ?many ?requests|50[234] /i,
    'capacity',
    'NetworkTrouble',
  ],
  // A registry that answers neither "not there" nor "not allowed" is in trouble, or limits the rate.
  [/httpReaderSeeker(?!.*\b40[134]\b)/i, 'capacity', 'RegistryTrouble'],
  [/Unexpected EC2 error|network interface|insufficient free addresses/i, 'capacity', 'NetworkInterface'],
  [/does not contain descriptor matching platform|exec format error/i, 'deterministic', 'WrongPlatform'],
  [/logging driver|logger args|log stream|log group/i, 'deterministic', 'RoleOrLogGroupDenied'],
  [/CannotPull|pull image manifest|can(?:'|no)t pull the image|cannot pull '/i, 'deterministic', 'ImageCannotBePulled'],
  [
    /pull secrets or registry auth|can't pull the secret|did not contain json key|ResourceNotFoundException/i,
    'deterministic',
    'SecretUnavailable',
  ],
  [/unable to assume|AccessDenied|not authorized/i, 'deterministic', 'RoleOrLogGroupDenied'],
  [/ResourceInitializationError/i, 'deterministic', 'ResourceInitialization'],
  [
    /CannotStartContainer|CannotCreateContainer|executable file not found|no such file or directory/i,
    'deterministic',
    'ContainerCannotStart',
  ],
  [/capacity|vCPU|InternalError|CannotStopContainer|Timeout waiting/i, 'capacity', 'Capacity'],
];

/** What stands in front of the cause and says nothing: messages have room for one sentence. */
const PREAMBLE =
  /execution resource retrieval failed: |service call has been retried \d+ time\(s\): |https response error StatusCode: \d+, RequestID: [\w-]*, /g;

const PLATFORM_STOPS = ['SpotInterruption', 'TerminationNotice', 'InfrastructureHealth'];

/** Says why a task stopped and whether that speaks against its image. */
export function classifyStop(task: TaskFacts): StopCause {
  // Whatever such a stop says is about the platform under the task, and never about its image.
  if (PLATFORM_STOPS.includes(task.stopCode ?? '')) return cause('ordinary', task.stopCode!, task);
  const text = [task.stoppedReason ?? '', ...task.containers.map((container) => container.reason ?? '')].join(' ');
  if (/OutOfMemory/i.test(text) && isOwnEnd(task)) return cause('crash', 'OutOfMemory', task);
  if (/failed (?:container|ELB) health checks/i.test(text)) return cause('crash', 'FailedHealthChecks', task);
  if (task.stopCode === 'EssentialContainerExited') return cause('crash', 'EssentialContainerExited', task);
  if (task.stopCode === 'TaskFailedToStart') return failedToStart(text, task);
  return cause('ordinary', task.stopCode ?? 'Unknown', task);
}

/**
 * Not stopped by the scheduler, a person or AWS, which takes Spot capacity back and maintains hosts: how the containers of such a
 * task ended, a sidecar's memory long before among it, says nothing about the image. Nor does a code of the future.
 */
function isOwnEnd({ stopCode }: TaskFacts): boolean {
  return stopCode === undefined || stopCode === 'EssentialContainerExited' || stopCode === 'TaskFailedToStart';
}

function failedToStart(text: string, task: TaskFacts): StopCause {
  const known = KNOWN_TEXTS.find(([pattern]) => pattern.test(text));
  // An unknown reason is not blamed on the image: the deadline, not a guess, ends such a rollout.
  return known ? cause(known[1], known[2], task) : cause('capacity', 'TaskFailedToStart', task);
}

function cause(blame: StopBlame, reason: string, task: TaskFacts): StopCause {
  const exited = task.containers.filter((container) => container.exitCode !== undefined && container.exitCode !== 0);
  const parts = [(task.stoppedReason ?? 'The task stopped').replace(PREAMBLE, ''), ...exited.map(describeExit)];
  return { blame, reason, message: plainText(parts.join('; ')) };
}

function describeExit(container: ContainerFacts): string {
  const why = container.reason === undefined ? '' : ` (${container.reason})`;
  return `container ${container.name} exited with code ${container.exitCode}${why}`;
}
