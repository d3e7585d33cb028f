import * as z from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, type ResourceCreator, type ResourceDeleter } from '../service.ts';
import type { Scaling } from './model.ts';
import { ADJUSTMENT_MS } from './timing.ts';

const TYPE = 'AWS::ApplicationAutoScaling::ScalableTarget';

const schema = z.strictObject({
  ServiceNamespace: z.literal('ecs'),
  ScalableDimension: z.literal('ecs:service:DesiredCount'),
  ResourceId: z.string(),
  MinCapacity: z.int().min(0),
  MaxCapacity: z.int().min(0),
  // AWS uses its own service-linked role, whatever is given here.
  RoleARN: z.string().optional(),
});

/** Creates a scalable target; `Ref` is `service/<cluster>/<service>|ecs:service:DesiredCount|ecs`. */
export function scalableTargetResource(scaling: Scaling): ResourceCreator {
  const { kernel, state } = scaling;
  return (_logicalId, properties) => {
    const read = readProperties(schema, TYPE, properties);
    const { ResourceId: resourceId, MinCapacity: minCapacity, MaxCapacity: maxCapacity } = read;
    if (minCapacity > maxCapacity) {
      throw new Fault('ValidationException', `MinCapacity ${minCapacity} must not exceed MaxCapacity ${maxCapacity}`);
    }
    const [cluster, service] = serviceIn(resourceId);
    const id = `${resourceId}|${read.ScalableDimension}|${read.ServiceNamespace}`;
    if (state.targets.has(id)) throw new Fault('AlreadyExistsException', `${id} is registered already`);
    refuseMissing(scaling, resourceId, cluster, service);
    state.targets.set(id, { minCapacity, maxCapacity, policyNames: new Set() });
    const label = `application-autoscaling adjusts ${cluster}/${service}`;
    kernel.after(ADJUSTMENT_MS, 'timer', label, () => adjust(scaling, id, cluster, service));
    return { ref: id, attributes: { Id: id } };
  };
}

/** Deregisters a scalable target, and its policies with it (API reference, DeregisterScalableTarget). */
export function scalableTargetDeleter({ state }: Scaling): ResourceDeleter {
  return ({ current }) => void state.targets.delete(current.ref);
}

/**
 * Brings a count that lies outside the bounds within them. AWS promises this for a target that is *changed*, and leaves
 * open whether a new one is adjusted before its first alarm; a service that is to run nothing must not rely on that.
 */
function adjust(scaling: Scaling, id: string, cluster: string, service: string): void {
  const target = scaling.state.targets.get(id);
  if (target === undefined) return;
  const present = scaling.desiredCount(cluster, service);
  const bounded = Math.min(target.maxCapacity, Math.max(target.minCapacity, present));
  if (bounded !== present) setUnlessGone(scaling, cluster, service, bounded);
}

/** A service may be deleted before its target is. */
function setUnlessGone({ setDesiredCount }: Scaling, cluster: string, service: string, count: number): void {
  try {
    setDesiredCount(cluster, service, count);
  } catch (thrown) {
    if (!(thrown instanceof Fault && thrown.code === 'ServiceNotActiveException')) throw thrown;
  }
}

function serviceIn(resourceId: string): [cluster: string, service: string] {
  const [, cluster, service] = /^service\/([^/]+)\/([^/]+)$/.exec(resourceId) ?? [];
  if (cluster !== undefined && service !== undefined) return [cluster, service];
  throw new Fault(
    'ValidationException',
    `Unsupported service namespace, resource type or scalable dimension: ${resourceId}`,
  );
}

function refuseMissing({ desiredCount }: Scaling, resourceId: string, cluster: string, service: string): void {
  try {
    desiredCount(cluster, service);
  } catch {
    throw new Fault('ValidationException', `ECS service doesn't exist: ${resourceId}`);
  }
}
