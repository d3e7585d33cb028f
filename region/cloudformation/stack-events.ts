import { neverChanges } from '../deep-copy.ts';
import type { ResourceProperties } from '../service.ts';
import type { ResourceStatus, StackEvent, StackRecord, StackStatus } from './model.ts';
import { hashedUuid } from './stack-id.ts';

/** Of each stack; AWS keeps them for 90 days. */
const EVENTS_KEPT = 1_000;
const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Lets a stack take a status, and tells it. */
export function enterStatus(stack: StackRecord, at: number, status: StackStatus, reason?: string): void {
  stack.status = status;
  stack.reason = reason;
  const id = hashedUuid(`${stack.id} ${stack.eventsTold}`);
  const properties = undefined;
  tell(stack, { id, logicalId: stack.name, physicalId: stack.id, type: STACK_TYPE, status, reason, at, properties });
}

/** What is told of a resource. */
export interface Told {
  readonly logicalId: string;
  readonly type: string;
  /** Empty while nobody knows it. */
  readonly ref?: string;
  readonly properties?: ResourceProperties;
}

/** Tells where a resource stands. */
export function tellResource(
  stack: StackRecord,
  at: number,
  { logicalId, type, ref, properties }: Told,
  status: ResourceStatus,
  reason?: string,
): void {
  const physicalId = ref === '' ? undefined : ref;
  const progress = { logicalId, physicalId, type, status, reason, at };
  stack.progress.set(logicalId, neverChanges(progress));
  const id = `${logicalId}-${status}-${new Date(at).toISOString()}`;
  tell(stack, { ...progress, id, properties: properties && JSON.stringify(properties) });
}

function tell(stack: StackRecord, event: StackEvent): void {
  stack.eventsTold++;
  stack.events.push(neverChanges(event));
  if (stack.events.length > EVENTS_KEPT) stack.events.splice(0, stack.events.length - EVENTS_KEPT);
}
