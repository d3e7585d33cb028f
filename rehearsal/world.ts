import type { StartExecutionOutput } from '@aws-sdk/client-sfn';
import { createAuditor, type Auditor } from './audit/auditor.ts';
import { readCloudAssembly, type AssemblyCode } from './assembly/cloud-assembly.ts';
import { deployAssembly } from './assembly/deploy-assembly.ts';
import type { DeployedStack } from '../region/cloudformation/deploy-stack.ts';
import { outsideNetworks } from './assembly/outside-networks.ts';
import { outsideTopics } from './assembly/outside-topics.ts';
import { outsideWorkspaces } from './assembly/outside-workspaces.ts';
import { outsideSecrets } from './assembly/outside-secrets.ts';
import { cellConfig, type CellConfig } from './cell/cell-config.ts';
import { followMessages, type CellMessage } from './cell/cell-messages.ts';
import { alarmsRinging, deadLetters, logLines, refusals } from './cell/cell-signals.ts';
import { killHandlerAt, type Kill, type KillPoint } from './faults/kill-handler.ts';
import { removePermission } from './faults/remove-permission.ts';
import { readHistory, readLedgerState, type LedgerView, type RecordView } from './cell/ledger-view.ts';
import { operate } from './cell/operator.ts';
import type { Openings } from './openings.ts';
import { pushImage, type ImageOptions } from './pushed-image.ts';
import { imageManifest } from '../region/ecr/image-manifests.ts';
import type { RegionCopy } from '../region/copy.ts';
import type { DefectPolicy } from '../region/kernel/defects.ts';
import type { Policy } from '../region/kernel/kernel.ts';
import { createRegion, type Region } from '../region/region.ts';
import type { Quotas } from '../region/service.ts';
import type { Refusal } from '../timeline/scenario-report.ts';
import { readPlatform, readService, type RunningService } from './cell/running-service.ts';
import { followExecutions, readRollout, type Rollout } from './cell/rollouts.ts';
import {
  createService,
  createSurroundings,
  type Existing,
  type ServiceOptions,
  type TaskRoles,
} from './surroundings.ts';

export interface WorldOptions {
  /** Directory of a synthesized cloud assembly. */
  readonly assembly: string;
  /** Name of the stack whose service the world is about. @default the first */
  readonly stack?: string;
  /** @default the region's own account and name */
  readonly place?: { readonly account: string; readonly region: string };
  /** @default 1 */
  readonly seed?: number;
  /** When the world begins, milliseconds since the epoch. @default 2026-01-05T09:00:00Z */
  readonly startAt?: number;
  /** @default first in, first out */
  readonly policy?: Policy;
  /** The service that is there before any rollout; `absent` for none. @default two steady tasks */
  readonly service?: ServiceOptions | 'absent';
  /** Whether scheduled rules tick. @default false */
  readonly hasTicks?: boolean;
  /** Names of members that may pass although the SDK's schemas do not know them yet. @default none */
  readonly futureFields?: readonly string[];
  /** What becomes of what the region should never have thrown. @default 'end' */
  readonly defects?: DefectPolicy;
  /** @default AWS's own for a new account */
  readonly quotas?: Quotas;
  /** Where DynamoDB keeps its items: in its state, or in dynalite's own LevelDB. @default 'in-state' */
  readonly tables?: 'in-state' | 'leveldb';
  /**
   * How functions reach the region: over the wire with the very bytes that are deployed, or past HTTP, for which the assembly
   * must hold them without the SDK. The same seed gives the same history. @default 'wire'
   */
  readonly door?: 'wire' | 'direct';
  /**
   * Where the region of the world comes from: all is played anew, or it begins with what was kept. Either way chance in it has the
   * world's seed from the moment when the world is open, and one and the same seed before. @default all is played with the world's seed
   */
  readonly openings?: Openings | 'anew';
  /** Receives every act of the kernel. */
  readonly onTrace?: (line: { readonly at: number; readonly kind: string; readonly label: string }) => void;
}

