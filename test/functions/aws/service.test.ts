import {
  ClusterNotFoundException,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ecs as client } from '../../../functions/aws/clients.ts';
import { observe } from '../../../functions/steps/observe.ts';
import { describeService, describeTasks } from '../../../functions/aws/service.ts';
import { digest, deployment, MINUTE, NOW, revision, watch } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';
import { arnElsewhere } from '../../elsewhere.ts';

const NAME = { cluster: 'default', serviceName: 'web' };
const ecs = mockClient(ECSClient);
useEnvironment();
afterAll(() => ecs.restore());
beforeEach(() => ecs.reset());

describe('a service', () => {
  it('is described in ECS words, with defaults only where ECS documents them', async () => {
    const primary = {
      id: deployment(2),
      status: 'PRIMARY',
      taskDefinition: revision(2),
      desiredCount: 2,
      runningCount: 1,
      pendingCount: 1,
      failedTasks: 1,
      createdAt: new Date(NOW),
      rolloutState: 'IN_PROGRESS' as const,
    };
    const service = { status: 'ACTIVE', desiredCount: 2, runningCount: 1, pendingCount: 1, deployments: [primary] };
    const events = Array.from({ length: 100 }, (_, index) => ({ createdAt: new Date(NOW), message: `event ${index}` }));
    ecs
      .on(DescribeServicesCommand, { cluster: 'default', services: ['web'] })
      .resolves({ services: [{ ...service, events }] });
    expect(await describeService(client, NAME)).toEqual({
      ...service,
      deployments: [{ ...primary, createdAt: NOW }],
      deploymentController: 'ECS',
      strategy: 'ROLLING',
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      breakerRollsBack: false,
      hasTargets: false,
      events: events.slice(0, 20).map(({ message }) => ({ at: NOW, message })),
    });
  });

  it.each([
    ['service/web', true],
    ['service/default/web', false],
  ])('has a short ARN when it is %s: %s', async (resource, isShort) => {
    const serviceArn = arnElsewhere('ecs', resource);
    ecs.on(DescribeServicesCommand).resolves({ services: [{ serviceArn }] });
    expect((await describeService(client, NAME))?.shortArn).toBe(isShort ? serviceArn : undefined);
  });

  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])(
    'knows whether its circuit breaker (enable %s, rollback %s) takes a deployment back',
    async (enable, rollback, does) => {
      const deploymentConfiguration = { deploymentCircuitBreaker: { enable, rollback } };
      ecs.on(DescribeServicesCommand).resolves({ services: [{ deploymentConfiguration }] });
      expect(await describeService(client, NAME)).toMatchObject({ breakerRollsBack: does });
    },
  );

  it.each([
    [undefined, undefined],
    [{ enable: false, healthyPercent: 50, sourceServiceRevisionCleanup: 'DEFERRED' } as const, undefined],
    [
      { enable: true, healthyPercent: 50, sourceServiceRevisionCleanup: 'DEFERRED' } as const,
      { healthyPercent: 50, isDeferred: true },
    ],
    [
      { enable: true, healthyPercent: 90, sourceServiceRevisionCleanup: 'BLOCKING' } as const,
      { healthyPercent: 90, isDeferred: false },
    ],
    [{ enable: true }, { healthyPercent: 100, isDeferred: false }],
  ])('reads early success criteria %j as %j', async (earlySuccessCriteria, earlySuccess) => {
    ecs.on(DescribeServicesCommand).resolves({ services: [{ deploymentConfiguration: { earlySuccessCriteria } }] });
    expect((await describeService(client, NAME))?.earlySuccess).toEqual(earlySuccess);
  });

  it('keeps a count that ECS did not tell apart from zero', async () => {
    ecs.on(DescribeServicesCommand).resolves({ services: [{ deployments: [{}] }] });
    const described = await describeService(client, NAME);
    expect(described).toMatchObject({ status: 'UNKNOWN', desiredCount: Number.NaN, runningCount: Number.NaN });
    expect(described?.deployments[0]).toMatchObject({ status: 'UNKNOWN', runningCount: Number.NaN });
    expect(described?.deployments[0]?.rolloutState).toBeUndefined();
  });

  it('tells controller and strategy as ECS says them, those of the future too', async () => {
    const service = {
      deploymentController: { type: 'OF_THE_FUTURE' as 'ECS' },
      deploymentConfiguration: { strategy: 'BLUE_GREEN' as const, minimumHealthyPercent: 50, maximumPercent: 150 },
    };
    ecs.on(DescribeServicesCommand).resolves({ services: [service] });
    expect(await describeService(client, NAME)).toMatchObject({
      deploymentController: 'OF_THE_FUTURE',
      strategy: 'BLUE_GREEN',
      minimumHealthyPercent: 50,
      maximumPercent: 150,
    });
  });

  it('is absent when ECS has none of that name, or no such cluster', async () => {
    ecs.on(DescribeServicesCommand).resolves({ services: [], failures: [{ reason: 'MISSING' }] });
    expect(await describeService(client, NAME)).toBeUndefined();
    ecs.on(DescribeServicesCommand).rejects(new ClusterNotFoundException({ message: 'x', $metadata: {} }));
    expect(await describeService(client, NAME)).toBeUndefined();
  });

  it('is not taken for absent when ECS cannot say', async () => {
    ecs.on(DescribeServicesCommand).rejects(new Error('socket hang up'));
    await expect(describeService(client, NAME)).rejects.toThrow('socket hang up');
  });
});

