import { REFUSAL_ENDING } from './kernel/defects.ts';
import type { Kernel, Scheduled } from './kernel/kernel.ts';

/** Who calls: an assumed role, an AWS service acting for a resource, or the operator, who may do everything. */
export type Caller =
  | { readonly kind: 'role'; readonly roleArn: string; readonly sessionName: string }
  | { readonly kind: 'service'; readonly principal: string; readonly sourceArn: string }
  | { readonly kind: 'operator' };

/** One (action, resource) pair that IAM must allow before an operation is applied. */
export interface PermissionRequest {
  /** `ecs:UpdateService` */
  readonly action: string;
  /** An ARN, or `*` for actions without a resource type. */
  readonly resource: string;
  /** Condition keys that this request carries, by their full name (`ecs:cluster`, `iam:PassedToService`). */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** An error as AWS sends it: `code` is the `__type` of the answer, `status` its HTTP status. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The region was asked for something that it does not model; never answered with a guess. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled';
  readonly what: string;
  constructor(what: string) {
    super(`${what} ${REFUSAL_ENDING}`);
    this.what = what;
  }
}

/** Takes the output of an operation, or the fault that it ended with. */
type OnEnd<Output extends object> = (outcome: Output | Fault) => void;

const BEGIN: unique symbol = Symbol('begin');

/** What an operation answers whose output is there only later: it was applied, and begins when it is begun. */
export interface Later<Output extends object> {
  readonly [BEGIN]: (onEnd: OnEnd<Output>) => void;
}

/**
 * An answer that comes later: `begin` is called once, with a function that is to be called once, by an act of the kernel. A
 * promise would not do: no other act runs before the one that awaits it has ended.
 */
export function later<Output extends object>(begin: (onEnd: OnEnd<Output>) => void): Later<Output> {
  return { [BEGIN]: begin };
}

/** Whether this is an answer that comes later. */
export function isLater<Output extends object>(answer: Output | Later<Output>): answer is Later<Output> {
  return BEGIN in answer;
}

/** Begins what comes later. */
export function whenEnded<Output extends object>(answer: Later<Output>, onEnd: OnEnd<Output>): void {
  answer[BEGIN](onEnd);
}

/**
 * One API operation. `permissions` names what IAM is asked; `apply` runs at one instant of virtual time.
 * Inputs and outputs are the SDK's own request and response types: timestamps are `Date`s, members camelCased as in the API.
 */
export interface Operation {
  /** Takes calls that nobody signed, and so never looks at its caller. @default false */
  readonly isOpen?: boolean;
  permissions(input: never, caller: Caller): readonly PermissionRequest[];
  apply(input: never, caller: Caller): object | Promise<object> | Later<object>;
}

/** Keeps an operation's types to itself while services are kept in one table. */
export function operation<Input, Output extends object>(of: {
  readonly isOpen?: boolean;
  permissions(input: Input, caller: Caller): readonly PermissionRequest[];
  apply(input: Input, caller: Caller): Output | Promise<Output> | Later<Output>;
}): Operation {
  return of;
}

/** What CloudFormation learns of a created resource: the value of `Ref` and those of `Fn::GetAtt`. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
  /**
   * For what takes its time: asked every few seconds, it answers the resource once it is there, and throws when it never
   * will be. @default it is there
   */
  readonly awaited?: () => CreatedResource | undefined;
}

/** The properties of a resource, resolved (no intrinsics) and named as in CloudFormation. */
export type ResourceProperties = Readonly<Record<string, unknown>>;

/** Creates one resource of a template. `type` is told to those who create resources of several. */
export type ResourceCreator = (
  logicalId: string,
  properties: ResourceProperties,
  stackName: string,
  type?: string,
) => CreatedResource | Promise<CreatedResource>;

/** A resource whose properties are no longer those with which it was created or last updated. */
export interface ResourceChange {
  readonly logicalId: string;
  readonly type: string;
  readonly stackName: string;
  readonly current: CreatedResource;
  readonly before: ResourceProperties;
  readonly after: ResourceProperties;
}

/**
 * A resource after a change: the same one, or one that took its place, which another `ref` says. What was replaced is
 * deleted at the end of the deployment, or what took its place when the deployment is rolled back.
 */
export type UpdatedResource = CreatedResource;

/** A resource that was begun and never came to be: what is left of it goes by `ref`. */
export class CreationFailed extends Error {
  override readonly name = 'CreationFailed';
  readonly ref: string;
  constructor(message: string, ref: string) {
    super(message);
    this.ref = ref;
  }
}

/** A resource that is to go. */
export interface ResourceRemoval {
  readonly logicalId: string;
  readonly type: string;
  readonly stackName: string;
  readonly current: CreatedResource;
  /** As they were resolved when it was created or last updated. */
  readonly properties: ResourceProperties;
}

/** For what takes its time to go: asked every few seconds whether it is gone; throws when it never will be. */
export type IsGone = () => boolean;

/** Deletes one resource; throws what its service refuses. One that is gone already is no failure, as in AWS's own handlers. */
export type ResourceDeleter = (removal: ResourceRemoval) => void | IsGone | Promise<void | IsGone>;

/** Follows changes of a template. */
export interface ResourceUpdater {
  /** The properties that may change; a change of any other is refused by name. */
  readonly changeable: readonly string[] | 'all';
  /** The properties of which another value makes CloudFormation create another resource in place of this one. @default none */
  readonly replacing?: readonly string[];
  update(change: ResourceChange): UpdatedResource | Promise<UpdatedResource>;
}

