import type {
  DeleteStackInput,
  DescribeStackEventsInput,
  DescribeStackEventsOutput,
  DescribeStackResourcesInput,
  DescribeStackResourcesOutput,
  DescribeStacksInput,
  DescribeStacksOutput,
  GetTemplateInput,
  GetTemplateOutput,
  ListStackResourcesInput,
  ListStackResourcesOutput,
  ListStacksInput,
  ListStacksOutput,
  StackStatus as ApiStackStatus,
} from '@aws-sdk/client-cloudformation';
import { Fault, NotModelled, operation, type Caller, type Operation, type PermissionRequest } from '../service.ts';
import { beginDeletion, DELETED_STACK_MS, finishDeletion } from './delete-stack.ts';
import { describedEvent, describedResource, describedStack, resourceSummary, summary } from './described-stack.ts';
import type { CloudFormation, StackRecord } from './model.ts';
import { stackArnPrefix } from './stack-id.ts';
import { inActs } from './waiting.ts';

/** AWS fills pages up to one megabyte, and says no number. */
const PAGE = 100;
/** API reference, DescribeStackResources: "only the first 100 resources". */
const RESOURCES_MAX = 100;

/** What people and tools ask about stacks, and their deletion. Stacks are deployed in process, by `deployStack`. */
export function stackOperations(of: CloudFormation): Readonly<Record<string, Operation>> {
  const asks = (action: string, name: string | undefined): PermissionRequest[] => [
    { action: `cloudformation:${action}`, resource: arnOf(of, name) },
  ];
  return {
    DescribeStacks: operation<DescribeStacksInput, DescribeStacksOutput>({
      permissions: ({ StackName }) => asks('DescribeStacks', StackName),
      apply: ({ StackName, NextToken }) => {
        const found =
          StackName === undefined ? newestFirst([...of.state.stacks.values()]) : [stackNamed(of, StackName)];
        const { items, next } = pageOf(found, NextToken);
        return { Stacks: items.map(describedStack), ...next };
      },
    }),
    DescribeStackEvents: operation<DescribeStackEventsInput, DescribeStackEventsOutput>({
      permissions: ({ StackName }) => asks('DescribeStackEvents', StackName),
      apply: ({ StackName, NextToken }) => {
        const stack = stackNamed(of, StackName);
        const { items, next } = pageOf([...stack.events].reverse(), NextToken);
        return { StackEvents: items.map((event) => describedEvent(stack, event)), ...next };
      },
    }),
    DescribeStackResources: operation<DescribeStackResourcesInput, DescribeStackResourcesOutput>({
      permissions: ({ StackName }) => asks('DescribeStackResources', StackName),
      apply: (input) => describeResources(of, input),
    }),
    ListStackResources: operation<ListStackResourcesInput, ListStackResourcesOutput>({
      permissions: ({ StackName }) => asks('ListStackResources', StackName),
      apply: ({ StackName, NextToken }) => {
        const { items, next } = pageOf([...stackNamed(of, StackName).progress.values()], NextToken);
        return { StackResourceSummaries: items.map(resourceSummary), ...next };
      },
    }),
    ListStacks: operation<ListStacksInput, ListStacksOutput>({
      permissions: () => [{ action: 'cloudformation:ListStacks', resource: '*' }],
      apply: (input) => listStacks(of, input),
    }),
    GetTemplate: operation<GetTemplateInput, GetTemplateOutput>({
      permissions: ({ StackName }) => asks('GetTemplate', StackName),
      apply: (input) => getTemplate(of, input),
    }),
    DeleteStack: operation<DeleteStackInput, object>({
      permissions: ({ StackName, RoleARN }) => [
        {
          ...asks('DeleteStack', StackName)[0]!,
          ...(RoleARN !== undefined && { context: { 'cloudformation:RoleArn': RoleARN } }),
        },
      ],
      apply: (input, caller) => deleteStack(of, input, caller),
    }),
  };
}

/** By name, or by id: a deleted stack goes by its id alone. */
function findStack({ state }: CloudFormation, nameOrId: string): StackRecord | undefined {
  const all = [...state.stacks.values(), ...state.deletedStacks];
  return state.stacks.get(nameOrId) ?? all.find(({ id }) => id === nameOrId);
}

function stackNamed(of: CloudFormation, nameOrId: string | undefined): StackRecord {
  if (nameOrId === undefined) throw new Fault('ValidationError', 'Stack name must be specified');
  const stack = findStack(of, nameOrId);
  if (!stack) throw new Fault('ValidationError', `Stack with id ${nameOrId} does not exist`);
  return stack;
}

