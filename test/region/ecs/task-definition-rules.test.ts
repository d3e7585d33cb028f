import type { ContainerDefinition, RegisterTaskDefinitionRequest, Volume } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { checkTaskDefinition } from '../../../region/ecs/task-definition-rules.ts';
import { Fault } from '../../../region/service.ts';
import { REGISTRY } from './ecs-fixture.ts';

type Request = Partial<RegisterTaskDefinitionRequest>;
type Container = Partial<ContainerDefinition>;
type Case = readonly [what: string, more: Request, refusal: string | undefined];

const IMAGE = `${REGISTRY}/api:v1`;
const ROLE = 'arn:aws:iam::123456789012:role/execution';

/** What ECS says of a definition; undefined when it takes it. */
function refusalOf(more: Request): string | undefined {
  const input: RegisterTaskDefinitionRequest = {
    family: 'api',
    cpu: '1024',
    memory: '2048',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    executionRoleArn: ROLE,
    containerDefinitions: [{ name: 'app', image: IMAGE }],
    ...more,
  };
  try {
    checkTaskDefinition(input);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('ClientException');
    return (error as Fault).message;
  }
}

/** One container, or `app` and others beside it. */
const app = (container: Container, ...others: Container[]): Request => ({
  containerDefinitions: [container, ...others].map((each, index) => ({
    name: index === 0 ? 'app' : `other-${index}`,
    image: IMAGE,
    ...each,
  })),
});
const onEc2 = (more: Request): Request => ({ requiresCompatibilities: ['EC2'], ...more });
const check = (title: string, cases: readonly Case[]) =>
  describe(title, () => {
    it.each(cases)('%s', (_what, more, refusal) => expect(refusalOf(more)).toBe(refusal));
  });

const CPU_SUM = "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.";
check('sizes of containers within the task', [
  ['take all of its CPU', app({ cpu: 512 }, { cpu: 512 }), undefined],
  ['take more', app({ cpu: 512 }, { cpu: 513 }), CPU_SUM],
  ['take more on EC2', onEc2(app({ cpu: 1025 })), CPU_SUM],
  [
    'exceed its memory',
    app({ memory: 2049 }),
    "The 'memory' setting for container 'app' is greater than for the task.",
  ],
  [
    'reserve more than its memory',
    app({ memoryReservation: 2049 }),
    "The 'memoryReservation' setting for container 'app' is greater than for the task.",
  ],
  [
    'reserve more than its memory together',
    app({ memory: 2048, memoryReservation: 1024 }, { memory: 1025 }),
    "The memory reserved for all containers, 2049 MiB, is greater than the 'memory' of the task, 2048 MiB.",
  ],
  ['may burst beyond what they reserve', app({ memory: 2048, memoryReservation: 1024 }, { memory: 1024 }), undefined],
  [
    'reserve more than they may have',
    app({ memory: 256, memoryReservation: 512 }),
    "Invalid setting for container 'app'. 'memory' must be greater than or equal to 'memoryReservation'.",
  ],
  [
    'say nothing of memory, as the task does',
    onEc2({ memory: undefined, ...app({ cpu: 1 }) }),
    "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
  ],
  ['are negative', app({ cpu: -1 }), "Invalid 'cpu' setting for container 'app'. It must not be negative: -1."],
  ['are nothing', app({ memory: 0 }), "Invalid 'memory' setting for container 'app'. It must be greater than 0: 0."],
]);

