import { lookOf, type OutcomeLook } from '../../picture/outcome-looks.ts';
import type { RolloutRecord, ServiceDocument } from '../documents.ts';
import { asOf, imageOf, progressOf, servedNow } from './rollout-facts.ts';
import { cause, count, imageName, isFailure } from './words.ts';

/** Groups of services, worst first. */
export const GROUPS = ['attention', 'rolling', 'failed', 'held', 'unreadable', 'quiet'] as const;
export type Group = (typeof GROUPS)[number];

/** What groups are called: above their rows, and on their chips. */
export const GROUP_WORDS: Readonly<Record<Group, { readonly heading: string; readonly chip: string }>> = {
  attention: { heading: 'Need attention', chip: 'Need attention' },
  rolling: { heading: 'Rolling now', chip: 'Rolling' },
  failed: { heading: 'Failed last; the proven image serves', chip: 'Failed last' },
  held: { heading: 'Pinned or held', chip: 'Held' },
  unreadable: { heading: 'Cannot be read', chip: 'Unreadable' },
  quiet: { heading: 'Quiet', chip: 'Quiet' },
};

/** How a service stands, in a word and a sentence. */
export interface ServiceState {
  readonly group: Group;
  readonly word: string;
  readonly tone: OutcomeLook['tone'] | 'grave';
  readonly shape: OutcomeLook['shape'] | 'alert' | 'unknown';
  readonly say: string;
  /** When what is said ended, ISO 8601. */
  readonly endedAt?: string;
  /** Since when it goes on. */
  readonly since?: string;
  readonly counts?: Counts;
}

/** How many tasks of which image serve, of those wanted. */
export interface Counts {
  readonly proven: number;
  readonly trial: number;
  readonly desired: number;
}

/** The record that says how the service fared last: one that changed nothing says nothing. */
export function decisive({ history }: Pick<ServiceDocument, 'history'>): RolloutRecord | undefined {
  return history.find(({ outcome }) => !['NO_CHANGE', 'SUPERSEDED', 'HELD'].includes(outcome));
}

/** How a service stands at a moment, milliseconds since the epoch. */
export function stateOf(document: ServiceDocument, now: number): ServiceState {
  const { standing, trouble } = document;
  const isGone = trouble !== undefined && !['silent', 'credentials'].includes(trouble.kind);
  if (trouble && (isGone || !standing))
    return { group: 'unreadable', word: 'Cannot be read', tone: 'quiet', shape: 'unknown', say: trouble.message };
  if (!standing) return { group: 'quiet', word: 'Reading…', tone: 'quiet', shape: 'dot', say: '' };
  const counts = countsOf(document);
  const found =
    goingOn(document, now) ?? needing(document) ?? lastFailure(document) ?? held(document) ?? quiet(document);
  return { ...(counts && { counts }), ...found };
}

function countsOf({ standing }: ServiceDocument): Counts | undefined {
  const running = standing?.running;
  return running ? { proven: running.runningCount, trial: 0, desired: running.desiredCount } : undefined;
}

function goingOn({ rolling, standing }: ServiceDocument, now: number): ServiceState | undefined {
  const owner = standing?.rollout;
  if (!owner) return undefined;
  const live = { group: 'rolling', tone: 'live', shape: 'play', since: owner.startedAt } as const;
  const tag = rolling?.chronicle.rollouts[0]!.image ?? imageName(owner.image);
  if (!rolling) {
    const isDead = owner.executionStatus !== 'RUNNING';
    const say = isDead
      ? `The rollout of ${tag} died; what it left half way is put back with the next tick.`
      : `${tag} is being rolled out.`;
    return { ...live, word: isDead ? 'Recovering' : 'Rolling', say };
  }
  const chronicle = asOf(rolling, now);
  const { counts, desiredCount: desired } = servedNow(chronicle);
  const { word, bakeLeft } = progressOf(rolling, now);
  const old = imageOf(chronicle, 'proven');
  const say =
    bakeLeft !== undefined
      ? `${tag}: ${Math.ceil(bakeLeft)} s of the bake left, ${counts.trial} of ${desired} serve it`
      : owner.cause
        ? `${tag}: ${cause(owner.cause)} ${old ?? 'What ran before'} is put back.`
        : `${tag}: ${counts.trial} of ${desired} serve it${counts.proven > 0 ? `, ${counts.proven} still serve ${old ?? 'what ran before'}` : ''}`;
  const proven = Math.min(counts.proven, Math.max(0, desired - counts.trial));
  return { ...live, word, say, counts: { proven, trial: counts.trial, desired } };
}

