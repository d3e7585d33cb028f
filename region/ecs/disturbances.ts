import { NotModelled } from '../service.ts';
import type { BegunDisturbance, Disturbance, WordMember } from './disturbance-kinds.ts';
import type { EcsState, ServiceRecord, TaskRecord, World } from './model.ts';

type OfKind<Kind extends Disturbance['kind']> = Extract<BegunDisturbance, { kind: Kind }>;

/** Lets it happen from now on, until the answer is called. */
export function beginDisturbance(state: EcsState, disturbance: Disturbance): () => void {
  if (disturbance.kind === 'other-image' && !(disturbance.tasks > 0))
    throw new NotModelled(`The disturbance other-image of ${disturbance.tasks} tasks`);
  const entry = { ...disturbance, acted: 0 };
  state.disturbances.push(entry);
  return () => {
    const index = state.disturbances.indexOf(entry);
    if (index >= 0) state.disturbances.splice(index, 1);
  };
}

/** The first one of that kind that is about the service; undefined for none. */
export function disturbanceOf<Kind extends Disturbance['kind']>(
  { state }: World,
  kind: Kind,
  service: ServiceRecord,
): OfKind<Kind> | undefined {
  return state.disturbances.find(
    (entry): entry is OfKind<Kind> =>
      entry.kind === kind && (!('service' in entry) || entry.service === undefined || entry.service === service.name),
  );
}

/** The same, where it makes a difference now: it has then acted. */
export function actingDisturbance<Kind extends Disturbance['kind']>(
  world: World,
  kind: Kind,
  service: ServiceRecord,
): OfKind<Kind> | undefined {
  const entry = disturbanceOf(world, kind, service);
  if (entry) entry.acted++;
  return entry;
}

/** The image that a container pulls in place of its own; undefined for its own. */
export function otherImage(world: World, { service }: TaskRecord, container: string | undefined): string | undefined {
  const entry = disturbanceOf(world, 'other-image', service);
  if (!entry || entry.tasks <= 0 || (entry.container !== undefined && entry.container !== container)) return undefined;
  return entry.image;
}

/** A task has pulled: one less is to run another image. */
export function countPull(world: World, { service }: TaskRecord): void {
  const entry = disturbanceOf(world, 'other-image', service);
  if (!entry || entry.tasks <= 0) return;
  entry.tasks -= 1;
  entry.acted++;
}

/** The word that is shown in place of this one. */
export function shownWord<Word extends string | undefined>(
  world: World,
  service: ServiceRecord,
  member: WordMember,
  word: Word,
): Word {
  if (word === undefined || world.state.disturbances.length === 0) return word;
  const entry = disturbanceOf(world, 'unknown-words', service);
  const other = entry?.words[member]?.[word];
  if (!entry || other === undefined) return word;
  entry.acted++;
  return other as Word;
}

/** Zones that take no task. */
export function impairedZones({ state }: World): readonly string[] {
  return state.disturbances.flatMap((entry) => (entry.kind === 'impaired-zone' ? [entry.zone] : []));
}

/** A task would have gone to that zone, if it took any. */
export function countAvoided({ state }: World, zone: string): void {
  for (const entry of state.disturbances) if (entry.kind === 'impaired-zone' && entry.zone === zone) entry.acted++;
}