const depending = (condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY', other: Container = {}): Request =>
  app({ dependsOn: [{ containerName: 'other-1', condition }] }, other);
const ESSENTIAL = 'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container';
const UNHEALTHY = 'A dependency container with HEALTHY condition must have health check configured';
check('a container that depends', [
  ['on the start of another', depending('START'), undefined],
  ['on the success of an essential one', depending('SUCCESS', { essential: true }), ESSENTIAL],
  ['on the end of one that is essential by default', depending('COMPLETE'), ESSENTIAL],
  ['on the success of another', depending('SUCCESS', { essential: false }), undefined],
  ['on the health of one without a check', depending('HEALTHY'), UNHEALTHY],
  ['on the health of one whose check is off', depending('HEALTHY', { healthCheck: { command: ['NONE'] } }), UNHEALTHY],
  ['on the health of another', depending('HEALTHY', { healthCheck: { command: ['CMD', 'true'] } }), undefined],
  [
    'on one that is not there',
    app({ dependsOn: [{ containerName: 'ghost', condition: 'START' }] }),
    "Cannot depend on container + 'ghost' because it does not exist",
  ],
  [
    'on itself',
    app({ dependsOn: [{ containerName: 'app', condition: 'START' }] }),
    'Container dependsOn contains a cycle',
  ],
  [
    'on one that depends on it',
    app(
      { dependsOn: [{ containerName: 'other-1', condition: 'START' }] },
      { dependsOn: [{ containerName: 'app', condition: 'START' }] },
    ),
    'Container dependsOn contains a cycle',
  ],
  [
    'for volumes on one that is not there',
    app({ volumesFrom: [{ sourceContainer: 'ghost' }] }),
    "Invalid 'volumesFrom' setting. Unknown container: 'ghost'",
  ],
]);

const ports = (...portMappings: NonNullable<Container['portMappings']>): Request => app({ portMappings });
const awsvpc = (what: string) => `${what} not supported on container when networkMode=awsvpc.`;
check('networking', [
  ['with a host port of its own', ports({ containerPort: 80, hostPort: 80 }), undefined],
  [
    'with another host port under awsvpc',
    ports({ containerPort: 8000, hostPort: 80 }),
    'When networkMode=awsvpc, the host ports and container ports in port mappings must match.',
  ],
  [
    'with another host port under host',
    onEc2({ networkMode: 'host', ...ports({ containerPort: 8000, hostPort: 80 }) }),
    'When networkMode=host, the host ports and container ports in port mappings must match.',
  ],
  [
    'with another host port under bridge',
    onEc2({ networkMode: 'bridge', ...ports({ containerPort: 8000, hostPort: 80 }) }),
    undefined,
  ],
  [
    'with one port in two containers',
    app({ portMappings: [{ containerPort: 80 }] }, { portMappings: [{ containerPort: 80, protocol: 'tcp' }] }),
    'container port is used multiple times in task: 80/tcp',
  ],
  ['with one port in two protocols', ports({ containerPort: 53 }, { containerPort: 53, protocol: 'udp' }), undefined],
  [
    'with ranges that overlap',
    ports({ containerPortRange: '100-200' }, { containerPort: 200 }),
    'container port is used multiple times in task: 200/tcp',
  ],
  ['with a range backwards', ports({ containerPortRange: '9-8' }), "Invalid 'containerPortRange' setting: 9-8"],
  [
    'with a range and a port',
    ports({ containerPortRange: '8-9', containerPort: 8 }),
    'cannot specify both single port and port range',
  ],
  [
    'with no port',
    ports({ hostPort: 80 }),
    "Invalid 'containerPort' setting for container 'app'. It is 1 to 65535, not undefined.",
  ],
  [
    'with a port too high',
    ports({ containerPort: 65_536 }),
    "Invalid 'containerPort' setting for container 'app'. It is 1 to 65535, not 65536.",
  ],
  [
    'with a name used twice',
    ports({ containerPort: 80, name: 'http' }, { containerPort: 81, name: 'http' }),
    'port mapping name is already used: http',
  ],
  [
    'with a name in capitals',
    ports({ containerPort: 80, name: 'HTTP' }),
    "Invalid port mapping name 'HTTP' on container 'app': lowercase letters, numbers, underscores and hyphens.",
  ],
  [
    'with a protocol of the application and no name',
    ports({ containerPort: 80, appProtocol: 'http' }),
    "Invalid port mapping on container 'app'. 'appProtocol' requires a 'name'.",
  ],
  ['with a host name', app({ hostname: 'web' }), awsvpc('hostname is')],
  ['with name servers', app({ dnsServers: ['10.0.0.2'] }), awsvpc('DNS servers are')],
  ['with search domains', app({ dnsSearchDomains: ['example.com'] }), awsvpc('DNS search domains are')],
  ['with hosts', app({ extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.1' }] }), awsvpc('Extra hosts are')],
  ['with none', app({ disableNetworking: true }), awsvpc('Disable Networking is')],
  ['with links', app({ links: ['other'] }), 'Links are not supported when networkMode=awsvpc.'],
]);

const FILES: Volume = { name: 'files', efsVolumeConfiguration: { fileSystemId: 'fs-12ab' } };
const mounting = (
  volumes: Volume[],
  sourceVolume = 'files',
  containerPath: string | undefined = '/files',
): Request => ({
  volumes,
  ...app({ mountPoints: [{ sourceVolume, containerPath }] }),
});
const efs = (more: object): Request =>
  mounting([{ name: 'files', efsVolumeConfiguration: { fileSystemId: 'fs-12ab', ...more } }]);
check('volumes', [
  ['that are mounted', mounting([FILES]), undefined],
  ['that are mounted and not there', mounting([FILES], 'nope'), "Unknown volume 'nope'."],
  ['that are mounted where none is', mounting([]), "Unknown volume 'files'."],
  [
    'that are mounted nowhere in the container',
    { volumes: [FILES], ...app({ mountPoints: [{ sourceVolume: 'files' }] }) },
    "Mount point of volume 'files' on container 'app' needs a 'containerPath'.",
  ],
  [
    'that are mounted over one another',
    {
      volumes: [FILES],
      ...app({
        mountPoints: [
          { sourceVolume: 'files', containerPath: '/a' },
          { sourceVolume: 'files', containerPath: '/a' },
        ],
      }),
    },
    "Duplicate mount point '/a' on container 'app'.",
  ],
  ['of one name', mounting([FILES, FILES]), "Duplicate volume name 'files'."],
  [
    'of no name',
    { volumes: [{}] },
    "Invalid volume name '': 1 to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens.",
  ],
  [
    'of two kinds',
    mounting([{ ...FILES, dockerVolumeConfiguration: {} }]),
    "Volume 'files' is of more than one kind: dockerVolumeConfiguration, efsVolumeConfiguration.",
  ],
  [
    'that a launch configures and nobody mounts',
    { volumes: [{ name: 'files', configuredAtLaunch: true }] },
    'Volumes [files] are not referenced by any of the containers',
  ],
  ['of a file system that is none', efs({ fileSystemId: 'files' }), "Invalid file system 'files' of volume 'files'."],
  [
    'of EFS with a port and no encryption',
    efs({ transitEncryptionPort: 2999 }),
    'TransitEncryptionPort requires that TransitEncryption is enabled',
  ],
  [
    'of EFS with IAM and no encryption',
    efs({ authorizationConfig: { iam: 'ENABLED' } }),
    'EFS IAM authorization requires TransitEncryption to be enabled',
  ],
  [
    'of EFS with an access point and a directory',
    efs({ transitEncryption: 'ENABLED', rootDirectory: '/a', authorizationConfig: { accessPointId: 'fsap-1' } }),
    'When using an EFS access point, the root directory must either be set to "/" or be omitted',
  ],
  [
    'of the host on Fargate',
    mounting([{ name: 'files', host: { sourcePath: '/srv' } }]),
    'Fargate compatible task definitions do not support sourcePath',
  ],
  [
    'of Docker on Fargate',
    mounting([{ name: 'files', dockerVolumeConfiguration: { scope: 'task' } }]),
    'Fargate compatible task definitions do not support dockerVolumeConfiguration',
  ],
  ['of the host on EC2', onEc2(mounting([{ name: 'files', host: { sourcePath: '/srv' } }])), undefined],
]);

const logging = (logDriver: string, options: Record<string, string> = {}): Request =>
  app({ logConfiguration: { logDriver: logDriver as never, options } });
const GROUP = { 'awslogs-group': '/api', 'awslogs-region': 'us-east-1' };
check('logs', [
  ['to a group', logging('awslogs', GROUP), undefined],
  ['to nowhere', logging('awslogs'), 'Log driver awslogs requires options: awslogs-region, awslogs-group'],
  [
    'to a Region',
    logging('awslogs', { 'awslogs-region': 'us-east-1' }),
    'Log driver awslogs requires options: awslogs-group',
  ],
  [
    'by another driver on Fargate',
    logging('json-file'),
    'json-file is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]',
  ],
  ['by another driver on EC2', onEc2(logging('json-file')), undefined],
  [
    'in a mode that is none',
    logging('awslogs', { ...GROUP, mode: 'nonblocking' }),
    "Invalid log option 'mode': blocking or non-blocking, not 'nonblocking'.",
  ],
  [
    'without a role for them',
    {
      executionRoleArn: undefined,
      ...app({ image: 'nginx', logConfiguration: { logDriver: 'awslogs', options: GROUP } }),
    },
    'Fargate requires task definition to have execution role ARN to support log driver awslogs.',
  ],
  [
    'through a router that is not there',
    logging('awsfirelens'),
    'When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified',
  ],
  [
    'through a router',
    app({ logConfiguration: { logDriver: 'awsfirelens' } }, { firelensConfiguration: { type: 'fluentbit' } }),
    undefined,
  ],
  [
    'through a router that reads S3',
    app({ firelensConfiguration: { type: 'fluentbit', options: { 'config-file-type': 's3' } } }),
    "Fargate launch type does not support FirelensConfiguration config file from 's3'",
  ],
]);

const image = (reference: string, more: Container = {}): Request => app({ image: reference, ...more });
const DIGEST = `sha256:${'a'.repeat(64)}`;
const REPOSITORY = 'Container.image repository contains invalid characters.';
const credentials = { credentialsParameter: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ghcr-AbCdEf' };
check('an image', [
  ['by name', image('nginx'), undefined],
  ['by tag', image('ghcr.io/team/api:1.2_3'), undefined],
  ['behind a port', image('localhost:5000/api:v1'), undefined],
  ['by digest', image(`${REGISTRY}/api@${DIGEST}`), undefined],
  ['with a space', image('api: v1'), 'Container.image contains invalid characters.'],
  ['with a placeholder', image('<IMAGE>'), 'Container.image contains invalid characters.'],
  ['in capitals', image('Team/Api:v1'), REPOSITORY],
  ['without a repository', image(':v1'), REPOSITORY],
  ['with an empty path', image('ghcr.io//api'), REPOSITORY],
  ['with an empty tag', image('api:'), 'Container.image tag contains invalid characters.'],
  [
    'with a digest that is none',
    image('api@sha256:v1'),
    "Container.image digest of container 'app' is not sha256: and 64 hexadecimal digits.",
  ],
  [
    'of ECR with private credentials',
    image(IMAGE, { repositoryCredentials: credentials }),
    'Private repository credentials are not a supported authentication method for ECR repositories.',
  ],
  [
    'of another registry with private credentials',
    image('ghcr.io/a/b', { repositoryCredentials: credentials }),
    undefined,
  ],
  [
    'of another registry with private credentials, and no role to read them',
    { executionRoleArn: undefined, ...image('ghcr.io/a/b', { repositoryCredentials: credentials }) },
    'Fargate requires task definition to have execution role ARN to support private repository credentials.',
  ],
]);

const range = (what: string) => `Invalid 'healthCheck' setting for container 'app'. ${what}`;
const healthy = (more: object): Request => app({ healthCheck: { command: ['CMD-SHELL', 'true'], ...more } });
const SECRET = { name: 'KEY', valueFrom: '/team/key' };
const file = (value: string): Request => app({ environmentFiles: [{ type: 's3', value }] });
check('a container', [
  [
    'that is checked in the widest ranges',
    healthy({ interval: 300, timeout: 60, retries: 10, startPeriod: 300 }),
    undefined,
  ],
  ['that is checked with a command alone', healthy({ command: ['/healthcheck'] }), undefined],
  ['that is checked too often', healthy({ interval: 4 }), range('interval is 5 to 300, not 4.')],
  ['that is checked too long', healthy({ timeout: 61 }), range('timeout is 2 to 60, not 61.')],
  ['that is tried too often', healthy({ retries: 11 }), range('retries is 1 to 10, not 11.')],
  ['that has too long to start', healthy({ startPeriod: 301 }), range('startPeriod is 0 to 300, not 301.')],
  [
    'that is checked with nothing',
    healthy({ command: ['CMD'] }),
    range('The command is CMD or CMD-SHELL and what to run, or NONE alone.'),
  ],
  [
    'with a variable that is also a secret',
    app({ environment: [{ name: 'KEY', value: 'x' }], secrets: [SECRET] }),
    "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'KEY'.",
  ],
  [
    'with one variable twice',
    app({
      environment: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
    undefined,
  ],
  [
    'with a variable without a name',
    app({ environment: [{ value: 'x' }] }),
    "Invalid 'environment' setting for container 'app'. Every variable needs a name.",
  ],
  [
    'with secrets and no role, on EC2 too',
    onEc2({ executionRoleArn: undefined, ...app({ secrets: [SECRET] }) }),
    "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
  ],
  ['with an environment file', file('arn:aws:s3:::bucket/app.env'), undefined],
  [
    'with an environment file by its address',
    file('s3://bucket/app.env'),
    "Invalid arn syntax: environment file 's3://bucket/app.env' of container 'app'.",
  ],
  [
    'with an environment file of another name',
    file('arn:aws:s3:::bucket/app.txt'),
    "Environment file 'arn:aws:s3:::bucket/app.txt' of container 'app' must end in .env.",
  ],
  [
    'with a soft limit above the hard one',
    app({ ulimits: [{ name: 'nofile', softLimit: 2, hardLimit: 1 }] }),
    "Invalid ulimit 'nofile' on container 'app'. The soft limit, 2, exceeds the hard one, 1.",
  ],
  ['that is stopped for two minutes', app({ stopTimeout: 120 }), undefined],
  [
    'that is stopped for longer',
    app({ stopTimeout: 121 }),
    'Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.',
  ],
  ['that is stopped for longer on EC2', onEc2(app({ stopTimeout: 121 })), undefined],
  [
    'that is stopped at once',
    app({ stopTimeout: 1 }),
    "Granular stop timeout on container 'app' must be at least 2 seconds.",
  ],
  ['with a name of two words', app({ name: 'my app' }), 'Container.name contains invalid characters.'],
  ['with the name of another', app({ name: 'other-1' }, {}), 'Duplicate container name.'],
]);

const unsupported = (what: string) => `Fargate compatible task definitions do not support ${what}`;
check('Fargate', [
  ['with a privileged container', app({ privileged: true }), unsupported('privileged')],
  ['with a GPU', app({ resourceRequirements: [{ type: 'GPU', value: '1' }] }), unsupported('gpu')],
  ['with devices', app({ linuxParameters: { devices: [{ hostPath: '/dev/a' }] } }), unsupported('devices')],
  ['with swap', app({ linuxParameters: { maxSwap: 0 } }), unsupported('maxSwap')],
  ['with shared memory', app({ linuxParameters: { sharedMemorySize: 64 } }), unsupported('sharedMemorySize')],
  ['with a tracer', app({ linuxParameters: { capabilities: { add: ['SYS_PTRACE'] } } }), undefined],
  [
    'with another capability',
    app({ linuxParameters: { capabilities: { add: ['NET_ADMIN'] } } }),
    unsupported('adding capability NET_ADMIN.'),
  ],
  ['with what EC2 has', onEc2(app({ privileged: true, linuxParameters: { maxSwap: 0 } })), undefined],
  ['with shared IPC', { ipcMode: 'task' }, unsupported('ipcMode')],
  [
    'with the processes of the host',
    { pidMode: 'host' },
    "Tasks using the Fargate launch type do not support pidMode 'host'.",
  ],
  ['with placement', { placementConstraints: [{ type: 'memberOf', expression: 'a' }] }, unsupported('constraints')],
  [
    'with Windows on half a vCPU',
    { cpu: '512', memory: '1024', runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
    'No Fargate configuration exists for given values.',
  ],
  ['with ARM', { runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'ARM64' } }, undefined],
  [
    'with Windows on ARM',
    { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE', cpuArchitecture: 'ARM64' } },
    'Fargate does not support cpuArchitecture ARM64 with WINDOWS_SERVER_2022_CORE.',
  ],
]);
