import { NotModelled } from '../service.ts';
import type { Disturbance, WordMember } from './disturbance-kinds.ts';
import type { EcsState, ServiceRecord, TaskRecord, World } from './model.ts';

type OfKind<Kind extends Disturbance['kind']> = Extract<Disturbance, { kind: Kind }>;

/** Lets it happen from now on, until the answer is called. */
export function beginDisturbance(state: EcsState, disturbance: Disturbance): () => void {
  if (disturbance.kind === 'other-image' && !(disturbance.tasks > 0))
    throw new NotModelled(`The disturbance other-image of ${disturbance.tasks} tasks`);
  const entry = { ...disturbance };
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

/** The image that a container pulls in place of its own; undefined for its own. */
export function otherImage(world: World, { service }: TaskRecord, container: string | undefined): string | undefined {
  const entry = disturbanceOf(world, 'other-image', service);
  if (!entry || entry.tasks <= 0 || (entry.container !== undefined && entry.container !== container)) return undefined;
  return entry.image;
}

/** A task has pulled: one less is to run another image. */
export function countPull(world: World, { service }: TaskRecord): void {
  const entry = disturbanceOf(world, 'other-image', service);
  if (entry && entry.tasks > 0) entry.tasks -= 1;
}

/** The word that is shown in place of this one. */
export function shownWord<Word extends string | undefined>(
  world: World,
  service: ServiceRecord,
  member: WordMember,
  word: Word,
): Word {
  if (word === undefined || world.state.disturbances.length === 0) return word;
  const other = disturbanceOf(world, 'unknown-words', service)?.words[member]?.[word];
  return other === undefined ? word : (other as Word);
}

/** Zones that take no task. */
export function impairedZones({ state }: World): readonly string[] {
  return state.disturbances.flatMap((entry) => (entry.kind === 'impaired-zone' ? [entry.zone] : []));
}