/** What somebody has to look at, until something proven runs or they have said that they do. */
function needing({ standing, history }: ServiceDocument): ServiceState | undefined {
  const need = standing!.needsSomeone;
  if (!need) return undefined;
  const { rolloutId, outcome, since: endedAt, acknowledged } = need;
  const { shape } = lookOf(outcome);
  if (acknowledged) {
    const say = `${acknowledged.by.split('/').at(-1)} looks at it: ${acknowledged.reason}`;
    return { group: 'failed', word: 'Acknowledged', tone: 'bad', shape, say, endedAt };
  }
  const record = history.find((one) => one.rolloutId === rolloutId);
  const say = record ? cause(record) : `${lookOf(outcome).word}.`;
  return { group: 'attention', word: 'Needs attention', tone: 'grave', shape: 'alert', say, endedAt };
}

function lastFailure(document: ServiceDocument): ServiceState | undefined {
  const last = decisive(document);
  if (!last || !isFailure(last.outcome)) return undefined;
  const look = lookOf(last.outcome);
  const { endedAt } = last;
  if (last.outcome === 'FAILED_ROLLBACK')
    return { group: 'attention', word: 'Needs attention', tone: 'grave', shape: 'alert', say: last.message, endedAt };
  const say = `${last.image ? `${imageName(last.image)}: ` : ''}${cause(last)}`;
  return { group: 'failed', word: look.word, tone: 'bad', shape: look.shape, say, endedAt };
}

function held({ standing, history }: ServiceDocument): ServiceState | undefined {
  const { pin, held: waiting } = standing!;
  if (!pin) return undefined;
  const chosen = history.find(({ rolloutId }) => rolloutId === pin.rolloutId);
  const why = chosen?.request?.reason ?? 'Someone chose this image';
  const waits = waiting ? ` ${imageName(waiting)} waits.` : '';
  return {
    group: 'held',
    word: 'Pinned',
    tone: 'held',
    shape: 'pause',
    say: `${why.replace(/[.]?$/, '.')}${waits}`,
    endedAt: pin.since,
  };
}

function quiet(document: ServiceDocument): ServiceState {
  const { standing } = document;
  const last = decisive(document);
  const calm = { group: 'quiet', tone: 'quiet' } as const;
  if (!standing!.running)
    return { ...calm, group: 'unreadable', word: 'No service', shape: 'unknown', say: 'ECS has no such service.' };
  if (!last) return { ...calm, word: 'Never rolled', shape: 'dot', say: 'Waits for its first push.' };
  const { endedAt } = last;
  if (last.outcome === 'STAGED') return { ...calm, word: 'Zero tasks', shape: 'dot', say: last.message, endedAt };
  return {
    ...calm,
    word: 'Proven',
    shape: 'tick',
    say: last.message.replace(
      /^(\d+) of \1 tasks run exactly the expected digest.*$/s,
      'Every task runs exactly this image.',
    ),
    endedAt,
  };
}

/** The sentence that all services begin with. */
export function headlineOf(states: readonly ServiceState[]): string {
  const of = (group: Group): number => states.filter((one) => one.group === group).length;
  const [attention, rolling, failed, unread] = [of('attention'), of('rolling'), of('failed'), of('unreadable')];
  const be = (number: number): string => (number === 1 ? 'is' : 'are');
  const parts: readonly (readonly [number, string])[] = [
    [attention, attention === 1 ? 'needs attention' : 'need attention'],
    [rolling, `${be(rolling)} rolling`],
    [failed, `failed last and ${failed === 1 ? 'runs' : 'run'} what was proven before`],
    [unread, 'cannot be read'],
  ];
  const said = parts
    .filter(([number]) => number > 0)
    .map(([number, words], index) => `${index === 0 ? count(number, 'service') : number} ${words}`);
  return said.length === 0 ? 'Nothing needs attention.' : `${said.join(', ')}.`;
}