describe('the tasks of a service', () => {
  const arns = Array.from({ length: 205 }, (_, index) => arnElsewhere('ecs', `task/default/${index}`));

  it('are all described, page by page and a hundred at a time', async () => {
    ecs
      .on(ListTasksCommand, { ...NAME, desiredStatus: 'RUNNING', nextToken: undefined })
      .resolves({ taskArns: arns.slice(0, 100), nextToken: 'p2' })
      .on(ListTasksCommand, { ...NAME, desiredStatus: 'RUNNING', nextToken: 'p2' })
      .resolves({ taskArns: arns.slice(100, 200), nextToken: 'p3' })
      .on(ListTasksCommand, { ...NAME, desiredStatus: 'RUNNING', nextToken: 'p3' })
      .resolves({ taskArns: arns.slice(200) });
    ecs.on(DescribeTasksCommand).callsFake(({ tasks }: { tasks: string[] }) => ({
      tasks: tasks.map((taskArn) => ({ taskArn })),
    }));
    const tasks = await describeTasks(client, NAME, 'RUNNING');
    expect(tasks.map(({ taskArn }) => taskArn)).toEqual(arns);
    expect(ecs.commandCalls(DescribeTasksCommand).map(({ args }) => args[0].input.tasks?.length)).toEqual([
      100, 100, 5,
    ]);
  });

  it('are described side by side, a thousand at once and no more, in the order in which they were listed', async () => {
    const many = Array.from({ length: 2100 }, (_, index) => arnElsewhere('ecs', `task/default/${index}`));
    ecs.on(ListTasksCommand).resolves({ taskArns: many });
    let [underWay, most] = [0, 0];
    ecs.on(DescribeTasksCommand).callsFake(async ({ tasks }: { tasks: string[] }) => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
      return { tasks: tasks.map((taskArn) => ({ taskArn })) };
    });
    expect((await describeTasks(client, NAME, 'RUNNING')).map(({ taskArn }) => taskArn)).toEqual(many);
    expect(most).toBe(10);
  });

  it('cost no second call when there are none', async () => {
    ecs.on(ListTasksCommand).resolves({ taskArns: [] });
    expect(await describeTasks(client, NAME, 'STOPPED')).toEqual([]);
    expect(ecs.commandCalls(DescribeTasksCommand)).toHaveLength(0);
  });

  it('are not listed for ever when ECS never stops giving pages', async () => {
    ecs.on(ListTasksCommand).resolves({ taskArns: [], nextToken: 'again' });
    await expect(describeTasks(client, NAME, 'RUNNING')).rejects.toThrow(
      'ECS lists 50 pages with 0 tasks of web, and there are more: a service has at most 5,000, and no more are read. Ask for fewer tasks, or stop those of its family that nobody needs.',
    );
  });

  it('are read with what a verdict needs, and no environment override', async () => {
    const task = {
      taskArn: arns[0]!,
      taskDefinitionArn: revision(2),
      startedBy: deployment(2),
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      healthStatus: 'UNKNOWN' as const,
      stopCode: 'EssentialContainerExited' as const,
      stoppedReason: 'Essential container in task exited',
      stoppedAt: new Date(NOW),
      overrides: { containerOverrides: [{ environment: [{ name: 'KEY', value: 'canary' }] }] },
      containers: [{ name: 'app', lastStatus: 'STOPPED', imageDigest: digest('b'), exitCode: 0, reason: 'why' }],
    };
    ecs
      .on(ListTasksCommand)
      .resolves({ taskArns: [arns[0]!] })
      .on(DescribeTasksCommand)
      .resolves({ tasks: [task] });
    const [read] = await describeTasks(client, NAME, 'STOPPED');
    const { overrides: _overrides, taskDefinitionArn: taskDefinition, stoppedAt: _at, ...kept } = task;
    expect(read).toEqual({ ...kept, taskDefinition, stoppedAt: NOW });
    expect(JSON.stringify(read)).not.toContain('canary');
  });

  it('are dated by the beginning of their stop while it goes on', async () => {
    ecs.on(ListTasksCommand).resolves({ taskArns: [arns[0]!] });
    ecs.on(DescribeTasksCommand).resolves({ tasks: [{ stoppingAt: new Date(NOW) }] });
    expect((await describeTasks(client, NAME, 'STOPPED'))[0]).toMatchObject({ stoppedAt: NOW, lastStatus: 'UNKNOWN' });
  });
});

describe('observing', () => {
  const completed = { id: deployment(2), status: 'PRIMARY', rolloutState: 'COMPLETED' as const, failedTasks: 0 };
  const onService = (deployments: object[]): void => {
    ecs.on(DescribeServicesCommand).resolves({ services: [{ status: 'ACTIVE', deployments }] });
    ecs.on(ListTasksCommand).resolves({ taskArns: [] });
  };
  const listed = (): unknown[] => ecs.commandCalls(ListTasksCommand).map(({ args }) => args[0].input.desiredStatus);

  it('asks for no tasks that cannot change the verdict', async () => {
    onService([completed]);
    await observe(client, watch());
    expect(listed()).toEqual(['RUNNING']);
  });

  it('asks for the stopped ones, too, when fewer tasks run than a COMPLETED deployment claims', async () => {
    ecs
      .on(DescribeServicesCommand)
      .resolves({ services: [{ status: 'ACTIVE', desiredCount: 1, deployments: [completed] }] });
    ecs.on(ListTasksCommand).resolves({ taskArns: [] });
    await observe(client, watch());
    expect(listed()).toEqual(['RUNNING', 'STOPPED']);
  });

  it('asks for running and stopped tasks during a bake', async () => {
    onService([completed]);
    await observe(client, watch({ kind: 'bake', until: NOW + MINUTE }));
    expect(listed()).toEqual(['RUNNING', 'STOPPED']);
  });

  it('asks for nothing more when there is no service', async () => {
    ecs.on(DescribeServicesCommand).resolves({ services: [] });
    expect(await observe(client, watch())).toEqual({});
    expect(listed()).toEqual([]);
  });
});
