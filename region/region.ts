import { deleteStack } from './cloudformation/delete-stack.ts';
import {
  deployStack,
  stackNamed,
  type DeployedStack,
  type Stack,
  type StackTarget,
} from './cloudformation/deploy-stack.ts';
import { untilRun } from './cloudformation/waiting.ts';
import { composeServices, type Endpoint } from './compose-services.ts';
import { createDynamoDb } from './dynamodb/dynamodb.ts';
import { begin, copyRegion, unrest, type RegionCopy } from './copy.ts';
import { copyOf } from './deep-copy.ts';
import type { DynamoDbState } from './dynamodb/model.ts';
import { Kernel, type KernelOptions } from './kernel/kernel.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { newFaultsState } from './faults/model.ts';
import { runPaced, type PaceOptions } from './paced.ts';
import { createServices, serviceAt, type RegionServices, type WholeRegion } from './region-services.ts';
import { createRegistry } from './registry/registry.ts';
import { NotModelled, type Caller, type Quotas, type RegionContext, type Service } from './service.ts';
import { createSts } from './sts/sts.ts';
import { directSdk } from './wire/direct-sdk.ts';

export interface RegionOptions extends KernelOptions {
  /** Twelve digits. @default '123456789012' */
  readonly account?: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** Who signs with this key is the operator, who may do everything. @default 'OPERATOR' */
  readonly operatorAccessKeyId?: string;
  /** Names of members that may pass although the SDK's schemas do not know them yet. @default none */
  readonly futureFields?: readonly string[];
  /**
   * Lets functions require the clients of the SDK, as Lambda's runtime does, and reach the region without HTTP. It saves
   * most of what a call costs; all else that happens is the same. @default a bundle must hold its own SDK
   */
  readonly hasRuntimeSdk?: boolean;
  /** @default AWS's own for a new account */
  readonly quotas?: Quotas;
  /** What it begins with, but for its seed: what another region of that account and name was when it was copied. @default nothing */
  readonly from?: RegionCopy;
  /** Where DynamoDB keeps its items: in its state, or in dynalite's own LevelDB. @default 'in-state' */
  readonly tables?: 'in-state' | 'leveldb';
}

/** A small AWS region in memory, on virtual time, behind one door. */
export interface Region extends Endpoint, RegionContext, RegionServices {
  /** What goes wrong in it. */
  readonly faults: Faults;
  /** Uploads an asset: functions whose `Code.S3Key` is `objectKey` run the files of `directory`. */
  registerAsset(objectKey: string, directory: string): void;
  /** Deploys a stack, the first time and again, and lets time pass until CloudFormation is done; rejects with what failed. */
  deployStack(stack: Stack): Promise<DeployedStack>;
  /**
   * Deletes a stack with all that it has and does not retain, and lets time pass until CloudFormation is done; rejects with
   * what could not be deleted. After that it may be tried again with logical ids of resources to leave behind.
   */
  deleteStack(name: string, retained?: readonly string[]): Promise<void>;
  /** The stack of that name as it is deployed; undefined when none is. */
  stack(name: string): DeployedStack | undefined;
  /** From now on chance has that seed, and functions start cold, as in a region that begins with a copy of this one. */
  reseed(seed: number): void;
  /** Whether no code runs in it, and nothing is scheduled but ticks and evaluations of alarms. */
  isAtRest(): boolean;
  /** All that it is, for others to begin with; throws unless it is at rest. */
  copy(): RegionCopy;
  /** Lets virtual time pass `speed` times as fast as real time while the region is busy, until `signal` aborts. */
  runPaced(speed: number, signal: AbortSignal, options?: PaceOptions): Promise<void>;
}

/** Faults draw from a seed of their own: what goes wrong must not change what else happens. */
const FAULTS_SEED = 0x5eedfa17;

/** The name and the clock of a region. */
function contextOf({ account = '123456789012', region = 'us-east-1', from, ...options }: RegionOptions): RegionContext {
  if (from && options.tables === 'leveldb') throw new NotModelled('A copy of items that are in LevelDB');
  const kernel = new Kernel({ ...options, ...(from && { startAt: from.now, firstSequence: from.sequence }) });
  return { kernel, account, region, quotas: options.quotas };
}

/** Creates an empty region, or one that begins where another one was. */
export function createRegion(options: RegionOptions = {}): Region {
  const { operatorAccessKeyId = 'OPERATOR', futureFields = [], from } = options;
  const context = contextOf(options);
  const { kernel } = context;
  const assets = new Map(from?.assets);
  const states = copyOf(from?.states) ?? new Map<string, object>();
  const faultsState = newFaultsState((options.seed ?? 1) ^ FAULTS_SEED);
  const faults: Faults = createFaults(
    { kernel, state: faultsState },
    {
      killInstance: (accessKeyId) => services.lambda.killInstance(accessKeyId),
      stateOf: (service) => endpoint.services.get(service)?.state,
      serviceAt: (service, state) => serviceAt(context, services, service, state),
    },
  );
  const source: WholeRegion = {
    assets,
    connect: () => endpoint.connect(),
    target: () => target,
    sdk: options.hasRuntimeSdk === true ? (host) => directSdk(endpoint.direct, host) : undefined,
  };
  const services = createServices(context, source, faults, states);
  const { iam, ecr } = services;
  const callerOf = (accessKeyId: string): Caller | undefined =>
    accessKeyId === operatorAccessKeyId ? { kind: 'operator' } : iam.callerOf(accessKeyId);
  const endpoint: Endpoint = composeServices({
    ...context,
    services: [
      ...Object.values<Service>({ ...services }),
      createDynamoDb(context, states.get('dynamodb') as DynamoDbState | undefined, options.tables),
      createSts(context, iam),
    ],
    authorize: iam.authorize,
    callerOf,
    futureFields,
    faults,
    presigned: services.cloudformation.responses,
    registry: createRegistry({ ...context, callerOf, registry: ecr, connect: () => endpoint.connect() }),
  });
  const registerAsset: Region['registerAsset'] = (objectKey, directory) => void assets.set(objectKey, directory);
  const target: StackTarget = {
    ...context,
    ...endpoint,
    registerAsset,
    ssmParameter: services.ssm.valueOf,
    valuesOfType: services.ec2.valuesOfType,
    until: untilRun(context.kernel),
  };
  const { state: stacks } = services.cloudformation;
  if (from) begin(from, kernel, endpoint);
  return {
    ...context,
    ...services,
    ...endpoint,
    faults,
    registerAsset,
    deployStack: (stack) => deployStack(target, stacks, stack),
    deleteStack: (name, retained = []) => deleteStack(target, stacks, name, retained),
    stack: (name) => stackNamed(stacks, name),
    reseed: (seed) => {
      kernel.reseed(seed);
      services.lambda.startCold();
      Object.assign(faultsState, newFaultsState(seed ^ FAULTS_SEED));
    },
    isAtRest: () => unrest({ kernel, endpoint, assets, faults: faultsState }) === undefined,
    copy: () => copyRegion({ kernel, endpoint, assets, faults: faultsState }),
    runPaced: (speed, signal, pace) => runPaced(context.kernel, speed, signal, pace),
  };
}
