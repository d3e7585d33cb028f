import type { RegisterTaskDefinitionRequest, Tag } from '@aws-sdk/client-ecs';
import { Fault, type Caller } from '../service.ts';
import { lastSegment } from './arns.ts';
import { nowIn, type TaskDefinitionRecord, type World } from './model.ts';
import { answeredTaskDefinition, withoutNulls } from './task-definition-answer.ts';
import { checkTaskDefinition } from './task-definition-rules.ts';
import { partitionOf } from '../partition.ts';

/** Makes the family's next revision; its number is one more than the last, whatever became of that one. */
export function registerTaskDefinition(
  world: World,
  given: RegisterTaskDefinitionRequest,
  registeredBy: string,
): TaskDefinitionRecord {
  if (world.state.refusedRegistrations > 0) {
    world.state.refusedRegistrations -= 1;
    throw new Fault(
      'ClientException',
      'Too many concurrent attempts to create a new revision of the specified family.',
    );
  }
  const input = withoutNulls(given);
  checkTaskDefinition(input);
  const family = input.family!;
  const revisions = world.state.families.get(family) ?? [];
  world.state.families.set(family, revisions);
  const revision = revisions.length + 1;
  const arn = world.arns.taskDefinition(family, revision);
  const added = { taskDefinitionArn: arn, revision, registeredAt: nowIn(world), registeredBy };
  const definition = answeredTaskDefinition(input, added);
  const record: TaskDefinitionRecord = {
    arn,
    family,
    revision,
    definition,
    tags: (input.tags ?? []).map((tag) => ({ ...tag })),
  };
  revisions.push(record);
  return record;
}

/** Finds `family` (its newest ACTIVE revision), `family:revision` or an ARN of either form; undefined when there is none. */
export function findTaskDefinition(world: World, name: string): TaskDefinitionRecord | undefined {
  const [family = '', revision] = lastSegment(name).split(':');
  const revisions = world.state.families.get(family) ?? [];
  const found = revision === undefined ? revisions.findLast(isActive) : revisions[Number(revision) - 1];
  const isForeign = name.startsWith('arn:') && found !== undefined && !found.arn.startsWith(name.split('/')[0]!);
  return isForeign ? undefined : found;
}

/** The task definition to run in a service; refused when it is missing, INACTIVE or not fit for Fargate. */
export function runnableTaskDefinition(world: World, name: string): TaskDefinitionRecord {
  const record = findTaskDefinition(world, name);
  if (!record) throw new Fault('ClientException', 'TaskDefinition not found.');
  // AWS enforces this within ten minutes of the deregistration; here at once.
  if (!isActive(record)) throw new Fault('ClientException', 'TaskDefinition is inactive.');
  if (!record.definition.compatibilities?.includes('FARGATE')) {
    throw new Fault('InvalidParameterException', 'Task definition does not support launch_type FARGATE.');
  }
  return record;
}

export function deregister(world: World, record: TaskDefinitionRecord): void {
  if (!isActive(record)) return;
  record.definition = Object.freeze({
    ...record.definition,
    status: 'INACTIVE' as const,
    deregisteredAt: nowIn(world),
  });
}

const isActive = (record: TaskDefinitionRecord): boolean => record.definition.status === 'ACTIVE';

/** `arn:aws:iam::…` of whoever calls, as `registeredBy` and `createdBy` show it. */
export function principalOf(world: World, caller: Caller): string {
  switch (caller.kind) {
    case 'role':
      return `arn:${partitionOf(world.region)}:sts::${world.account}:assumed-role/${lastSegment(caller.roleArn)}/${caller.sessionName}`;
    case 'service':
      return caller.principal;
    case 'operator':
      return `arn:${partitionOf(world.region)}:iam::${world.account}:user/operator`;
  }
}

/** A copy, so that no caller can change what is stored. */
export const copyOfTags = (tags: readonly Tag[]): Tag[] => tags.map((tag) => ({ ...tag }));
