import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TaskFacts } from '../../../functions/rollout/service-facts.ts';
import { classifyStop, type StopBlame } from '../../../functions/rollout/stopped-task.ts';
import { crashed, digest } from './given.ts';

const stopped = (stopCode: string, stoppedReason: string, container: object = {}): TaskFacts =>
  crashed('x', { stopCode, stoppedReason, containers: [{ name: 'app', ...container }] });

describe('a task that failed to start', () => {
  it.each<[string, StopBlame, string]>([
    [
      'CannotPullContainerError: failed to resolve ref team/web@sha256:00: not found',
      'deterministic',
      'ImageCannotBePulled',
    ],
    [
      "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64'",
      'deterministic',
      'WrongPlatform',
    ],
    ['CannotPullContainerError: failed to pull: net/http: request canceled', 'capacity', 'NetworkTrouble'],
    ['CannotPullContainerError: toomanyrequests: You have reached your pull rate limit', 'capacity', 'ServiceTrouble'],
    [
      'CannotPullContainerError: httpReaderSeeker: failed open: unexpected status code https://r/v2/: 500 Oops',
      'capacity',
      'ServiceTrouble',
    ],
    [
      'CannotPullContainerError: httpReaderSeeker: failed open: unexpected status code https://r/v2/: 403 Forbidden',
      'deterministic',
      'PullDenied',
    ],
    [
      'CannotPullContainerError: pull access denied, repository does not exist or may require authorization',
      'deterministic',
      'PullDenied',
    ],
    ['CannotPullContainerError: Get https://r/v2/x: no basic auth credentials', 'deterministic', 'PullDenied'],
    [
      'CannotPullContainerError: failed to do request: Head "https://r/v2/x": dial tcp: lookup r on 10.0.0.2:53: no such host',
      'capacity',
      'NetworkTrouble',
    ],
    [
      'CannotPullContainerError: failed to do request: dial tcp: lookup r on 10.0.0.2:53: server misbehaving',
      'capacity',
      'NetworkTrouble',
    ],
    [
      'CannotPullContainerError: failed to do request: dial tcp 10.0.0.1:443: connect: no route to host',
      'capacity',
      'NetworkTrouble',
    ],
    [
      'CannotPullContainerError: API error (500): manifest for r/sidecar:502 not found: manifest unknown',
      'deterministic',
      'ImageCannotBePulled',
    ],
    [
      'CannotPullContainerError: unexpected status code https://r/v2/x/manifests/503: 404 Not Found',
      'deterministic',
      'ImageCannotBePulled',
    ],
    [
      'CannotStartContainerError: API error (500): oci runtime error: exec: "./app": permission denied',
      'deterministic',
      'ContainerCannotStart',
    ],
    [
      'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: OCI runtime create failed: exec: "/app/run.sh": stat /app/run.sh: no such file or directory',
      'deterministic',
      'ContainerCannotStart',
    ],
    [
      'ResourceInitializationError: failed to create new container runtime task: OCI runtime create failed: errno 524',
      'crash',
      'ContainerCannotStart',
    ],
    [
      'ResourceInitializationError: failed to invoke EFS utils commands: mount.nfs4: mounting fs-1:/data failed, reason given by server: No such file or directory',
      'crash',
      'ResourceInitialization',
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: dial tcp 10.0.0.1:443: i/o timeout',
      'capacity',
      'NetworkTrouble',
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: ResourceNotFoundException: no such secret',
      'deterministic',
      'SecretUnavailable',
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: secret did not contain json key KEY',
      'deterministic',
      'SecretUnavailable',
    ],
    [
      'ResourceInitializationError: failed to validate logger args: ResourceNotFoundException: The specified log group does not exist.',
      'deterministic',
      'RoleOrLogGroupDenied',
    ],
    [
      'ResourceInitializationError: ECS was unable to assume the role arn:aws:iam::123456789012:role/task',
      'deterministic',
      'RoleOrLogGroupDenied',
    ],
    [
      'ResourceInitializationError: failed to invoke EFS utils commands: mount.nfs4: Connection timed out',
      'capacity',
      'NetworkTrouble',
    ],
    ['ResourceInitializationError: something that AWS will say in 2030', 'crash', 'ResourceInitialization'],
    ['CannotPullContainerError: something that AWS will say in 2030', 'crash', 'ImageCannotBePulled'],
    ['CannotStartContainerError: something that AWS will say in 2030', 'crash', 'ContainerCannotStart'],
    [
      'CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code https://r/x: 500 Internal Server Error',
      'capacity',
      'ServiceTrouble',
    ],
    [
      'CannotPullContainerError: httpReadSeeker: failed open: unexpected status code https://r/x: 418 teapot',
      'capacity',
      'RegistryTrouble',
    ],
    [
      'CannotPullContainerError: httpReadSeeker: failed open: unexpected status code https://r/x: 404 Not Found',
      'deterministic',
      'ImageCannotBePulled',
    ],
    [
      'CannotPullContainerError: failed to do request: Get "https://s3/x": net/http: TLS handshake timeout',
      'capacity',
      'NetworkTrouble',
    ],
    ['CannotPullContainerError: failed to copy: read body: unexpected EOF', 'capacity', 'NetworkTrouble'],
    [
      'CannotPullContainerError: pull access denied: your authorization token has expired. Reauthenticate and try again.',
      'capacity',
      'ServiceTrouble',
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: ExpiredTokenException: The security token included in the request is expired',
      'capacity',
      'ServiceTrouble',
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: ThrottlingException: Rate exceeded',
      'capacity',
      'ServiceTrouble',
    ],
    [
      'CannotStartContainerError: exec: "serve": executable file not found in $PATH',
      'deterministic',
      'ContainerCannotStart',
    ],
    ['exec /usr/bin/serve: exec format error', 'deterministic', 'WrongPlatform'],
    ['Unexpected EC2 error while attempting to Create Network Interface', 'capacity', 'NetworkInterface'],
    ['Timeout waiting for network interface provisioning to complete.', 'capacity', 'NetworkInterface'],
    ['Capacity is unavailable at this time. Please try again later.', 'capacity', 'Capacity'],
    ["You've reached the limit on the number of vCPUs you can run concurrently", 'capacity', 'Capacity'],
    ['InternalError: unable to create container with runtime: context deadline exceeded', 'capacity', 'NetworkTrouble'],
    ['CannotPullContainerError: write tcp 10.0.0.7:443: write: broken pipe', 'capacity', 'NetworkTrouble'],
    ['CannotPullContainerError: unexpected HTTP status: 503 Slow Down', 'capacity', 'ServiceTrouble'],
    ['CannotPullContainerError: SlowDown: Please reduce your request rate.', 'capacity', 'ServiceTrouble'],
    ['CannotPullECRContainerError: RequestLimitExceeded: Request limit exceeded.', 'capacity', 'ServiceTrouble'],
    ...[500, 502, 503, 504].map((status): [string, StopBlame, string] => [
      `CannotPullContainerError: unexpected status code https://r/x: ${status} Trouble`,
      'capacity',
      'ServiceTrouble',
    ]),
    [
      'CannotPullContainerError: failed to extract layer: no space left on device',
      'deterministic',
      'ImageCannotBePulled',
    ],
    ['CannotPullContainerError: failed to unpack: image config is missing', 'deterministic', 'ImageCannotBePulled'],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: invalid parameters: /app/key',
      'deterministic',
      'SecretUnavailable',
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: ParameterNotFound: /app/key',
      'deterministic',
      'SecretUnavailable',
    ],
    ['CannotStartContainerError: exec: "/app": permission denied', 'deterministic', 'ContainerCannotStart'],
    ['The subnet has insufficient free addresses to satisfy the request.', 'capacity', 'NetworkInterface'],
    ['CannotCreateContainerError: something that AWS will say in 2030', 'crash', 'ContainerCannotStart'],
    ['ResourceInitializationError: the log group /ecs/web does not exist', 'deterministic', 'RoleOrLogGroupDenied'],
    ['Something that AWS will say in 2030', 'capacity', 'TaskFailedToStart'],
  ])('for %j is %s: %s', (stoppedReason, blame, reason) => {
    expect(classifyStop(stopped('TaskFailedToStart', stoppedReason))).toMatchObject({ blame, reason });
  });

  it('leaves room for the permission that is missing', () => {
    const { message } = classifyStop(
      stopped(
        'TaskFailedToStart',
        'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): operation error SSM: GetParameters, https response error StatusCode: 400, RequestID: 977be7e5-ee76-4154-9aac-76f2f0dfdb2f, api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/api/40b68e22e5b66aeef0f91b619e15fcd5 is not authorized to perform: ssm:GetParameters',
      ),
    );
    expect(message).toBe(
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: operation error SSM: GetParameters, api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/api/40b68e22e5b66aeef0f91b619e15fcd5 is not authorized to perform: ssm:GetParameters',
    );
  });

  it("is read by its container's reason where the task's says nothing", () => {
    const stop = stopped('TaskFailedToStart', 'Task failed to start', {
      reason: 'CannotPullContainerError: repository does not exist',
    });
    expect(classifyStop(stop)).toMatchObject({
      blame: 'deterministic',
      reason: 'ImageCannotBePulled',
      message: 'Task failed to start; container app: CannotPullContainerError: repository does not exist',
    });
  });

  it.each<[string, string, string]>([
    ['public.ecr.aws/x/agent:7', 'failed to resolve ref public.ecr.aws/x/agent:7: not found', 'SidecarCannotBePulled'],
    ['nginx', 'failed to resolve ref docker.io/library/nginx:latest: not found', 'SidecarCannotBePulled'],
    ['r/agent:7', 'failed to resolve ref "r/agent:70": not found', 'ImageCannotBePulled'],
    ['r/agent:7', `failed to resolve ref r/team/web@${digest('b')}: not found`, 'ImageCannotBePulled'],
    ['r/agent:7', 'unexpected status code https://r/v2/: 403 Forbidden', 'PullDenied'],
    ['r/agent:7', 'failed to resolve ref r/agent:7: 403 Forbidden', 'PullDenied'],
  ])('is told from one whose sidecar %s could not be pulled: %s', (image, told, reason) => {
    const containers = [
      { name: 'app', image: `r/team/web@${digest('b')}` },
      { name: 'agent', image },
    ];
    const stop = { ...stopped('TaskFailedToStart', `CannotPullContainerError: ${told}`), containers };
    expect(classifyStop(stop, ['app'])).toMatchObject({ blame: 'deterministic', reason });
    const anyone = reason === 'PullDenied' ? reason : 'ImageCannotBePulled';
    expect(classifyStop(stop, ['app', 'agent']).reason).toBe(anyone);
  });
});