/** One AWS service inside the region. */
export interface Service {
  /** The SigV4 signing name, which is also how the door finds it: `ecs`, `ecr`, `states`, `dynamodb`, `ssm`, … */
  readonly id: string;
  /**
   * Everything that the service knows and that can change: one object of plain data, so that it can be copied. Functions,
   * instances of classes and timers have no place in it; what is scheduled is the kernel's.
   */
  readonly state: object;
  readonly operations: Readonly<Record<string, Operation>>;
  /**
   * What an act does that this service scheduled before its state was copied, told by the state; undefined for another's. A
   * region can be copied while nothing else is scheduled. @default all are another's
   */
  readonly scheduled?: (scheduled: Scheduled) => (() => void) | undefined;
  /** By CloudFormation type: `AWS::Lambda::Function`. Unknown properties are refused (`NotModelled`). */
  readonly resources: Readonly<Record<string, ResourceCreator>>;
  /** By CloudFormation type; without one no change of such a resource is modelled. */
  readonly updaters?: Readonly<Record<string, ResourceUpdater>>;
  /** By CloudFormation type, one for each of `resources`. */
  readonly deleters?: Readonly<Record<string, ResourceDeleter>>;
}

/** What every service gets. */
export interface RegionContext {
  readonly kernel: Kernel;
  /** Twelve digits. */
  readonly account: string;
  /** `us-east-1` */
  readonly region: string;
  /** @default AWS's own for a new account */
  readonly quotas?: Quotas | undefined;
}

/** What AWS has raised, or lowered, for the account on request. */
export interface Quotas {
  /** Rules on the default bus (L-244521F2). @default 300 */
  readonly rulesPerBus?: number;
  /** By service (`ecs`), how many times the published rates of requests it has: buckets and what fills them. @default 1 */
  readonly requestRates?: Readonly<Record<string, number>>;
}

/** An event as a service hands it to the default bus; the bus adds `id`, `version`, `account`, `region` and, unless given, `time`. */
export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly time?: Date;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Puts an event on the default bus; delivered later, by the kernel. */
export type EmitEvent = (event: BusEvent) => void;

/** Records one CloudWatch metric value at the present instant. */
export type RecordMetric = (
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
) => void;

/** How IAM decided, with a sentence that names the missing permission or the denying statement. */
export interface Decision {
  readonly isAllowed: boolean;
  readonly reason: string;
}

/** Asks IAM whether `caller` may; operators may do everything. */
export type Authorize = (caller: Caller, request: PermissionRequest) => Decision;

/** How an invocation of a function ended; `error` is what Step Functions calls it (`error.name`, `Sandbox.Timedout`, `Runtime.ExitError`). */
export type InvocationResult =
  | { readonly kind: 'answered'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly error: string; readonly message: string };

/** Invokes a function; throws `Fault` at once when the caller may not or the function is missing, else calls `onEnd` exactly once. */
export type InvokeFunction = (request: {
  readonly functionArn: string;
  readonly payload: unknown;
  readonly caller: Caller;
  readonly onEnd: (result: InvocationResult) => void;
}) => void;

/** Starts an execution as `caller`; throws `Fault`. `input` is JSON text. */
export type StartExecution = (request: {
  readonly stateMachineArn: string;
  /** @default a UUID */
  readonly name?: string;
  readonly input: string;
  readonly caller: Caller;
}) => {
  readonly executionArn: string;
};

/** What a pull of an image yields; `reason` is the text that ECS would show. */
export type PullResult =
  | {
      readonly kind: 'pulled';
      /** Digest of the manifest that runs: for an index, the child for the platform. */
      readonly imageDigest: string;
      /** Annotations of the manifest that runs, merged over those of the index. */
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** Pulls `image` (`<account>.dkr.ecr.<region>.amazonaws.com/repo:tag`, `…@sha256:…`) for a platform such as `linux/amd64`. */
export type PullImage = (image: string, platform: string) => PullResult;

/** What others ask of the region's virtual networks; ids that do not exist answer undefined. */
export interface Network {
  hasVpc(vpcId: string): boolean;
  hasInternetGateway(vpcId: string): boolean;
  subnet(id: string): { readonly vpcId: string; readonly availabilityZone: string } | undefined;
  vpcOfSecurityGroup(id: string): string | undefined;
}

/** A network interface that a service has put into somebody's subnet. */
export interface NetworkInterface {
  /** `eni-0a1b…` */
  readonly id: string;
  readonly mac: string;
  readonly privateIp: string;
  /** Whether it was asked to have an address on the internet, too. */
  readonly isPublic: boolean;
  readonly subnetId: string | undefined;
  readonly availabilityZone: string;
  readonly securityGroupIds: readonly string[];
  /** What its service says of it: for a task, the ARN of its attachment. */
  readonly description: string;
}

/** What a service that registers targets must know of a target group. */
export interface TargetGroup {
  readonly arn: string;
  readonly targetType: 'ip' | 'instance';
  /** False until a listener forwards to it. */
  readonly hasLoadBalancer: boolean;
  readonly healthCheckIntervalSeconds: number;
  /** Checks in a row that must pass. */
  readonly healthyThreshold: number;
  /** Checks in a row that must fail. */
  readonly unhealthyThreshold: number;
  readonly deregistrationDelaySeconds: number;
}

/** The target group with this ARN; undefined when there is none. */
export type FindTargetGroup = (arn: string) => TargetGroup | undefined;
