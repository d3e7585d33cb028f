import { z } from 'zod';
import type { RolloutConfig } from '../functions/rollout/config.ts';
import { ledgerKey, toRolloutConfig, type CheckedService } from './configuration.ts';
import { ledgerTableName, stackName, stateMachineName } from './names.ts';

/** The path below which the cells of an account and Region register: a parameter `<cluster>/<service>` each. */
export const REGISTRATIONS = '/rollouts-cells';

/** Systems Manager quotas, "Maximum size for parameter values": the standard tier, which costs nothing. */
export const REGISTRATION_BYTES_MAX = 4096;

/** The one schema so far; members are only ever added, and what an older command line could not read raises it. */
export const REGISTRATION_SCHEMA = 1;

/** What a cell says of itself, so that it is found with nothing but credentials. No secret is in it. */
export interface Registration {
  readonly schema: typeof REGISTRATION_SCHEMA;
  /** What the names of everything in the cell derive from. */
  readonly name: string;
  readonly stackName: string;
  /** Stands for the deployed code. */
  readonly release: string;
  readonly stateMachineArn: string;
  readonly ledgerTableArn: string;
  readonly topicArn: string;
  readonly tickMinutes: number;
  /** Names of the roles that the cell may pass on, with their paths. */
  readonly executionRole: string;
  readonly taskRole?: string | undefined;
  /** Of a provisioned service, before its first task definition says it. */
  readonly architecture?: 'x86_64' | 'arm64' | undefined;
  /** Name of the dashboard on which the service is drawn, without the Region; undefined without one. */
  readonly dashboard?: string | undefined;
  /** What the state machine is told. */
  readonly config: RolloutConfig;
}

/** What is known of a cell once it is deployed. */
export type Created = Pick<Registration, 'release' | 'stateMachineArn' | 'ledgerTableArn' | 'topicArn'>;

/** Name of the parameter in which the service's cell registers. */
export function registrationName(service: Pick<CheckedService, 'cluster' | 'serviceName'>): string {
  return `${REGISTRATIONS}/${ledgerKey(service)}`;
}

/** What the cell of a service registers. */
export function registrationOf(service: CheckedService, created: Created): Registration {
  const { name, tickMinutes, executionRole, taskRole, provision, dashboard } = service;
  return {
    schema: REGISTRATION_SCHEMA,
    name,
    stackName: stackName(name),
    ...created,
    tickMinutes,
    executionRole,
    taskRole,
    architecture: provision?.architecture,
    dashboard: dashboard?.name,
    config: toRolloutConfig(service),
  };
}

/** `arn:<partition>:<service>:<region>:<account>:` where each is longest, with some characters to spare. */
const ARN_PREFIX_LENGTH = 56;

/** Bytes that a cell's registration takes at most, wherever it is deployed. */
export function registrationBytes(service: CheckedService): number {
  const { name } = service;
  const arn = (of: string): string => `${'x'.repeat(ARN_PREFIX_LENGTH)}${of}`;
  const longest = registrationOf(service, {
    release: '0'.repeat(12),
    stateMachineArn: arn(`stateMachine:${stateMachineName(name)}`),
    ledgerTableArn: arn(`table/${ledgerTableName(name)}`),
    // CloudFormation makes it of the stack's name, the logical id with CDK's hash, and twelve characters.
    topicArn: service.notifyTopicArn ?? arn(`${stackName(name)}-Notifications${'x'.repeat(22)}`),
  });
  return Buffer.byteLength(JSON.stringify(longest));
}

/** As far as readers rely on it; members that they do not know stay. */
const schema = z.looseObject({
  schema: z.literal(REGISTRATION_SCHEMA),
  name: z.string(),
  stackName: z.string(),
  release: z.string(),
  stateMachineArn: z.string(),
  ledgerTableArn: z.string(),
  topicArn: z.string(),
  tickMinutes: z.number(),
  executionRole: z.string(),
  taskRole: z.string().optional(),
  architecture: z.enum(['x86_64', 'arm64']).optional(),
  dashboard: z.string().optional(),
  config: z.looseObject({
    service: z.string(),
    cluster: z.string(),
    serviceName: z.string(),
    family: z.string(),
    repository: z.string(),
    containers: z.array(z.string()),
    tagPolicy: z.looseObject({ kind: z.enum(['exact', 'glob', 'semver']) }),
    bakeTimeSeconds: z.number(),
    deadlineSeconds: z.number(),
    liveImageParameter: z.string(),
  }),
});

/** What a parameter's value says; undefined when it is no registration that this release reads. */
export function parseRegistration(value: string): Registration | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(value));
    return parsed.success ? (parsed.data as unknown as Registration) : undefined;
  } catch {
    return undefined;
  }
}