/** What IAM is asked about: a name that no stack has stands for any id. */
function arnOf(of: CloudFormation, nameOrId: string | undefined): string {
  if (nameOrId === undefined) return '*';
  if (nameOrId.startsWith('arn:')) return nameOrId;
  return findStack(of, nameOrId)?.id ?? `${stackArnPrefix(of, nameOrId)}*`;
}

function newestFirst(stacks: readonly StackRecord[]): StackRecord[] {
  return stacks
    .map((stack, index) => ({ stack, index }))
    .sort((a, b) => b.stack.createdAt - a.stack.createdAt || b.index - a.index)
    .map(({ stack }) => stack);
}

function describeResources(of: CloudFormation, input: DescribeStackResourcesInput): DescribeStackResourcesOutput {
  const { StackName, LogicalResourceId, PhysicalResourceId } = input;
  if ((StackName === undefined) === (PhysicalResourceId === undefined))
    throw new Fault('ValidationError', 'Either a stack name or a physical resource id must be specified, and not both');
  const stack = StackName === undefined ? stackWith(of, PhysicalResourceId!) : stackNamed(of, StackName);
  const all = [...stack.progress.values()];
  const named = all.filter(({ logicalId }) => (LogicalResourceId ?? logicalId) === logicalId);
  if (LogicalResourceId !== undefined && named.length === 0)
    throw new Fault('ValidationError', `Resource ${LogicalResourceId} does not exist for stack ${stack.name}`);
  return { StackResources: named.slice(0, RESOURCES_MAX).map((progress) => describedResource(stack, progress)) };
}

function stackWith({ state }: CloudFormation, physicalId: string): StackRecord {
  const owner = [...state.stacks.values()].find(({ progress }) =>
    [...progress.values()].some((resource) => resource.physicalId === physicalId),
  );
  if (!owner) throw new Fault('ValidationError', `Stack for ${physicalId} does not exist`);
  return owner;
}

function listStacks({ kernel, state }: CloudFormation, input: ListStacksInput): ListStacksOutput {
  const deleted = state.deletedStacks.filter(({ deletedAt }) => kernel.now - deletedAt! < DELETED_STACK_MS);
  const wanted = newestFirst([...deleted, ...state.stacks.values()]).filter(
    ({ status }) => input.StackStatusFilter?.includes(status as ApiStackStatus) ?? true,
  );
  const { items, next } = pageOf(wanted, input.NextToken);
  return { StackSummaries: items.map(summary), ...next };
}

function getTemplate(
  of: CloudFormation,
  { StackName, TemplateStage, ChangeSetName }: GetTemplateInput,
): GetTemplateOutput {
  if (ChangeSetName !== undefined) throw new NotModelled('GetTemplate of a change set');
  if (TemplateStage === 'Processed') throw new NotModelled('The processed stage of a template');
  const { template } = stackNamed(of, StackName);
  return { TemplateBody: JSON.stringify(template, null, 1), StagesAvailable: ['Original', 'Processed'] };
}

/** Answers at once; a stack that is not there is as good as deleted (API reference, DeleteStack). */
function deleteStack(of: CloudFormation, input: DeleteStackInput, caller: Caller): object {
  const { StackName = '', RetainResources: retained = [], RoleARN, DeletionMode = 'STANDARD' } = input;
  if (RoleARN !== undefined) throw new NotModelled('DeleteStack with a RoleARN');
  if (DeletionMode !== 'STANDARD') throw new NotModelled(`DeleteStack with the deletion mode ${DeletionMode}`);
  const stack = of.state.stacks.get(StackName) ?? [...of.state.stacks.values()].find(({ id }) => id === StackName);
  if (!stack || stack.status === 'DELETE_IN_PROGRESS') return {};
  // CloudFormation would delete with the permissions of whoever calls.
  if (caller.kind !== 'operator') throw new NotModelled('DeleteStack by anybody but the operator');
  const target = of.target();
  beginDeletion(target, stack, retained);
  inActs(of.kernel, `cloudformation deletes ${stack.name}`, async (until) => {
    await finishDeletion({ ...target, until }, of.state, stack, retained);
  });
  return {};
}

function pageOf<Item>(
  items: readonly Item[],
  token: string | undefined,
): { readonly items: readonly Item[]; readonly next: { readonly NextToken?: string } } {
  const from = Number(token ?? 0);
  if (!Number.isInteger(from) || from < 0 || from > items.length)
    throw new Fault('ValidationError', `The NextToken ${token} is not one that was answered`);
  const end = from + PAGE;
  return { items: items.slice(from, end), next: end < items.length ? { NextToken: String(end) } : {} };
}
