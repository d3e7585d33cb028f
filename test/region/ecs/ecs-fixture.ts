import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  ListTasksRequest,
  ListTasksResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  Service,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
  StopTaskRequest,
  StopTaskResponse,
  Task,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import { createEc2 } from '../../../region/ec2/ec2.ts';
import { createEcs, type Ecs, type NewService } from '../../../region/ecs/ecs.ts';
import { createElasticLoadBalancing } from '../../../region/elasticloadbalancing/elasticloadbalancing.ts';
import { Kernel, type KernelOptions, type TraceLine } from '../../../region/kernel/kernel.ts';
import {
  Fault,
  type BusEvent,
  type Caller,
  type PermissionRequest,
  type PullResult,
  type ResourceCreator,
} from '../../../region/service.ts';
import { checkedOutput } from '../../../region/wire/protocol.ts';
import { AS_IS } from '../../../region/wire/schema-walk.ts';
import { operationShape } from '../../../region/wire/sdk-clients.ts';

/** The operations that the tests call, with the types that the SDK gives them. */
interface Calls {
  RegisterTaskDefinition: [RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse];
  DescribeTaskDefinition: [DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse];
  ListTaskDefinitions: [ListTaskDefinitionsRequest, ListTaskDefinitionsResponse];
  DeregisterTaskDefinition: [{ taskDefinition: string }, DescribeTaskDefinitionResponse];
  DescribeServices: [DescribeServicesRequest, DescribeServicesResponse];
  ListServices: [
    { cluster?: string; maxResults?: number; nextToken?: string },
    { serviceArns?: string[]; nextToken?: string },
  ];
  UpdateService: [UpdateServiceRequest, UpdateServiceResponse];
  ListTasks: [ListTasksRequest, ListTasksResponse];
  DescribeTasks: [DescribeTasksRequest, DescribeTasksResponse];
  StopTask: [StopTaskRequest, StopTaskResponse];
  ListServiceDeployments: [ListServiceDeploymentsRequest, ListServiceDeploymentsResponse];
  DescribeServiceDeployments: [DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse];
  DescribeServiceRevisions: [DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse];
  StopServiceDeployment: [StopServiceDeploymentRequest, StopServiceDeploymentResponse];
  DescribeClusters: [
    { clusters?: string[] },
    { clusters?: { clusterName?: string; runningTasksCount?: number }[]; failures?: object[] },
  ];
  ListClusters: [object, { clusterArns?: string[] }];
  TagResource: [{ resourceArn: string; tags: { key: string; value: string }[] }, object];
  UntagResource: [{ resourceArn: string; tagKeys: string[] }, object];
  ListTaskDefinitionFamilies: [ListTaskDefinitionFamiliesRequest, ListTaskDefinitionFamiliesResponse];
  ListTagsForResource: [{ resourceArn: string }, { tags?: object[] }];
}

/** Members of task definitions that no schema knows yet. */
const FUTURE_MEMBERS = new Set(['futureMember', 'futureSwitch']);
const OPERATOR: Caller = { kind: 'operator' };
export const REGISTRY = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** ECS on a bare kernel, with networks and load balancers to refer to, with an image store that tests fill by hand and a list of the events that it sent. */
export class EcsRegion {
  readonly kernel: Kernel;
  readonly ecs: Ecs;
  readonly resources: Readonly<Record<string, ResourceCreator>>;
  readonly events: BusEvent[] = [];
  readonly trace: TraceLine[] = [];
  readonly images = new Map<string, PullResult | (() => PullResult)>();
  readonly pulls: string[] = [];
  /** Actions that no execution role may do. */
  readonly refused = new Set<string>();
  /** What containers wrote, by stream. */
  readonly logs = new Map<string, { at: number; group: string; line: string; lagMs: number }[]>();
  /** Parameters, secrets and log groups that are not there: all others are. */
  readonly missing = new Set<string>();

  constructor(seed = 1, options: KernelOptions = {}) {
    this.kernel = new Kernel({ ...options, seed, onTrace: (line) => this.trace.push(line) });
    const context = { kernel: this.kernel, account: '123456789012', region: 'us-east-1' };
    const ec2 = createEc2({ ...context, isOccupied: () => false, networkInterfaces: () => [] });
    const balancing = createElasticLoadBalancing({ ...context, network: ec2.network });
    this.ecs = createEcs({
      ...context,
      findTargetGroup: balancing.findTargetGroup,
      zoneOfSubnet: (subnetId) => ec2.network.subnet(subnetId)?.availabilityZone,
      authorize: (_role, { action, resource }) => ({
        isAllowed: !this.refused.has(action),
        reason: `not authorized to perform: ${action} on resource: ${resource}`,
      }),
      assumeRole: (roleArn, sessionName) => {
        if (this.refused.has('sts:AssumeRole')) throw new Fault('AccessDenied', 'not authorized');
        return { kind: 'role', roleArn, sessionName };
      },
      hasParameter: (name) => !this.missing.has(name),
      openLogStream: (group, stream) => {
        const isThere = !this.missing.has(group);
        if (isThere && !this.logs.has(stream)) this.logs.set(stream, []);
        return isThere;
      },
      writeLog: (group, stream, line, lagMs) =>
        this.logs.get(stream)!.push({ at: this.kernel.now, group, line, lagMs }),
      findSecret: (arn) => (this.missing.has(arn) ? undefined : `${arn}-a1b2c3`),
      emit: (event) => this.events.push(event),
      pullImage: (image) => {
        this.pulls.push(image);
        const stored = this.images.get(image);
        if (typeof stored === 'function') return stored();
        return stored ?? { kind: 'failed', reason: `CannotPullContainerError: ${image}: not found` };
      },
    });
    this.resources = { ...ec2.resources, ...balancing.resources, ...this.ecs.resources };
    this.ecs.createCluster('prod');
  }