describe('what is said of a stop', () => {
  it.each<[string, TaskFacts, string]>([
    [
      'tells no code of a container that was told to stop and did',
      stopped('ServiceSchedulerInitiated', 'Task failed container health checks', { exitCode: 0 }),
      'Task failed container health checks',
    ],
    [
      'tells no codes where the stop is ordinary',
      stopped('ServiceSchedulerInitiated', 'Scaling activity initiated', { exitCode: 1 }),
      'Scaling activity initiated',
    ],
    [
      'repeats no reason that the task has given already',
      stopped('TaskFailedToStart', 'CannotPullContainerError: not found', {
        reason: 'CannotPullContainerError: not found',
      }),
      'CannotPullContainerError: not found',
    ],
  ])('%s', (_case, stop, message) => {
    expect(classifyStop(stop).message).toBe(message);
  });
});

describe('a task that ran', () => {
  it.each<[string, TaskFacts, StopBlame, string]>([
    [
      'exited',
      stopped('EssentialContainerExited', 'Essential container in task exited', { exitCode: 1 }),
      'crash',
      'EssentialContainerExited',
    ],
    [
      'exited with code 0, which a service must not',
      stopped('EssentialContainerExited', 'Essential container in task exited', { exitCode: 0 }),
      'crash',
      'EssentialContainerExited',
    ],
    [
      'ran out of memory, with any exit code',
      stopped('EssentialContainerExited', 'Essential container in task exited', {
        exitCode: 1,
        reason: 'OutOfMemoryError: Container killed due to memory usage',
      }),
      'crash',
      'OutOfMemory',
    ],
    [
      'failed its health check',
      stopped('ServiceSchedulerInitiated', 'Task failed container health checks'),
      'crash',
      'FailedHealthChecks',
    ],
    [
      "failed the load balancer's health check",
      stopped('ServiceSchedulerInitiated', 'Task failed ELB health checks in (target-group arn)', { exitCode: 143 }),
      'crash',
      'FailedHealthChecks',
    ],
    [
      'was scaled in',
      stopped('ServiceSchedulerInitiated', 'Scaling activity initiated by (deployment ecs-svc/1)', { exitCode: 137 }),
      'ordinary',
      'ServiceSchedulerInitiated',
    ],
    [
      'was scaled in while a sidecar was out of memory',
      stopped('ServiceSchedulerInitiated', 'Scaling activity initiated by (deployment ecs-svc/1)', {
        reason: 'OutOfMemoryError: Container killed',
      }),
      'ordinary',
      'ServiceSchedulerInitiated',
    ],
    [
      'was stopped by a person',
      stopped('UserInitiated', 'Task stopped by user', { exitCode: 143 }),
      'ordinary',
      'UserInitiated',
    ],
    [
      'was interrupted on Spot',
      stopped('SpotInterruption', 'Your Spot Task was interrupted.'),
      'ordinary',
      'SpotInterruption',
    ],
    [
      'was interrupted on Spot long after a sidecar was out of memory',
      stopped('SpotInterruption', 'Your Spot Task was interrupted.', {
        reason: 'OutOfMemoryError: Container killed due to memory usage',
      }),
      'ordinary',
      'SpotInterruption',
    ],
    [
      'was on a host that AWS maintains, long after a sidecar was out of memory',
      stopped(
        'InfrastructureHealth',
        'ECS is performing maintenance on the underlying infrastructure hosting the task',
        {
          reason: 'OutOfMemoryError: Container killed due to memory usage',
        },
      ),
      'ordinary',
      'InfrastructureHealth',
    ],
    ['was retired by AWS', stopped('TerminationNotice', 'Task retirement'), 'ordinary', 'TerminationNotice'],
    [
      'lost the platform under it, whatever that says',
      stopped('InfrastructureHealth', 'OutOfMemory; failed container health checks; CannotPull'),
      'ordinary',
      'InfrastructureHealth',
    ],
    ['stopped for a code of the future', stopped('MovedToTheMoon', 'Gone'), 'ordinary', 'MovedToTheMoon'],
  ])('and %s', (_case, stop, blame, reason) => {
    expect(classifyStop(stop)).toMatchObject({ blame, reason });
  });

  it.each([
    ['code 0, which a service must not', [{ name: 'app', exitCode: 0 }], 'container app exited with code 0'],
    [
      'code 0, beside one that was then told to stop',
      [
        { name: 'proxy', exitCode: 143 },
        { name: 'app', exitCode: 0 },
      ],
      'container app exited with code 0',
    ],
    [
      'code 3, beside one that was then killed',
      [
        { name: 'app', exitCode: 3 },
        { name: 'proxy', exitCode: 137 },
      ],
      'container app exited with code 3',
    ],
    ['SIGTERM, and nobody else did', [{ name: 'app', exitCode: 143 }], 'container app exited with code 143'],
  ])('tells who ended with %s', (_case, containers, told) => {
    expect(classifyStop(crashed('x', { containers })).message).toBe(`Essential container in task exited; ${told}`);
  });

  it('tells which container exited, with its code and reason, on one line', () => {
    const stop = crashed('x', {
      stoppedReason: 'Essential container\nin task exited',
      containers: [
        { name: 'proxy', exitCode: 0 },
        { name: 'app', exitCode: 137, reason: 'OutOfMemoryError' },
      ],
    });
    expect(classifyStop(stop).message).toBe(
      'Essential container in task exited; container app exited with code 137 (OutOfMemoryError)',
    );
  });
});

