import { Aws, type CfnParameter, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import {
  type CfnTaskDefinition,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  Protocol,
  Secret,
  type HealthCheck as ContainerHealthCheck,
} from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret as StoredSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Cell } from './cell.ts';
import { GrantedRole } from './granted-role.ts';
import { allow, registryToken, type Grant } from './grants.ts';
import { connectsTo } from './port-check.ts';
import { TASK_LOGS_PATH } from '../configuration/names.ts';
import type { HealthCheck, Provision, SecretSource } from '../configuration/provisioning.ts';

interface ServiceTaskDefinitionProps {
  readonly cell: Cell;
  readonly provision: Provision;
  /** The live image, read when the stack is deployed. */
  readonly liveImage: CfnParameter;
}

/** The service's first task definition; rollouts make their revisions from whichever one runs. */
export class ServiceTaskDefinition extends Construct {
  readonly taskDefinition: FargateTaskDefinition;
  /** What the containers write. */
  readonly logGroupName: string;

  constructor(scope: Construct, id: string, { cell, provision, liveImage }: ServiceTaskDefinitionProps) {
    super(scope, id);
    const { family, containers, executionRole, taskRole, logRetentionDays } = cell.service;
    // Without a fixed name: it outlives the stack, and would be in the way of the next one.
    const logGroup = new LogGroup(this, TASK_LOGS_PATH[1], {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.logGroupName = logGroup.logGroupName;
    const role = new GrantedRole(this, 'ExecutionRole', {
      roleName: executionRole,
      description: 'Starts the tasks: pulls the image, reads the secrets, writes the logs',
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      policyName: 'Start',
      grants: startGrants(cell, logGroup, provision),
    });
    this.taskDefinition = new FargateTaskDefinition(this, 'TaskDefinition', {
      family,
      cpu: provision.cpu,
      memoryLimitMiB: provision.memoryMiB,
      ...(provision.ephemeralStorageGiB !== undefined && { ephemeralStorageGiB: provision.ephemeralStorageGiB }),
      runtimePlatform: {
        cpuArchitecture: provision.architecture === 'arm64' ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      // Complete as written above: CDK shall add nothing of its own.
      executionRole: role.withoutPolicyUpdates(),
      // Without one CDK would create a role and make the service depend on it: it gets a name to refer to, taken out below.
      taskRole: Role.fromRoleName(this, 'TaskRole', taskRole ?? executionRole, { mutable: false }),
    });
    if (taskRole === undefined) {
      const resource = this.taskDefinition.node.defaultChild as CfnTaskDefinition;
      resource.addPropertyDeletionOverride('TaskRoleArn');
    }
    // A replaced revision may be what a rollback goes back to: it stays registered.
    this.taskDefinition.applyRemovalPolicy(RemovalPolicy.RETAIN);
    containers.forEach((name, index) =>
      this.taskDefinition.addContainer(name, {
        containerName: name,
        image: ContainerImage.fromRegistry(liveImage.valueAsString),
        logging: LogDrivers.awsLogs({ logGroup, streamPrefix: 'ecs' }),
        environment: { ...provision.environment },
        secrets: this.secretsOf(name, provision.secrets),
        // The first container is the one that listens.
        ...(index === 0 && {
          portMappings: [{ containerPort: provision.port, protocol: Protocol.TCP }],
          ...(provision.healthCheck && { healthCheck: healthCheckOf(provision.healthCheck, provision.port) }),
        }),
      }),
    );
  }

  private secretsOf(container: string, sources: Provision['secrets']): Record<string, Secret> {
    return Object.fromEntries(
      Object.entries(sources).map(([variable, source]) => [
        variable,
        this.secretOf(`${container}-${variable}`, source),
      ]),
    );
  }

  private secretOf(id: string, source: SecretSource): Secret {
    if ('parameter' in source) {
      return Secret.fromSsmParameter(
        StringParameter.fromSecureStringParameterAttributes(this, id, { parameterName: source.parameter }),
      );
    }
    const stored = source.secret.startsWith('arn:')
      ? StoredSecret.fromSecretCompleteArn(this, id, source.secret)
      : StoredSecret.fromSecretNameV2(this, id, source.secret);
    return Secret.fromSecretsManager(stored, source.key);
  }
}

function healthCheckOf(check: HealthCheck, port: number): ContainerHealthCheck {
  return {
    command: ['CMD-SHELL', check.command ?? connectsTo(port)],
    interval: Duration.seconds(check.intervalSeconds),
    timeout: Duration.seconds(check.timeoutSeconds),
    retries: check.retries,
    startPeriod: Duration.seconds(check.startPeriodSeconds),
  };
}

/** Secrets encrypted with a key of one's own need `kms:Decrypt` on it, granted in that key's policy. */
function startGrants({ arns }: Cell, logGroup: LogGroup, { secrets }: Provision): Grant[] {
  const pulling = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
  const grants = [
    allow(pulling, arns.repository),
    registryToken,
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
  ];
  const sources = Object.values(secrets);
  const parameters = sources.flatMap((source) => ('parameter' in source ? [source.parameter] : []));
  const stored = sources.flatMap((source) => ('secret' in source ? [source.secret] : []));
  if (parameters.length > 0) grants.push(allow(['ssm:GetParameters'], parameters.map(parameterArn)));
  if (stored.length > 0) grants.push(allow(['secretsmanager:GetSecretValue'], stored.map(secretArn)));
  return grants;
}

function parameterArn(name: string): string {
  return `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:parameter${name}`;
}

/** Secrets Manager adds a hyphen and six characters to a name. */
function secretArn(secret: string): string {
  if (secret.startsWith('arn:')) return secret;
  return `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${secret}-??????`;
}
