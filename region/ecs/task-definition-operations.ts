import type {
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
} from '@aws-sdk/client-ecs';
import { Fault, NotModelled, operation, type Operation, type PermissionRequest } from '../service.ts';
import type { TaskDefinitionRecord, World } from './model.ts';
import { pageOf } from './paging.ts';
import { copyOfTags, deregister, findTaskDefinition, principalOf, registerTaskDefinition } from './task-definitions.ts';

export function taskDefinitionOperations(world: World): Record<string, Operation> {
  const onAnything = (action: string) => (): readonly PermissionRequest[] => [{ action, resource: '*' }];
  return {
    RegisterTaskDefinition: operation<RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse>({
      permissions: (input) => registerPermissions(world, input),
      apply: (input, caller) => {
        const record = registerTaskDefinition(world, input, principalOf(world, caller));
        return { taskDefinition: record.definition, tags: copyOfTags(record.tags) };
      },
    }),
    DescribeTaskDefinition: operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse>({
      permissions: onAnything('ecs:DescribeTaskDefinition'),
      apply: (input) => {
        const record = found(findTaskDefinition(world, input.taskDefinition ?? ''));
        // Recorded answers carry an empty list when the tags were not asked for.
        return {
          taskDefinition: record.definition,
          tags: input.include?.includes('TAGS') ? copyOfTags(record.tags) : [],
        };
      },
    }),
    ListTaskDefinitions: operation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse>({
      permissions: onAnything('ecs:ListTaskDefinitions'),
      apply: (input) => listTaskDefinitions(world, input),
    }),
    ListTaskDefinitionFamilies: operation<ListTaskDefinitionFamiliesRequest, ListTaskDefinitionFamiliesResponse>({
      permissions: onAnything('ecs:ListTaskDefinitionFamilies'),
      apply: (input) => listFamilies(world, input),
    }),
    DeregisterTaskDefinition: operation<DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse>({
      permissions: onAnything('ecs:DeregisterTaskDefinition'),
      apply: (input) => {
        if (!/:\d+$/.test(input.taskDefinition ?? '')) throw new Fault('ClientException', 'Invalid revision number.');
        const record = found(
          findTaskDefinition(world, input.taskDefinition!),
          'The specified task definition does not exist.',
        );
        deregister(world, record);
        return { taskDefinition: record.definition };
      },
    }),
  };
}

/** Registering needs TagResource when tags are sent, and PassRole for both roles (AWS's own operation-to-permission map). */
function registerPermissions(world: World, input: RegisterTaskDefinitionRequest): readonly PermissionRequest[] {
  const resource = world.arns.taskDefinition(input.family ?? '', '*');
  const tagKeys = (input.tags ?? []).map(({ key }) => key ?? '');
  const tagContext = { 'ecs:CreateAction': 'RegisterTaskDefinition', 'aws:TagKeys': tagKeys };
  const tagging = tagKeys.length > 0 ? [{ action: 'ecs:TagResource', resource, context: tagContext }] : [];
  return [
    { action: 'ecs:RegisterTaskDefinition', resource },
    ...tagging,
    ...passRole([input.taskRoleArn, input.executionRoleArn]),
  ];
}

/** What IAM is asked before ECS may hand these roles to tasks; a role is asked for once. */
export function passRole(roleArns: readonly (string | undefined)[]): readonly PermissionRequest[] {
  const distinct = new Set(roleArns.filter((arn) => arn !== undefined && arn !== ''));
  return [...distinct].map((arn) => ({
    action: 'iam:PassRole',
    resource: arn!,
    context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  }));
}

function found(
  record: TaskDefinitionRecord | undefined,
  message = 'Unable to describe task definition.',
): TaskDefinitionRecord {
  if (!record) throw new Fault('ClientException', message);
  return record;
}

/** `familyPrefix` is the whole family name, whatever its own name says (API reference). Sorted by family, then revision. */
function listTaskDefinitions(world: World, input: ListTaskDefinitionsRequest): ListTaskDefinitionsResponse {
  const status = input.status ?? 'ACTIVE';
  if (status === 'DELETE_IN_PROGRESS') throw new NotModelled('ListTaskDefinitions with status DELETE_IN_PROGRESS');
  const families = input.familyPrefix === undefined ? [...world.state.families.keys()].sort() : [input.familyPrefix];
  const records = families
    .flatMap((family) => world.state.families.get(family) ?? [])
    .filter(({ definition }) => definition.status === status);
  if (input.sort === 'DESC') records.reverse();
  const page = pageOf(records, ({ arn }) => arn, input, { most: 100, usual: 100 });
  return { taskDefinitionArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
}

/** Of every status unless asked; a family is ACTIVE while one of its revisions is. A prefix is one here (API reference). */
function listFamilies(world: World, input: ListTaskDefinitionFamiliesRequest): ListTaskDefinitionFamiliesResponse {
  const { familyPrefix = '', status = 'ALL' } = input;
  const families = [...world.state.families].flatMap(([family, revisions]) => {
    const isActive = revisions.some(({ definition }) => definition.status === 'ACTIVE');
    return family.startsWith(familyPrefix) && (status === 'ALL' || (status === 'ACTIVE') === isActive) ? [family] : [];
  });
  const page = pageOf(families.sort(), (family) => family, input, { most: 100, usual: 100 });
  return { families: page.items, nextToken: page.nextToken };
}
