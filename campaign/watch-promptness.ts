import { visitsTo, type Happenings, type Visit } from './happenings.ts';

/** How long news may take where nothing hinders it: a few calls, and the looks that an event is worth. */
const PROMPT_MS = 60_000;

/** States that wait for what happens to the service. */
const WATCHING = ['AwaitSteadyState', 'Bake', 'AwaitRollback'];

/**
 * What took longer than the news of it takes, by `now`, in a world without faults: a wait whose reason is over is over soon, and
 * is not left to the net under it. A push that is `selected` is heard of.
 */
export function tardiness(told: Happenings, isSelected: (tag: string) => boolean, now: number): string[] {
  return [
    ...unheard(told, isSelected, now),
    ...waitingForNobody(told, now),
    ...visitsTo(WATCHING, told, now).flatMap((visit) => [
      ...late(visit, 'the deployment was COMPLETED', completions(visit, told)),
      ...late(visit, 'somebody else deployed', told.foreign),
      ...late(visit, 'tasks had crashed', fatalCrashes(visit, told)),
    ]),
  ];
}

interface Moment {
  readonly at: number;
}

function late({ rollout, state, from, until }: Visit, what: string, moments: readonly Moment[]): string[] {
  const first = moments.find(({ at }) => at > from && at < until);
  if (!first || until - first.at <= PROMPT_MS) return [];
  return [`prompt: Rollout ${nameOf(rollout)} went on with ${state} for ${seconds(until - first.at)} s after ${what}.`];
}

/** A bake has begun with one, and goes on whatever else is COMPLETED. One with a container that is not well yet proves nothing. */
function completions(visit: Visit, { deployments, quietHealth }: Happenings): readonly Moment[] {
  if (visit.state === 'Bake') return [];
  return deployments.filter(({ at, deploymentId, says }) => {
    const own = quietHealth.filter((quiet) => quiet.deploymentId === deploymentId && quiet.at < visit.until);
    return says === 'SERVICE_DEPLOYMENT_COMPLETED' && !own.some((quiet) => quiet.at > at) && !isAnyUnwell(own);
  });
}

/** Whether any container is not HEALTHY by what was last known of it. */
function isAnyUnwell(quietHealth: Happenings['quietHealth']): boolean {
  return [...new Map(quietHealth.map(({ container, health }) => [container, health])).values()].includes('UNHEALTHY');
}

/** One crash is enough for a bake, two of one deployment are for a roll; on the way back what crashes may be what failed. */
function fatalCrashes({ state, from }: Visit, { crashes, deployments, rolls }: Happenings): readonly Moment[] {
  if (state === 'AwaitRollback') return [];
  const begun = [...deployments, ...rolls].sort((one, other) => one.at - other.at);
  const own = crashes.filter(({ at, deploymentId }) => {
    const newest = begun.findLast((deployment) => deployment.at <= at);
    return at > from && newest?.deploymentId === deploymentId;
  });
  return own.slice(state === 'Bake' ? 0 : 1);
}

function unheard({ pushes, starts }: Happenings, isSelected: (tag: string) => boolean, now: number): string[] {
  return pushes.flatMap(({ at, digest, tag }) => {
    const isHeard = starts.some(
      ({ push, at: startedAt }) =>
        push?.digest === digest && push.tag === tag && startedAt >= at && startedAt <= at + PROMPT_MS,
    );
    if (!isSelected(tag) || isHeard || now < at + PROMPT_MS) return [];
    return [`prompt: Nobody heard within ${seconds(PROMPT_MS)} s that ${tag} was pushed as ${digest}.`];
  });
}

/** By then a tick has come, even where most of those that change nothing are skipped. */
const FOUND_WITHIN_MS = 2_400_000;

/**
 * Pushes of which no record tells although nothing ran, and nothing else was pushed, for as long as a tick may take to find what
 * nobody heard of. What the tick's first look finds is no news.
 */
export function untoldPushes(
  { starts, ends, pushes }: Pick<Happenings, 'starts' | 'ends' | 'pushes'>,
  records: readonly { readonly image?: { readonly digest: string } | undefined }[],
  isSelected: (tag: string) => boolean,
  now: number,
): string[] {
  const selected = pushes.filter(({ tag }) => isSelected(tag));
  return selected.flatMap(({ at, digest, tag }, index) => {
    const isTold = records.some(({ image }) => image?.digest === digest);
    if (isTold || !starts.some((start) => start.at < at)) return [];
    const until = selected[index + 1]?.at ?? now;
    const changes = [at, ...[...starts, ...ends].map((one) => one.at), until].filter(
      (one) => one >= at && one <= until,
    );
    const gaps = changes.sort((one, other) => one - other).map((one, place, all) => (all[place + 1] ?? one) - one);
    if (Math.max(...gaps) < FOUND_WITHIN_MS) return [];
    return [`liveness: ${tag} was pushed as ${digest}, nothing ran for long afterwards, and no record tells of it.`];
  });
}

/** Who waits for a turn waits for another rollout, or is called. */
function waitingForNobody(told: Happenings, now: number): string[] {
  return visitsTo(['AwaitTurn'], told, now).flatMap(({ rollout, from, until }) => {
    const others = told.ends.filter((end) => end.rollout !== rollout && end.at >= from && end.at < until);
    const alone = others.find(({ at }) => until - at > PROMPT_MS && !runsBeside(told, rollout, at, at + PROMPT_MS));
    if (!alone) return [];
    return [
      `prompt: Rollout ${nameOf(rollout)} waited for its turn for ${seconds(until - alone.at)} s, and nobody had it.`,
    ];
  });
}

/** Whether another execution ran at any moment from one time to another. */
function runsBeside({ starts, ends }: Happenings, rollout: string, from: number, to: number): boolean {
  return starts.some((start) => {
    if (start.rollout === rollout || start.at > to) return false;
    const endedAt = ends.find((end) => end.rollout === start.rollout && end.at >= start.at)?.at ?? Infinity;
    return endedAt > from;
  });
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