/** How the collector's categories read here; a cut-off text that does not show its cause is not listed. */
const BLAME_OF: Readonly<Record<string, StopBlame>> = {
  'digest-gone': 'deterministic',
  'rate-limit-or-registry': 'capacity',
  'not-found': 'deterministic',
  'attestation-pulled-as-image': 'deterministic',
  'wrong-platform': 'deterministic',
  'secret-not-json': 'deterministic',
  'secret-missing': 'deterministic',
  'secret-key-missing': 'deterministic',
  logger: 'deterministic',
  'no-route': 'capacity',
  'container-exit': 'crash',
  spot: 'ordinary',
  'see-container-reason': 'capacity',
};
const CUT_OFF = 'asm fetching secret from the service for ...';

it.skipIf(!process.env['CAPTURES'])('every recorded stop is blamed as its collector read it', () => {
  const file = join(process.env['CAPTURES']!, 'ecs-events/stopped-reasons-a.json');
  const { reasons } = JSON.parse(readFileSync(file, 'utf8')) as {
    reasons: { stopCode: string | null; stoppedReason: string; category: string }[];
  };
  const shown = reasons.filter(({ stoppedReason }) => !stoppedReason.endsWith(CUT_OFF));
  const blamed = shown.map(({ stopCode, stoppedReason, category }) => {
    const { blame } = classifyStop(stopped(stopCode ?? 'TaskFailedToStart', stoppedReason));
    return { category, stoppedReason, blame };
  });
  expect(blamed).toEqual(
    shown.map(({ category, stoppedReason }) => ({ category, stoppedReason, blame: BLAME_OF[category] })),
  );
  expect(blamed.length).toBeGreaterThan(10);
});

describe.skipIf(!process.env['CAPTURES'])('recorded task events', () => {
  it.each<[string, StopBlame]>([
    ['task-stopped-main-exit-1.json', 'crash'],
    ['task-stopped-sidecar-exit-1.json', 'crash'],
    ['task-stopped-oom-multi-container.json', 'crash'],
    ['task-stopped-scaling-activity.json', 'ordinary'],
    ['task-stopped-secret-json-key-missing.json', 'deterministic'],
  ])('%s is blamed as %s', (file, blame) => {
    const { detail } = JSON.parse(readFileSync(join(process.env['CAPTURES']!, 'ecs-events', file), 'utf8')) as {
      detail: Partial<TaskFacts>;
    };
    const { stopCode, stoppedReason, containers } = detail;
    expect(
      classifyStop(crashed('x', { stopCode: stopCode!, stoppedReason: stoppedReason!, containers: containers! })).blame,
    ).toBe(blame);
  });
});
