import type { Duplex } from 'node:stream';
import {
  createApplicationAutoScaling,
  type ApplicationAutoScaling,
} from './applicationautoscaling/applicationautoscaling.ts';
import type { ScalingPorts } from './applicationautoscaling/model.ts';
import { createChatbot, type ChatbotService } from './chatbot/chatbot.ts';
import type { ResourceTarget } from './cloudformation/change-resource.ts';
import { createCloudFormation, type CloudFormationService } from './cloudformation/cloudformation.ts';
import { createCloudWatch, type CloudWatch, type CloudWatchPorts } from './cloudwatch/cloudwatch.ts';
import { createEc2, type Ec2 } from './ec2/ec2.ts';
import type { NetworksPorts } from './ec2/model.ts';
import { createEcr, type EcrService } from './ecr/ecr.ts';
import type { EcrState } from './ecr/model.ts';
import { createEcs, type Ecs } from './ecs/ecs.ts';
import type { EcsPorts, EcsState } from './ecs/model.ts';
import { createElasticLoadBalancing, type ElasticLoadBalancing } from './elasticloadbalancing/elasticloadbalancing.ts';
import { createEvents, type EventsService } from './events/events.ts';
import type { EventsPorts } from './events/model.ts';
import type { DeliveryFaults } from './faults/delivery-faults.ts';
import type { InvocationFaults } from './faults/invocation-faults.ts';
import { createIam, type Iam } from './iam/iam.ts';
import { createLambda, type Lambda, type LambdaPorts } from './lambda/lambda.ts';
import { createLogs, type Logs } from './logs/logs.ts';
import { createSecretsManager, type SecretsManager } from './secretsmanager/secretsmanager.ts';
import {
  Fault,
  type Caller,
  type EmitEvent,
  type NetworkInterface,
  type RegionContext,
  type Service,
} from './service.ts';
import { createSns, type SnsService } from './sns/sns.ts';
import { createSqs, type SqsService } from './sqs/sqs.ts';
import { createSsm, type SsmService } from './ssm/ssm.ts';
import type { StatesPorts, StatesState } from './states/model.ts';
import { createStates, type States } from './states/states.ts';
import { memoryHttpModules } from './wire/memory-http.ts';
import { partitionOf } from './partition.ts';

/** The services that offer more than their API. */
export interface RegionServices extends Foundation {
  readonly lambda: Lambda;
  readonly ecs: Ecs;
  readonly states: States;
  readonly ecr: EcrService;
  readonly events: EventsService;
  readonly cloudformation: CloudFormationService;
  readonly applicationAutoScaling: ApplicationAutoScaling;
}

/** The services that need none that acts by itself. */
interface Foundation {
  readonly iam: Iam;
  readonly ec2: Ec2;
  readonly elasticLoadBalancing: ElasticLoadBalancing;
  readonly logs: Logs;
  readonly cloudwatch: CloudWatch;
  readonly ssm: SsmService;
  readonly secretsManager: SecretsManager;
  readonly sqs: SqsService;
  readonly sns: SnsService;
  readonly chatbot: ChatbotService;
}

/** Where the region's functions come from and how they reach its door. */
export interface FunctionSource {
  /** Directories of uploaded assets, by their `Code.S3Key`. */
  readonly assets: ReadonlyMap<string, string>;
  readonly connect: () => Duplex;
  /** The SDK that functions get from the runtime. @default none */
  readonly sdk: LambdaPorts['sdk'];
}

/** What the services need of the region that is made of them. */
export interface WholeRegion extends FunctionSource {
  /** What deletes the resources of every service. */
  readonly target: () => ResourceTarget;
}

/** What services know that are not new, by their ids. */
export type KnownStates = ReadonlyMap<string, object>;

/** The state with which a service begins. */
type StateOf = <State extends object>(service: string) => State | undefined;

function begunWith(known: KnownStates): StateOf {
  return <State extends object>(service: string) => known.get(service) as State | undefined;
}

