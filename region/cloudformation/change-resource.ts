import { isDeepStrictEqual } from 'node:util';
import type { Kernel } from '../kernel/kernel.ts';
import {
  NotModelled,
  type CreatedResource,
  type ResourceCreator,
  type ResourceDeleter,
  type ResourceProperties,
  type ResourceRemoval,
  type ResourceUpdater,
  type UpdatedResource,
} from '../service.ts';
import type { TemplateResource } from './template.ts';
import { STABILIZATION_MS } from './timing.ts';

/** Lets virtual time pass until `isDone`; rejects when that takes longer than `limitMs`. */
export type Until = (isDone: () => boolean, what: string, limitMs: number) => Promise<void>;

/** What changes of resources need of a region. */
export interface ResourceTarget {
  readonly kernel: Pick<Kernel, 'now'>;
  /** By CloudFormation type. */
  readonly resources: Readonly<Record<string, ResourceCreator>>;
  /** What follows changes of a template, by CloudFormation type. */
  readonly updaters: Readonly<Record<string, ResourceUpdater>>;
  /** What deletes them, by CloudFormation type. */
  readonly deleters: Readonly<Record<string, ResourceDeleter>>;
  readonly until: Until;
}

/** A resource as a template wants it. */
export interface Place {
  readonly target: ResourceTarget;
  readonly logicalId: string;
  readonly resource: TemplateResource;
  readonly stackName: string;
  readonly properties: ResourceProperties;
}

/** Creates the resource, which may take its time to be there. */
export async function create({ target, logicalId, resource, stackName, properties }: Place): Promise<UpdatedResource> {
  const creator = target.resources[modelledType(resource.Type)];
  if (!creator) throw new NotModelled('this resource type');
  return await creator(logicalId, properties, stackName, resource.Type);
}

/**
 * Makes of the resource, which has the properties `before`, the one that the template wants: every property is sent again.
 * Where another value cannot be had in place, another resource is created.
 */
export async function update(
  place: Place,
  current: CreatedResource,
  before: ResourceProperties,
): Promise<UpdatedResource> {
  const { target, logicalId, resource, stackName, properties: after } = place;
  const updater = target.updaters[modelledType(resource.Type)];
  const changed = changedProperties(before, after);
  const { changeable = [], replacing = [] } = updater ?? {};
  const refused = changed.find(
    (name) => changeable !== 'all' && !changeable.includes(name) && !replacing.includes(name),
  );
  if (!updater || refused !== undefined) throw new NotModelled(`a change of its property ${refused ?? changed[0]}`);
  if (isReplacing(place, before)) return await create(place);
  return await updater.update({ logicalId, type: resource.Type, stackName, current, before, after });
}

/** Whether what the template wants takes another resource. */
export function isReplacing({ target, resource, properties }: Place, before: ResourceProperties): boolean {
  const { replacing = [] } = target.updaters[modelledType(resource.Type)] ?? {};
  return changedProperties(before, properties).some((name) => replacing.includes(name));
}

/** Deletes a resource and waits until it is gone; throws what its service refuses. */
export async function deleteResource({ deleters, until }: ResourceTarget, removal: ResourceRemoval): Promise<void> {
  const deleter = deleters[modelledType(removal.type)];
  if (!deleter) throw new NotModelled(`the deletion of ${removal.logicalId} (${removal.type})`);
  const isGone = await deleter(removal);
  if (isGone) await until(isGone, `that ${removal.logicalId} is gone`, STABILIZATION_MS);
}

/** Whether resources of this type can be deleted. */
export function isDeletable({ deleters }: ResourceTarget, type: string): boolean {
  return modelledType(type) in deleters;
}

/** CloudFormation compares resolved properties. */
export function changedProperties(before: ResourceProperties, after: ResourceProperties): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** The resource once it is there; throws when it never will be. */
export async function awaited({ until }: ResourceTarget, made: UpdatedResource): Promise<CreatedResource> {
  if (!made.awaited) return made;
  let there: CreatedResource | undefined;
  let failure: unknown;
  const isDone = (): boolean => {
    try {
      there = made.awaited!();
    } catch (thrown) {
      failure = thrown;
    }
    return there !== undefined || failure !== undefined;
  };
  await until(isDone, 'that it is there', STABILIZATION_MS);
  if (failure !== undefined) throw failure;
  return there!;
}

/** A custom resource goes by any name that it likes. */
const CUSTOM_RESOURCE = 'AWS::CloudFormation::CustomResource';

function modelledType(type: string): string {
  return type.startsWith('Custom::') ? CUSTOM_RESOURCE : type;
}
