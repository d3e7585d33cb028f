import type { Attachment, Container, HealthStatus, Task, TaskStopCode } from '@aws-sdk/client-ecs';
import { actingDisturbance, shownWord } from './disturbances.ts';
import { nowIn, type ContainerRecord, type ServiceRecord, type TaskRecord, type World } from './model.ts';

const PLATFORM_VERSION = '1.4.0';
const DEFAULT_STORAGE_GIB = 20;

/** Raises the task's version and puts an "ECS Task State Change" event on the bus. */
export function emitTaskChange(world: World, task: TaskRecord): void {
  task.version += 1;
  task.updatedAt = nowIn(world);
  world.emit({
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    resources: [task.arn],
    time: task.updatedAt,
    detail: taskEventDetail(world, task),
  });
  world.tell(task);
}

/** A task as DescribeTasks answers it. */
export function taskView(world: World, task: TaskRecord): Task {
  const containers = task.containers.map((container) => containerView(world, task, container, container.healthStatus));
  return {
    ...taskMembers(world, task, 'ElasticNetworkInterface', containers, (date) => date),
    healthStatus: shownWord(world, task.service, 'healthStatus', task.healthStatus),
    overrides: { containerOverrides: overridesOf(task), inferenceAcceleratorOverrides: [] },
    platformFamily: 'Linux',
    tags: [],
  };
}

/** The event's detail: timestamps are ISO strings, `updatedAt` is there and `healthStatus` is not. */
function taskEventDetail(world: World, task: TaskRecord): Record<string, unknown> {
  const containers = task.containers.map((container) => containerView(world, task, container));
  const detail: Record<string, unknown> = taskMembers(world, task, 'eni', containers, (date) => date.toISOString());
  detail['updatedAt'] = task.updatedAt.toISOString();
  return detail;
}

/** What answers and events share; members without a value are left out, as AWS does. */
function taskMembers<Stamp>(
  world: World,
  task: TaskRecord,
  attachment: AttachmentType,
  containers: Container[],
  stamp: (date: Date) => Stamp,
) {
  const { service, deployment } = task;
  const { definition } = deployment.taskDefinition;
  const isTornDown = task.lastStatus === 'DEPROVISIONING' || task.lastStatus === 'STOPPED';
  const members = present({
    attachments: [attachmentView(task, attachment)],
    attributes: [{ name: 'ecs.cpu-architecture', value: architectureOf(task) }],
    availabilityZone: task.availabilityZone,
    capacityProviderName: service.capacityProviderStrategy?.[0]?.capacityProvider,
    clusterArn: service.cluster.arn,
    connectivity: task.connectivityAt && ('CONNECTED' as const),
    containers,
    cpu: definition.cpu,
    desiredStatus: shownWord(world, service, 'desiredStatus', task.desiredStatus),
    enableExecuteCommand: false,
    ephemeralStorage: { sizeInGiB: definition.ephemeralStorage?.sizeInGiB ?? DEFAULT_STORAGE_GIB },
    group: `service:${service.name}`,
    lastStatus: shownWord(world, service, 'lastStatus', task.lastStatus),
    launchType: 'FARGATE' as const,
    memory: definition.memory,
    overrides: { containerOverrides: overridesOf(task) },
    platformVersion: PLATFORM_VERSION,
    startedBy: deployment.id,
    stopCode: shownWord(world, service, 'stopCode', isTornDown ? task.stop?.code : noticeOf(task)),
    stoppedReason: task.stop?.reason,
    taskArn: task.arn,
    taskDefinitionArn: deployment.taskDefinition.arn,
    version: task.version,
  });
  return Object.assign(members, present(timesOf(task, stamp)));
}

/**
 * The reason of a stop shows as soon as it is decided, the code only once the task is torn down (recorded StopTask answer). A
 * Spot interruption is announced by a code of its own (developer guide, "Fargate Spot termination notices").
 */
function noticeOf({ stop }: TaskRecord): TaskStopCode | undefined {
  return stop?.code === 'SpotInterruption' ? 'TerminationNotice' : undefined;
}

function timesOf<Stamp>(task: TaskRecord, stamp: (date: Date) => Stamp) {
  const stamped = (date: Date | undefined): Stamp | undefined => date && stamp(date);
  return {
    createdAt: stamp(task.createdAt),
    connectivityAt: stamped(task.connectivityAt),
    pullStartedAt: stamped(task.pullStartedAt),
    pullStoppedAt: stamped(task.pullStoppedAt),
    startedAt: stamped(task.startedAt),
    stoppingAt: stamped(task.stoppingAt),
    executionStoppedAt: stamped(task.executionStoppedAt),
    stoppedAt: stamped(task.stoppedAt),
  };
}

const architectureOf = (task: TaskRecord): string =>
  task.deployment.taskDefinition.definition.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64';

/** Only answers carry a container's health and network bindings. */
function containerView(
  world: World,
  task: TaskRecord,
  container: ContainerRecord,
  healthStatus?: HealthStatus,
): Container {
  const { definition } = container;
  const { service } = task;
  const isAttached = task.connectivityAt !== undefined;
  const { attachmentId, ip } = task.networkInterface;
  return present({
    containerArn: container.arn,
    taskArn: task.arn,
    name: definition.name,
    image: definition.image,
    imageDigest: shownDigest(world, service, container),
    runtimeId: container.imageDigest === undefined ? undefined : container.runtimeId,
    lastStatus: shownWord(world, service, 'lastStatus', container.lastStatus),
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: healthStatus && [],
    networkInterfaces: isAttached ? [{ attachmentId, privateIpv4Address: ip }] : [],
    healthStatus: shownWord(world, service, 'healthStatus', healthStatus),
    cpu: String(definition.cpu ?? 0),
    memory: textOf(definition.memory),
    memoryReservation: textOf(definition.memoryReservation),
  });
}

const textOf = (number: number | undefined): string | undefined => (number === undefined ? undefined : String(number));

type AttachmentType = 'eni' | 'ElasticNetworkInterface';

function attachmentView(task: TaskRecord, type: AttachmentType): Attachment {
  const { attachmentId, id, mac, ip } = task.networkInterface;
  const subnet = task.subnetId === undefined ? [] : [{ name: 'subnetId', value: task.subnetId }];
  if (task.connectivityAt === undefined) return { id: attachmentId, type, status: 'PRECREATED', details: subnet };
  const details = [
    ...subnet,
    { name: 'networkInterfaceId', value: id },
    { name: 'macAddress', value: mac },
    { name: 'privateDnsName', value: `ip-${ip.replaceAll('.', '-')}.ec2.internal` },
    { name: 'privateIPv4Address', value: ip },
  ];
  return { id: attachmentId, type, status: task.lastStatus === 'STOPPED' ? 'DELETED' : 'ATTACHED', details };
}

function overridesOf(task: TaskRecord): { name: string | undefined }[] {
  return task.containers.map(({ definition }) => ({ name: definition.name }));
}

/** A copy without the members that have no value: AWS leaves them out. (Deleting them instead makes objects slow.) */
function present<Value extends object>(value: Value): Value {
  const kept: Partial<Value> = {};
  for (const key in value) if (value[key] !== undefined) kept[key] = value[key];
  return kept as Value;
}

function shownDigest(world: World, service: ServiceRecord, { imageDigest }: ContainerRecord): string | undefined {
  const isHidden = imageDigest !== undefined && actingDisturbance(world, 'hidden-digests', service) !== undefined;
  return isHidden ? undefined : imageDigest;
}
