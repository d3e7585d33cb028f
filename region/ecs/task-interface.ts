import type { NetworkInterface } from '../service.ts';
import type { TaskRecord, World } from './model.ts';

/** Whether the task has a network interface: from its first connection until it is stopped. */
export function isAttached({ connectivityAt, lastStatus }: TaskRecord): boolean {
  return connectivityAt !== undefined && lastStatus !== 'STOPPED';
}

/** The network interface of a task that is attached, as EC2 knows it. */
export function interfaceOf({ arns }: World, task: TaskRecord): NetworkInterface {
  const { id, mac, ip, attachmentId } = task.networkInterface;
  const { assignPublicIp, securityGroups = [] } = task.deployment.networkConfiguration.awsvpcConfiguration ?? {};
  return {
    id,
    mac,
    privateIp: ip,
    isPublic: assignPublicIp === 'ENABLED',
    subnetId: task.subnetId,
    availabilityZone: task.availabilityZone,
    securityGroupIds: securityGroups,
    description: arns.attachment(attachmentId),
  };
}
