import type { Chronicle, ChronicledTask } from '../../picture/chronicle.ts';
import { episodesOf, type Episode } from '../../picture/episodes.ts';
import { roleOf } from '../../picture/families.ts';
import { servedIn, totalOf, type Served } from '../../picture/serving.ts';
import { failureOf } from '../../picture/stages.ts';
import type { RolloutDocument } from '../documents.ts';

/** A rollout as of a moment: while it runs its time goes on, between looks too. */
export function asOf(document: RolloutDocument, now: number): Chronicle {
  const { chronicle, record } = document;
  if (record) return chronicle;
  return { ...chronicle, endedAt: Math.max(chronicle.endedAt, (now - chronicle.beganAt) / 1000) };
}

/** The stretch of a chronicle that its one rollout takes; what its tasks do after its end is not part of it. */
export function episodeOf(chronicle: Chronicle): Episode {
  const rollout = chronicle.rollouts[0]!;
  const to = rollout.endedAt ?? chronicle.endedAt;
  const within = episodesOf(chronicle).flatMap(({ moments }) => moments.filter((at) => at >= 0 && at <= to));
  return {
    from: 0,
    to: Math.max(to, 1),
    rollouts: [{ number: 1, rollout }],
    tasks: chronicle.tasks.filter(({ createdAt = 0, stoppedAt = Infinity }) => createdAt <= to && stoppedAt >= 0),
    events: chronicle.events.filter(({ at }) => at <= to),
    moments: [...new Set([0, ...within, to])].sort((one, other) => one - other),
  };
}

/** How many serve at the end of what is known. */
export function servedNow(chronicle: Chronicle): Served {
  return servedIn(chronicle, episodeOf(chronicle)).at(-1)!;
}

/** The least that served, how many were wanted then at most, and for how many seconds fewer did. */
export function leastServed(chronicle: Chronicle): { least: number; wanted: number; seconds: number } {
  const episode = episodeOf(chronicle);
  const served = servedIn(chronicle, episode);
  const seconds = served.reduce((total, one, index) => {
    const lasted = (served[index + 1]?.at ?? episode.to) - one.at;
    return totalOf(one) < one.desiredCount ? total + lasted : total;
  }, 0);
  return {
    least: Math.min(...served.map(totalOf)),
    wanted: Math.max(...served.map(({ desiredCount }) => desiredCount)),
    seconds,
  };
}

/** The tasks of the image on trial. */
export function trialTasks(chronicle: Chronicle): ChronicledTask[] {
  return chronicle.tasks.filter(({ deploymentId }) => roleOf(chronicle, { from: 0 }, deploymentId).family === 'trial');
}

/** Those of them that failed, and how. */
export function failedTrials(chronicle: Chronicle): { readonly task: ChronicledTask; readonly failure: string }[] {
  return trialTasks(chronicle).flatMap((task) => {
    const failure = failureOf(task);
    return failure === undefined ? [] : [{ task, failure }];
  });
}

/** What a deployment's image is called, by what the deployment is for. */
export function imageOf(chronicle: Chronicle, role: 'proven' | 'trial'): string | undefined {
  const own = chronicle.deployments.filter(({ id }) => roleOf(chronicle, { from: 0 }, id).family === role);
  return own.at(-1)?.image ?? own.at(-1)?.revision;
}

/** The state that the machine is in; undefined before the first. */
export function stateNow(chronicle: Chronicle): string | undefined {
  return chronicle.rollouts[0]!.states.at(-1)?.name;
}

/** Whether nothing ran before. */
export function isLaunch(chronicle: Chronicle): boolean {
  return !chronicle.deployments.some(({ id }) => roleOf(chronicle, { from: 0 }, id).words === 'ran before');
}

/** What a rollout does, in a word, and how much of its bake is left. */
export function progressOf(
  { chronicle, bake }: Pick<RolloutDocument, 'chronicle' | 'bake'>,
  now: number,
): { word: string; bakeLeft?: number } {
  const state = stateNow(chronicle);
  if (state === 'Bake' && bake?.startedAt !== undefined) {
    const left = (Date.parse(bake.startedAt) - now) / 1000 + bake.seconds;
    return { word: 'Baking', bakeLeft: Math.max(0, left) };
  }
  if (/Roll[Bb]ack$/.test(state ?? '')) return { word: 'Rolling back' };
  if (state === 'AwaitSteadyState') return { word: 'Rolling' };
  if (/^(AwaitTurn|LetFinish)/.test(state ?? '')) return { word: 'Waiting' };
  return { word: state === 'Conclude' ? 'Concluding' : 'Preparing' };
}