/** A cell in a region, with a service for it to roll: what scenarios act in and look at. */
export interface World {
  readonly region: Region;
  readonly cell: DeployedStack;
  readonly config: CellConfig;
  /** What the service's tasks run on: `linux/arm64`. */
  readonly platform: string;
  /** Virtual seconds since the world was opened. */
  readonly seconds: number;
  /** Pushes an image; the answer is its digest. */
  push(image?: ImageOptions): Promise<string>;
  /** Starts the state machine as a person; the answer is the execution's ARN. */
  start(input?: object): Promise<string>;
  /** Runs until that rollout has ended, or else the newest one since the last push or start, which it awaits. */
  untilRolloutEnds(executionArn?: string): Promise<Rollout>;
  /** Runs until no rollout runs, then long enough for late events to be delivered and stopped tasks to go. */
  untilIdle(): Promise<void>;
  /** Deploys an assembly again, as `cdk deploy --all` does, and lets time pass until CloudFormation is done. */
  deploy(assembly: string): Promise<void>;
  advance(seconds: number): Promise<void>;
  rollouts(): Rollout[];
  history(): Promise<RecordView[]>;
  ledgerState(): Promise<LedgerView | undefined>;
  service(): Promise<RunningService>;
  /** Messages published to the cell's topic, oldest first. */
  notifications(): ReturnType<Region['sns']['messagesOf']>;
  /** Hears every message that is published to the cell's topic; the answer ends that. */
  onMessage(listener: (message: CellMessage) => void): () => void;
  /** Lines of the cell's logs, or of those log groups whose name contains `of`; group by group. */
  logLines(of?: string): readonly string[];
  /** Alarms that are in ALARM. */
  alarms(): readonly string[];
  /** Why events could not be delivered: the error messages in the cell's dead-letter queues. */
  deadLetters(): readonly string[];
  /** What IAM refused the roles. */
  refusals(): readonly Refusal[];
  killHandler(point: KillPoint): Kill;
  removePermission(from: { readonly role: string; readonly action: string }): void;
  /** Lets the world break a rule of the audit where its sentence matches, for a reason; nobody may excuse what nothing breaks. */
  readonly excuse: Auditor['excuse'];
  /** How it differs from a sound world, a sentence each, with the excuses that nothing needs. */
  audit(): Promise<string[]>;
  /** Whether a rollout is on its way. */
  isRolling(): boolean;
  /** Closes the region, and with it every world that shares it. */
  close(): Promise<void>;
}

const ROLLOUT_LIMIT_MS = 24 * 3_600_000;
const AFTERMATH_SECONDS = 180;
/** So many can be looked at at once. */
const FEW_CELLS = 5;
const BETWEEN_CELLS_MS = 500;

/** A stack that rolls a service, and what its state machine was configured with. */
interface Cell {
  readonly stack: DeployedStack;
  readonly config: CellConfig;
}

/** Opens a region, loads the assembly, and lets the service become steady on an image that no rollout brought. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const [world] = await openCells({ ...options, isAlone: true });
  return world!;
}

/** As {@link openWorld}, with a world for every cell of the assembly; they share one region, in which all their services are steady. */
export function openWorlds(options: Omit<WorldOptions, 'stack'>): Promise<World[]> {
  return openCells({ ...options, isAlone: false });
}

/** Which worlds are opened: of one cell or of all that the assembly has. */
type Opening = WorldOptions & { readonly isAlone: boolean };

async function openCells(options: Opening): Promise<World[]> {
  const region = await openRegion(options);
  const stacks = stacksOf(region);
  const code = codeOf(options);
  const worlds: World[] = [];
  const cells = await cellsOf(region, options);
  for (const { stack, config } of cells) {
    // Whoever looks at many keeps to the published rates of requests, too.
    if (cells.length > FEW_CELLS) await region.kernel.runFor(BETWEEN_CELLS_MS);
    const auditor = await createAuditor(region, stack, config);
    worlds.push(worldOf(region, stacks, stack, config, await readPlatform(region, config), auditor, code));
  }
  return worlds;
}
/** Of what happens before worlds are open that share it. No world has it: the same chance twice gives the same identifiers twice. */
const OPENING_SEED = 0x6f70656e;
const REST_LIMIT_MS = 600_000;

/** The region of the worlds, with the services steady. */
async function openRegion(options: Opening): Promise<Region> {
  const { openings, seed = 1 } = options;
  if (openings === undefined) return settled(await deployed(emptyRegion(options), options), options);
  const region = openings === 'anew' ? await anew(options) : await begun(openings, options);
  region.reseed(seed);
  return region;
}

/** What is played before worlds are open that share it: its seed is always the same, and nobody hears of it but who opens it anew. */
async function anew(options: Opening): Promise<Region> {
  const region = await rested(deployed(emptyRegion({ ...options, seed: OPENING_SEED }), options));
  region.reseed(OPENING_SEED);
  return rested(settled(region, options));
}