/** Creates every service and gives each the ports that it needs of the others. */
export function createServices(
  context: RegionContext,
  source: WholeRegion,
  faults: InvocationFaults & DeliveryFaults,
  known: KnownStates = new Map(),
): RegionServices {
  // The bus needs the services below, and they need the bus: nothing is emitted before all of them exist.
  const emit: EmitEvent = (event) => events.emit(event);
  // Networks are there first, and ask later who stands in them.
  const isOccupied = (id: string): boolean => ecs.usesNetwork(id) || foundation.elasticLoadBalancing.usesNetwork(id);
  const networkInterfaces = (): readonly NetworkInterface[] => ecs.networkInterfaces();
  const of = begunWith(known);
  const foundation = createFoundation(context, emit, { isOccupied, networkInterfaces }, of);
  const lambda = createFunctions(context, foundation, source, faults, of);
  const states = createStateMachines(context, foundation, lambda, emit, of('states'));
  const ecr = createEcr({ ...context, emit, issueAccessKey: foundation.iam.issueAccessKey }, of('ecr'));
  const ecs = createContainers(context, foundation, ecr, emit, of('ecs'));
  const applicationAutoScaling = createScaling(context, ecs, foundation.elasticLoadBalancing, of);
  const events = createBus(context, { ...foundation, lambda, states }, faults, of);
  const cloudformation = createCloudFormation(
    {
      ...context,
      invokeAsync: lambda.invokeAsync,
      target: source.target,
    },
    of('cloudformation'),
  );
  return { ...foundation, lambda, ecs, states, ecr, events, applicationAutoScaling, cloudformation };
}

/** A service as it was when it knew `state`, for reading; undefined for those whose past nobody can read. */
export function serviceAt(
  context: RegionContext,
  services: RegionServices,
  service: string,
  state: object,
): Service | undefined {
  const { ecr, ecs, lambda, events, states } = services;
  // Who reads the past does so now: within the limits of the present.
  const within = <State>(present: Service): State =>
    ({ ...state, buckets: (present.state as EcsState).buckets }) as State;
  if (service === 'ecs') return createContainers(context, services, ecr, events.emit, within<EcsState>(ecs));
  if (service === 'ecr') {
    const ports = { ...context, emit: events.emit, issueAccessKey: services.iam.issueAccessKey };
    return createEcr(ports, within<EcrState>(ecr));
  }
  if (service === 'states')
    return createStateMachines(context, services, lambda, events.emit, within<StatesState>(states));
  return undefined;
}

function createFoundation(
  context: RegionContext,
  emit: EmitEvent,
  occupants: Pick<NetworksPorts, 'isOccupied' | 'networkInterfaces'>,
  of: StateOf,
): Foundation {
  const iam = createIam(context, of('iam'));
  const { authorizeByPolicy } = iam;
  // Topics send to queues, queues are measured, and alarms publish to topics.
  const publish: CloudWatchPorts['publish'] = (topicArn, message, caller) => sns.publish(topicArn, message, caller);
  const cloudwatch = createCloudWatch({ ...context, emit, publish }, of('monitoring'));
  const { recordMetric } = cloudwatch;
  const sqs = createSqs({ ...context, recordMetric, authorizeByPolicy }, of('sqs'));
  const sns = createSns(
    { ...context, sendToQueue: (...message) => sqs.sendToQueue(...message), authorizeByPolicy },
    of('sns'),
  );
  const ec2 = createEc2({ ...context, ...occupants }, of('ec2'));
  const elasticLoadBalancing = createElasticLoadBalancing(
    { ...context, network: ec2.network },
    of('elasticloadbalancing'),
  );
  const logs = createLogs({ ...context, recordMetric }, of('logs'));
  const secretsManager = createSecretsManager(context, of('secretsmanager'));
  return {
    iam,
    ec2,
    elasticLoadBalancing,
    cloudwatch,
    logs,
    ssm: createSsm(context, of('ssm')),
    secretsManager,
    sqs,
    sns,
    chatbot: createChatbot(
      { ...context, ...sns, assumeRole: (arn, by) => void iam.assumeRole(arn, by) },
      of('chatbot'),
    ),
  };
}

function createFunctions(
  context: RegionContext,
  foundation: Foundation,
  { assets, connect, sdk }: FunctionSource,
  faults: InvocationFaults,
  of: StateOf,
): Lambda {
  const { iam, logs, cloudwatch } = foundation;
  const ports: LambdaPorts = {
    ...context,
    connect,
    memoryHttp: memoryHttpModules,
    sdk,
    faults,
    authorize: iam.authorize,
    authorizeByPolicy: iam.authorizeByPolicy,
    assumeRole: iam.assumeRole,
    issueAccessKey: iam.issueAccessKey,
    writeLog: logs.writeLog,
    recordMetric: cloudwatch.recordMetric,
    loadCode: (objectKey) => ({ directory: assetDirectory(assets, objectKey) }),
    sendToQueue: (queueArn, body, caller) => sendAs(caller, foundation, queueArn, body),
  };
  return createLambda(ports, of('lambda'));
}

