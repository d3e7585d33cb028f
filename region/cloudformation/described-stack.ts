import type {
  Parameter,
  Stack,
  StackEvent as ApiEvent,
  StackResource,
  StackResourceSummary,
  StackSummary,
} from '@aws-sdk/client-cloudformation';
import type { ResourceProgress, StackEvent, StackRecord } from './model.ts';

const NOT_CHECKED = { StackDriftStatus: 'NOT_CHECKED' } as const;

/** A stack as DescribeStacks answers it. */
export function describedStack(stack: StackRecord): Stack {
  const { template, tags } = stack;
  return {
    ...timesAndStatus(stack),
    ...(template.Description !== undefined && { Description: template.Description }),
    Parameters: parametersOf(stack),
    RollbackConfiguration: {},
    DisableRollback: false,
    NotificationARNs: [],
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    Outputs: outputsOf(stack),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    EnableTerminationProtection: false,
    DriftInformation: NOT_CHECKED,
  };
}

/** A stack as ListStacks answers it. */
export function summary(stack: StackRecord): StackSummary {
  const { Description } = stack.template;
  return {
    ...timesAndStatus(stack),
    ...(Description !== undefined && { TemplateDescription: Description }),
    DriftInformation: NOT_CHECKED,
  };
}

function timesAndStatus(stack: StackRecord): Pick<Stack, 'StackName' | 'StackId' | 'CreationTime' | 'StackStatus'> {
  const { updatedAt, deletedAt, reason } = stack;
  return {
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: new Date(stack.createdAt),
    ...(updatedAt !== undefined && { LastUpdatedTime: new Date(updatedAt) }),
    ...(deletedAt !== undefined && { DeletionTime: new Date(deletedAt) }),
    StackStatus: stack.status,
    ...(reason !== undefined && { StackStatusReason: reason }),
  };
}

/** Secret ones are never told. */
function parametersOf({ template, parameters }: StackRecord): Parameter[] {
  return [...parameters].map(([ParameterKey, { value, resolved }]) => {
    if (String(template.Parameters?.[ParameterKey]?.NoEcho) === 'true') return { ParameterKey, ParameterValue: '****' };
    return { ParameterKey, ParameterValue: value, ...(resolved !== undefined && { ResolvedValue: resolved }) };
  });
}

function outputsOf({ template, outputs }: StackRecord): Stack['Outputs'] {
  return Object.entries(outputs).map(([OutputKey, OutputValue]) => {
    const { Description } = template.Outputs?.[OutputKey] ?? {};
    return { OutputKey, OutputValue, ...(Description !== undefined && { Description }) };
  });
}

/** An event as DescribeStackEvents answers it. */
export function describedEvent({ id, name }: StackRecord, event: StackEvent): ApiEvent {
  const { physicalId = '', reason, properties } = event;
  return {
    StackId: id,
    EventId: event.id,
    StackName: name,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: event.type,
    Timestamp: new Date(event.at),
    ResourceStatus: event.status as NonNullable<ApiEvent['ResourceStatus']>,
    ...(reason !== undefined && { ResourceStatusReason: reason }),
    ...(properties !== undefined && { ResourceProperties: properties }),
  };
}

/** A resource as DescribeStackResources answers it. */
export function describedResource({ id, name }: StackRecord, resource: ResourceProgress): StackResource {
  return { StackName: name, StackId: id, ...standing(resource), Timestamp: new Date(resource.at) };
}

/** A resource as ListStackResources answers it. */
export function resourceSummary(resource: ResourceProgress): StackResourceSummary {
  return { ...standing(resource), LastUpdatedTimestamp: new Date(resource.at) };
}

function standing(resource: ResourceProgress): Omit<StackResourceSummary, 'LastUpdatedTimestamp'> {
  const { physicalId, reason } = resource;
  return {
    LogicalResourceId: resource.logicalId,
    ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
    ResourceType: resource.type,
    ResourceStatus: resource.status,
    ...(reason !== undefined && { ResourceStatusReason: reason }),
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  };
}