async function begun({ deployed: keepDeployed, settled: keepSettled }: Openings, options: Opening): Promise<Region> {
  const { assembly, stack, isAlone, place, door, startAt, hasTicks, service, quotas, futureFields } = options;
  const { onTrace: _onceOpen, ...unheard } = { ...options, seed: OPENING_SEED };
  const name = JSON.stringify([assembly, place, door, startAt, hasTicks, quotas, futureFields]);
  const from = await keepDeployed(name, () => copied(deployed(emptyRegion(unheard), options)));
  const settling = (heard: Opening): Promise<Region> => settled(emptyRegion({ ...heard, from }), options);
  if (keepSettled === undefined) return rested(settling({ ...options, seed: OPENING_SEED }));
  const steady = `${name} ${JSON.stringify([stack, isAlone, service])}`;
  return emptyRegion({ ...options, from: await keepSettled(steady, () => copied(settling(unheard))) });
}

/** What CloudFormation was told last may still be on its way. */
async function rested(opening: Promise<Region>): Promise<Region> {
  const region = await opening;
  await region.kernel.runUntil(() => region.isAtRest(), 'rest', REST_LIMIT_MS);
  return region;
}

async function copied(opening: Promise<Region>): Promise<RegionCopy> {
  const region = await rested(opening);
  const copy = region.copy();
  await region.close();
  return copy;
}

function emptyRegion(options: Opening & { readonly from?: RegionCopy }): Region {
  return createRegion({
    seed: options.seed ?? 1,
    ...options.place,
    ...(options.from && { from: options.from }),
    ...(options.startAt !== undefined && { startAt: options.startAt }),
    ...(options.policy && { policy: options.policy }),
    ...(options.futureFields && { futureFields: options.futureFields }),
    ...(options.defects && { defects: options.defects }),
    ...(options.quotas && { quotas: options.quotas }),
    ...(options.onTrace && { onTrace: options.onTrace }),
    ...(options.tables && { tables: options.tables }),
    hasRuntimeSdk: options.door === 'direct',
  });
}

/** The code of functions that the door asks for. */
function codeOf({ door }: Opening): AssemblyCode {
  return door === 'direct' ? 'without-sdk' : 'deployed';
}

async function deployed(region: Region, options: Opening): Promise<Region> {
  admitOutside(region, options.assembly);
  await deployAssembly(region, options.assembly, codeOf(options));
  if (!options.hasTicks) region.events.pauseSchedules();
  return region;
}

async function settled(region: Region, options: Opening): Promise<Region> {
  await settle(region, stacksOf(region), await cellsOf(region, options), options.service ?? {});
  return region;
}

/** In the order in which they were deployed. */
function stacksOf(region: Region): DeployedStack[] {
  return [...region.cloudformation.state.stacks.keys()].map((name) => region.stack(name)!);
}

async function cellsOf(region: Region, options: Opening): Promise<Cell[]> {
  const stacks = stacksOf(region).filter(({ outputs }) => 'StateMachineArn' in outputs);
  const cells: Cell[] = [];
  for (const stack of options.isAlone ? [alone(stacks, options)] : stacks)
    cells.push({ stack, config: await readConfig(region, stack) });
  return cells;
}

function alone(stacks: readonly DeployedStack[], { stack: name }: Opening): DeployedStack {
  const stack = name === undefined ? stacks[0] : stacks.find(({ stackName }) => stackName === name);
  if (!stack) throw new Error(`the assembly has no stack ${name ?? 'at all'}`);
  return stack;
}

/** What the stacks only name is taken to exist. */
function admitOutside(region: Region, assembly: string): void {
  const stacks = readCloudAssembly(assembly);
  for (const network of outsideNetworks(stacks)) region.ec2.admitNetwork(network);
  const { parameters, secrets } = outsideSecrets(stacks, region);
  for (const parameter of parameters) region.ssm.admitParameter(parameter);
  for (const secret of secrets) region.secretsManager.admitSecret(secret);
  for (const topicArn of outsideTopics(stacks)) region.sns.admitTopic(topicArn);
  for (const workspace of outsideWorkspaces(stacks)) region.chatbot.admitWorkspace(workspace);
}

async function readConfig(region: Region, cell: DeployedStack): Promise<CellConfig> {
  const machine = await operate<{ definition?: string }>(region, 'states', 'DescribeStateMachine', {
    stateMachineArn: cell.outputs['StateMachineArn'],
  });
  return cellConfig(machine.definition ?? '{}');
}