function createStateMachines(
  context: RegionContext,
  { iam, logs, cloudwatch }: Foundation,
  lambda: Lambda,
  emit: EmitEvent,
  state?: StatesState,
): States {
  const ports: StatesPorts = {
    ...context,
    emit,
    invoke: lambda.invoke,
    authorize: iam.authorize,
    assumeRole: (roleArn, service) => iam.assumeRole(roleArn, service, sessionName(context)),
    recordMetric: cloudwatch.recordMetric,
    writeLog: (logGroupArn, stream, line) => logs.writeLog(logGroupName(logGroupArn), stream, line),
  };
  return createStates(ports, state);
}

function createBus(
  context: RegionContext,
  { iam, sqs, cloudwatch, lambda, states }: Foundation & Pick<RegionServices, 'lambda' | 'states'>,
  faults: DeliveryFaults,
  of: StateOf,
): EventsService {
  const ports: EventsPorts = {
    ...context,
    faults,
    recordMetric: cloudwatch.recordMetric,
    startExecution: states.startExecution,
    sendToQueue: (...message) => sqs.sendToQueue(...message),
    assumeRole: (roleArn, service) => iam.assumeRole(roleArn, service, sessionName(context)),
    invokeAsync: ({ functionArn, payload, sourceArn }) =>
      lambda.invokeAsync({
        functionArn,
        payload,
        caller: { kind: 'service', principal: 'events.amazonaws.com', sourceArn },
      }),
  };
  return createEvents(ports, of('events'));
}

function createContainers(
  context: RegionContext,
  { iam, ssm, secretsManager, elasticLoadBalancing, ec2, logs }: Foundation,
  ecr: EcrService,
  emit: EmitEvent,
  state?: EcsState,
): Ecs {
  const ports: EcsPorts = {
    ...context,
    emit,
    pullImage: ecr.pullImage,
    findTargetGroup: elasticLoadBalancing.findTargetGroup,
    zoneOfSubnet: (subnetId) => ec2.network.subnet(subnetId)?.availabilityZone,
    authorize: iam.authorize,
    assumeRole: (roleArn, taskId) => iam.assumeRole(roleArn, { principal: 'ecs-tasks.amazonaws.com' }, taskId),
    hasParameter: ssm.hasParameter,
    findSecret: secretsManager.findSecret,
    openLogStream: logs.openStream,
    writeLog: logs.writeLog,
  };
  return createEcs(ports, state);
}

function createScaling(
  context: RegionContext,
  ecs: Ecs,
  { isRouted }: ElasticLoadBalancing,
  of: StateOf,
): ApplicationAutoScaling {
  const principal = 'ecs.application-autoscaling.amazonaws.com';
  const ports: ScalingPorts = {
    ...context,
    isRouted,
    desiredCount: (cluster, service) => ecs.serviceView(cluster, service).desiredCount,
    setDesiredCount: (cluster, service, desiredCount) => {
      const caller: Caller = {
        kind: 'service',
        principal,
        sourceArn: `arn:${partitionOf(context.region)}:iam::${context.account}:root`,
      };
      void ecs.operations['UpdateService']!.apply({ cluster, service, desiredCount } as never, caller);
    },
  };
  return createApplicationAutoScaling(ports, of('application-autoscaling'));
}

function assetDirectory(assets: ReadonlyMap<string, string>, objectKey: string): string {
  const directory = assets.get(objectKey);
  if (directory !== undefined) return directory;
  const problem =
    'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.';
  throw new Fault('InvalidParameterValueException', `${problem} (${objectKey})`);
}

/** SendMessage as a role, with the role's own permission: how Lambda reaches an on-failure destination. */
function sendAs(caller: Caller, { iam, sqs }: Foundation, queueArn: string, MessageBody: string): void {
  const decision = iam.authorize(caller, { action: 'sqs:SendMessage', resource: queueArn });
  if (!decision.isAllowed) throw new Fault('AccessDenied', decision.reason, 403);
  const [, , , region, account, name] = queueArn.split(':');
  const QueueUrl = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
  void sqs.operations['SendMessage']!.apply({ QueueUrl, MessageBody } as never, caller);
}

/** Services that assume a role give the session a random name. */
function sessionName({ kernel }: RegionContext): string {
  return kernel.random.hex(32);
}

/** Of `arn:aws:logs:<region>:<account>:log-group:<name>:*`. */
function logGroupName(logGroupArn: string): string {
  return logGroupArn.split(':')[6] ?? logGroupArn;
}