  /** Applies an operation; its answer must be what the SDK's schema says. */
  call<Name extends keyof Calls>(name: Name, input: Calls[Name][0], caller: Caller = OPERATOR): Calls[Name][1] {
    const answer = this.ecs.operations[name]!.apply(input as never, caller);
    checkedOutput(operationShape('ecs', name)!, answer, AS_IS, FUTURE_MEMBERS);
    return answer;
  }

  permissions<Name extends keyof Calls>(name: Name, input: Calls[Name][0]): readonly PermissionRequest[] {
    return this.ecs.operations[name]!.permissions(input as never, OPERATOR);
  }

  /** Stores `repo:tag` and its digest, with what the image does; answers the reference by digest. */
  push(tag: string, letter: string, behaviour: Record<string, string> = {}): string {
    const annotations = Object.fromEntries(
      Object.entries(behaviour).map(([name, value]) => [`rehearsal.${name}`, value]),
    );
    const pulled: PullResult = { kind: 'pulled', imageDigest: digestOf(letter), annotations };
    this.images.set(`${REGISTRY}/api:${tag}`, pulled);
    this.images.set(`${REGISTRY}/api@${digestOf(letter)}`, pulled);
    return `${REGISTRY}/api@${digestOf(letter)}`;
  }

  /** Registers a revision of family `api` that runs `image`; answers its ARN. */
  register(image: string, more: Partial<RegisterTaskDefinitionRequest> = {}, container: object = {}): string {
    const input: RegisterTaskDefinitionRequest = {
      family: 'api',
      cpu: '256',
      memory: '512',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
      containerDefinitions: [{ name: 'app', image, essential: true, ...container }],
      ...more,
    };
    return this.call('RegisterTaskDefinition', input).taskDefinition!.taskDefinitionArn!;
  }

  /** A steady service `api` that runs revision 1 with a healthy image, each of its tasks for long enough to count as healthy. */
  async steadyService(service: Partial<NewService> = {}, container: object = {}): Promise<void> {
    const taskDefinition = this.register(this.push('v1', 'a'), {}, container);
    this.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 2, ...service });
    await this.untilSteady();
    const isHealthy = (): boolean => this.view.deployments[0]!.healthy === this.view.desiredCount;
    await this.until(isHealthy, 'healthy tasks');
  }

  /** Rolls the service to a new revision; answers the new deployment's id. */
  roll(image: string, container: object = {}): string {
    const taskDefinition = this.register(image, {}, container);
    return this.call('UpdateService', { cluster: 'prod', service: 'api', taskDefinition }).service!.deployments![0]!
      .id!;
  }

  get view() {
    return this.ecs.serviceView('prod', 'api');
  }

  get service(): Service {
    return this.call('DescribeServices', { cluster: 'prod', services: ['api'] }).services![0]!;
  }

  /** Service event messages, oldest first, without the service's name and with the tasks' ids cut. */
  get messages(): string[] {
    const short = (text: string): string =>
      text.replace('(service api) ', '').replace(/\(task [0-9a-f]{32}\)/g, '(task)');
    return this.service.events!.map(({ message }) => short(message!)).reverse();
  }

  tasks(desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING'): Task[] {
    const { taskArns } = this.call('ListTasks', { cluster: 'prod', serviceName: 'api', desiredStatus });
    return taskArns!.length === 0 ? [] : this.call('DescribeTasks', { cluster: 'prod', tasks: taskArns! }).tasks!;
  }

  eventsOf(detailType: string): { [member: string]: unknown }[] {
    return this.events.filter((event) => event['detail-type'] === detailType).map(({ detail }) => detail);
  }

  async untilSteady(limitMs = 3_600_000): Promise<void> {
    await this.kernel.runUntil(() => this.view.isSteady, 'steady state', limitMs);
  }

  /** Steady, and the tasks that were replaced are STOPPED. */
  async untilSettled(): Promise<void> {
    await this.untilSteady();
    await this.kernel.runFor(60_000);
  }

  async until(isReached: () => boolean, what: string, limitMs = 7_200_000): Promise<void> {
    await this.kernel.runUntil(isReached, what, limitMs);
  }
}

/** The fault that `act` ends with, as `code: message`. */
export function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('no fault');
}