/** Nothing of this is a story: no event of it reaches the stacks. */
async function settle(
  region: Region,
  stacks: readonly DeployedStack[],
  cells: readonly Cell[],
  service: ServiceOptions | 'absent',
): Promise<void> {
  const existing: Existing[] = stacks.flatMap(({ resources }) => [...resources.values()]);
  // By repository, which several services may share.
  const byHand = new Map<string, string>();
  region.events.setDelivery(() => 'never');
  for (const { stack, config } of cells) {
    const { ExecutionRole: executionRole = '', TaskRole: taskRole } = stack.outputs;
    const roles: TaskRoles = { executionRole, ...(taskRole !== undefined && { taskRole }) };
    existing.push(...(await createSurroundings(region, config, roles, existing)));
    const isProvisioned = existing.some(({ type, ref }) => isService(type, ref, config));
    if (service === 'absent' || isProvisioned) continue;
    if (!byHand.has(config.repository))
      byHand.set(config.repository, pushByHand(region, config.repository, service.isPinned));
    await createService(region, config, roles, byHand.get(config.repository)!, service);
  }
  await region.kernel.runFor(AFTERMATH_SECONDS * 1000);
  region.events.setDelivery(() => 'once');
}

/** Pushes the image that runs before any rollout; answers its URI, by tag or by digest. */
function pushByHand(region: Region, repositoryName: string, isPinned = false): string {
  const image = imageManifest({ seedText: 'the image before any rollout' });
  const digest = region.ecr.pushImage({ repositoryName, image, tag: 'by-hand' });
  const repository = `${region.account}.dkr.ecr.${region.region}.amazonaws.com/${repositoryName}`;
  return isPinned ? `${repository}@${digest}` : `${repository}:by-hand`;
}

function isService(type: string, ref: string, { cluster, serviceName }: CellConfig): boolean {
  return type === 'AWS::ECS::Service' && ref.endsWith(`service/${cluster}/${serviceName}`);
}

function worldOf(
  region: Region,
  stacks: readonly DeployedStack[],
  cell: DeployedStack,
  config: CellConfig,
  platform: string,
  auditor: Auditor,
  code: AssemblyCode,
): World {
  const stateMachineArn = cell.outputs['StateMachineArn']!;
  const ledgerTable = cell.outputs['LedgerTable']!;
  const topicArn = cell.outputs['TopicArn']!;
  const openedAt = region.kernel.now;
  const { started, running } = followExecutions(region, stateMachineArn);
  let pushes = 0;
  let earlier = 0;
  return {
    region,
    cell,
    config,
    platform,
    get seconds() {
      return (region.kernel.now - openedAt) / 1000;
    },
    async push(image = {}) {
      earlier = started.length;
      return pushImage(region, config, { platform, ...image }, ++pushes);
    },
    async start(input = {}) {
      earlier = started.length;
      const request = { stateMachineArn, input: JSON.stringify(input) };
      return (await operate<StartExecutionOutput>(region, 'states', 'StartExecution', request)).executionArn!;
    },
    async untilRolloutEnds(executionArn) {
      const awaited = (): string | undefined => executionArn ?? started.slice(earlier).at(-1);
      const hasEnded = (): boolean => awaited() !== undefined && !running.has(awaited()!);
      await region.kernel.runUntil(hasEnded, 'the end of the rollout', ROLLOUT_LIMIT_MS);
      return readRollout(region, awaited()!);
    },
    async untilIdle() {
      do {
        await region.kernel.runUntil(() => running.size === 0, 'the end of all rollouts', ROLLOUT_LIMIT_MS);
        await region.kernel.runFor(AFTERMATH_SECONDS * 1000);
      } while (running.size > 0);
    },
    async deploy(assembly) {
      admitOutside(region, assembly);
      await deployAssembly(region, assembly, code);
    },
    advance: (seconds) => region.kernel.runFor(seconds * 1000),
    rollouts: () => started.map((executionArn) => readRollout(region, executionArn)),
    history: () => readHistory(region, ledgerTable, config),
    ledgerState: () => readLedgerState(region, ledgerTable, config),
    service: () => readService(region, config),
    notifications: () => region.sns.messagesOf(topicArn),
    onMessage: (listener) => followMessages(region, topicArn, listener),
    logLines: (of = '') => logLines(region, cell, of),
    alarms: () => alarmsRinging(region),
    deadLetters: () => deadLetters(region, cell),
    refusals: () => refusals(region),
    killHandler: (point) => killHandlerAt(region, cell, point),
    removePermission: (from) => auditor.expectRefusals(removePermission(region, [cell, ...stacks], from), from.action),
    excuse: auditor.excuse,
    isRolling: () => running.size > 0,
    audit: () => auditor.audit(started),
    close: () => closeRegion(region),
  };
}

/** What handlers have sent must have arrived before their connections are cut. */
async function closeRegion(region: Region): Promise<void> {
  await region.kernel.runFor(0);
  await region.close();
}
