import { NotModelled } from '../service.ts';

/** What a container does once its image has been pulled. Images that cannot be pulled never get this far. */
export type Behaviour =
  | { readonly kind: 'healthy' | 'never-healthy' | 'ignores-sigterm' }
  /** Exits by itself; with 0 seconds its task never reaches RUNNING. */
  | { readonly kind: 'crash'; readonly afterSeconds: number; readonly exitCode: number }
  | { readonly kind: 'out-of-memory'; readonly afterSeconds: number }
  /** Its health check fails until so many seconds have passed. */
  | { readonly kind: 'slow-start'; readonly afterSeconds: number };

const KINDS = ['healthy', 'crash', 'never-healthy', 'out-of-memory', 'slow-start', 'ignores-sigterm'] as const;

/** The annotations of a manifest, or labels of an image's configuration, that speak to the region. */
export const BEHAVIOUR_ANNOTATION = 'rehearsal.behaviour';
const AFTER_SECONDS_ANNOTATION = 'rehearsal.after-seconds';
const EXIT_CODE_ANNOTATION = 'rehearsal.exit-code';
const LISTENS_ON_ANNOTATION = 'rehearsal.listens-on';
const SAYS_ANNOTATION = 'rehearsal.says';

/** What they all begin with. */
const PREFIX = BEHAVIOUR_ANNOTATION.replace(/\w+$/, '');
/** What the registry reads of an image: which platform it was built for, and whether it can be pulled. */
export const PLATFORM_ANNOTATION = 'rehearsal.platform';
/** The word for an image that the registry does not hand out. */
export const UNPULLABLE = 'unpullable';
const ANNOTATIONS = [
  BEHAVIOUR_ANNOTATION,
  AFTER_SECONDS_ANNOTATION,
  EXIT_CODE_ANNOTATION,
  LISTENS_ON_ANNOTATION,
  SAYS_ANNOTATION,
  PLATFORM_ANNOTATION,
];

const DEFAULT_AFTER_SECONDS = { crash: 5, 'out-of-memory': 5, 'slow-start': 30 } as const;

/**
 * Reads what an image does from its manifest's annotations:
 * `rehearsal.behaviour` (default `healthy`), `rehearsal.after-seconds`, and for `crash` `rehearsal.exit-code` (default 1).
 * Throws `NotModelled` for a word or a number that it does not know.
 */
export function readBehaviour(annotations: Readonly<Record<string, string>>): Behaviour {
  const word = annotations[BEHAVIOUR_ANNOTATION] ?? 'healthy';
  const kind = KINDS.find((known) => known === word);
  if (!kind) throw new NotModelled(`${BEHAVIOUR_ANNOTATION} "${word}" (known: ${KINDS.join(', ')}, ${UNPULLABLE})`);
  switch (kind) {
    case 'healthy':
    case 'never-healthy':
    case 'ignores-sigterm':
      return { kind };
    case 'crash':
      return {
        kind,
        afterSeconds: seconds(annotations, kind),
        exitCode: exitCodeOf(annotations),
      };
    case 'out-of-memory':
    case 'slow-start':
      return { kind, afterSeconds: seconds(annotations, kind) };
  }
}

/** The second after its start from which on a container passes checks; infinite for never. */
export function passesFromSecond(behaviour: Behaviour): number {
  if (behaviour.kind === 'never-healthy') return Number.POSITIVE_INFINITY;
  return behaviour.kind === 'slow-start' ? behaviour.afterSeconds : 0;
}

/**
 * Reads the one port that an image listens on, `rehearsal.listens-on`; undefined for one that listens wherever it is asked to.
 * Throws `NotModelled` for anything but a port.
 */
export function readListeningPort(annotations: Readonly<Record<string, string>>): number | undefined {
  const text = annotations[LISTENS_ON_ANNOTATION];
  if (text === undefined) return undefined;
  const port = wholeNumber(annotations, LISTENS_ON_ANNOTATION, 0);
  if (port < 1 || port > 65_535)
    throw new NotModelled(`${LISTENS_ON_ANNOTATION} "${text}" (must be a port, 1 to 65535)`);
  return port;
}

/** Reads the lines that an image's container writes to its log, `rehearsal.says`; most say nothing. */
export function readLines(annotations: Readonly<Record<string, string>>): readonly string[] {
  return annotations[SAYS_ANNOTATION]?.split('\n') ?? [];
}

/**
 * What is wrong with the annotations that speak to the region, in a sentence; undefined when it understands them all. Asked
 * when an image is pushed: whoever mistypes a word hears of it there, and not from a task that runs it.
 */
export function misunderstoodAnnotation(annotations: Readonly<Record<string, string>>): string | undefined {
  const unknown = Object.keys(annotations).find((name) => name.startsWith(PREFIX) && !ANNOTATIONS.includes(name));
  if (unknown !== undefined) return `there is no annotation ${unknown} (known: ${ANNOTATIONS.join(', ')})`;
  const platform = annotations[PLATFORM_ANNOTATION];
  if (platform !== undefined && !/^[a-z0-9]+\/[a-z0-9]+$/.test(platform))
    return `${PLATFORM_ANNOTATION} "${platform}" (must be a platform such as linux/arm64)`;
  if (annotations[BEHAVIOUR_ANNOTATION] === UNPULLABLE) return undefined;
  try {
    // The numbers are read also where the behaviour has no use for them.
    for (const kind of ['crash', 'slow-start'] as const) seconds(annotations, kind);
    exitCodeOf(annotations);
    readListeningPort(annotations);
    readBehaviour(annotations);
    return undefined;
  } catch (error) {
    if (!(error instanceof NotModelled)) throw error;
    return error.what;
  }
}

function seconds(annotations: Readonly<Record<string, string>>, kind: keyof typeof DEFAULT_AFTER_SECONDS): number {
  return wholeNumber(annotations, AFTER_SECONDS_ANNOTATION, DEFAULT_AFTER_SECONDS[kind]);
}

function exitCodeOf(annotations: Readonly<Record<string, string>>): number {
  const exitCode = wholeNumber(annotations, EXIT_CODE_ANNOTATION, 1);
  if (exitCode > 255) throw new NotModelled(`${EXIT_CODE_ANNOTATION} "${exitCode}" (must be an exit code, 0 to 255)`);
  return exitCode;
}

function wholeNumber(annotations: Readonly<Record<string, string>>, name: string, otherwise: number): number {
  const text = annotations[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,6}$/.test(text))
    throw new NotModelled(`${name} "${text}" (must be a whole number of at most six digits)`);
  return Number(text);
}
