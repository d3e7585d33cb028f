import { partitionOf } from '../partition.ts';
/** Builds the ARNs of one account and region, in the long format. */
export interface Arns {
  cluster(name: string): string;
  service(cluster: string, name: string): string;
  task(cluster: string, id: string): string;
  container(cluster: string, taskId: string, id: string): string;
  attachment(id: string): string;
  taskDefinition(family: string, revision: number | '*'): string;
  serviceDeployment(cluster: string, service: string, id: string): string;
  serviceRevision(cluster: string, service: string, id: string): string;
}

export function arnsOf(account: string, region: string): Arns {
  const prefix = `arn:${partitionOf(region)}:ecs:${region}:${account}`;
  return {
    cluster: (name) => `${prefix}:cluster/${name}`,
    service: (cluster, name) => `${prefix}:service/${cluster}/${name}`,
    task: (cluster, id) => `${prefix}:task/${cluster}/${id}`,
    container: (cluster, taskId, id) => `${prefix}:container/${cluster}/${taskId}/${id}`,
    attachment: (id) => `${prefix}:attachment/${id}`,
    taskDefinition: (family, revision) => `${prefix}:task-definition/${family}:${revision}`,
    serviceDeployment: (cluster, service, id) => `${prefix}:service-deployment/${cluster}/${service}/${id}`,
    serviceRevision: (cluster, service, id) => `${prefix}:service-revision/${cluster}/${service}/${id}`,
  };
}

/** `prod` of `arn:aws:ecs:…:cluster/prod`, and of `prod`. */
export function lastSegment(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

/** `…:service/prod/api` of `…:service-deployment/prod/api/x` and of `…:service-revision/prod/api/1`. */
export function serviceArnOf(arn: string): string {
  const [head = '', cluster = '', service = ''] = arn.split('/');
  return `${head.replace(/service-(deployment|revision)$/, 'service')}/${cluster}/${service}`;
}

/** Name of the cluster within an ARN of something that lives in one; undefined for a bare name. */
export function clusterNameIn(arn: string): string | undefined {
  const segments = arn.split('/');
  return arn.startsWith('arn:') && segments.length > 2 ? segments[1] : undefined;
}
