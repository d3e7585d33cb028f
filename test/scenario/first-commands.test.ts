import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricStatisticsCommand,
  ListDashboardsCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient, GetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTaskDefinitionFamiliesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListSubscriptionsByTopicCommand, ListTopicsCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetParameterHistoryCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../rehearsal/world.ts';
import { rollAnImage, shareWorld } from './setting.ts';

/** What a stranger types first after a deploy, as their SDK sends it: nothing of it changes anything but the subscription. */
let world: World;
let configuration: {
  region: string;
  endpoint: string;
  maxAttempts: number;
  credentials: { accessKeyId: string; secretAccessKey: string };
};
const stop = new AbortController();
let paced: Promise<void>;

shareWorld((opened) => (world = opened));

beforeAll(async () => {
  await rollAnImage(world);
  configuration = {
    region: world.region.region,
    endpoint: `http://127.0.0.1:${await world.region.listen(0)}`,
    maxAttempts: 1,
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'x' },
  };
  paced = world.region.runPaced(50, stop.signal);
});

afterAll(async () => {
  stop.abort();
  await paced;
});

describe('after a deploy', () => {
  it('the service, its tasks and their definitions', async () => {
    const ecs = new ECSClient(configuration);
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['api'] }));
    expect(services).toMatchObject([{ serviceName: 'api', status: 'ACTIVE' }]);
    const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'api' }));
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: 'prod', tasks: taskArns }));
    expect(tasks).toHaveLength(services![0]!.desiredCount!);
    const { families } = await ecs.send(new ListTaskDefinitionFamiliesCommand({}));
    expect(tasks![0]!.taskDefinitionArn).toContain(`/${families![0]}:`);
  });

  it('the image’s repository: no policy', async () => {
    const asked = new ECRClient(configuration).send(new GetRepositoryPolicyCommand({ repositoryName: 'team/api' }));
    await expect(asked).rejects.toMatchObject({ name: 'RepositoryPolicyNotFoundException' });
  });

  it('the executions and what happened in the last', async () => {
    const states = new SFNClient(configuration);
    const stateMachineArn = world.cell.outputs['StateMachineArn'];
    const { executions } = await states.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toMatchObject([{ status: 'SUCCEEDED' }]);
    const { executionArn } = executions![0]!;
    const { events } = await states.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
    expect(events![0]).toMatchObject({ type: 'ExecutionSucceeded' });
  });

  it('the functions, and one tried out', async () => {
    const lambda = new LambdaClient(configuration);
    const { Functions } = await lambda.send(new ListFunctionsCommand({}));
    expect(Functions!.map(({ FunctionName }) => FunctionName)).toEqual([...world.region.lambda.functions]);
    const FunctionName = Functions![0]!.FunctionName;
    expect(await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' }))).toMatchObject({
      StatusCode: 204,
    });
    // No event of anything: the function says so, and its failure is no failure of the call.
    const failed = await lambda.send(new InvokeCommand({ FunctionName, LogType: 'Tail' }));
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(failed.Payload!.transformToString())).toHaveProperty('errorType');
  });

  it('what the functions logged: the newest stream, and the lines of a level', async () => {
    const logs = new CloudWatchLogsClient(configuration);
    const { Functions } = await new LambdaClient(configuration).send(new ListFunctionsCommand({}));
    const groups = Functions!.map(({ LoggingConfig }) => LoggingConfig!.LogGroup!);
    const read = groups.map(async (logGroupName) => {
      const streams = { logGroupName, orderBy: 'LastEventTime', descending: true, limit: 1 } as const;
      const { logStreams } = await logs.send(new DescribeLogStreamsCommand(streams));
      const filterPattern = '{ $.level = "INFO" || $.level = "WARN" }';
      const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }));
      return { streams: logStreams?.length ?? 0, events: events?.length ?? 0 };
    });
    const found = await Promise.all(read);
    expect(found.some(({ streams, events }) => streams > 0 && events > 0)).toBe(true);
  });

  it('the alarms, the dashboard and the metrics', async () => {
    const cloudwatch = new CloudWatchClient(configuration);
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms!.length).toBeGreaterThan(0);
    const { DashboardEntries } = await cloudwatch.send(new ListDashboardsCommand({}));
    const { DashboardName } = DashboardEntries![0]!;
    const { DashboardBody } = await cloudwatch.send(new GetDashboardCommand({ DashboardName }));
    expect(JSON.parse(DashboardBody!)).toHaveProperty('widgets');
    const listed = await cloudwatch.send(
      new ListMetricsCommand({ Namespace: 'AWS/Lambda', MetricName: 'Invocations' }),
    );
    const [metric] = listed.Metrics!;
    const now = world.region.kernel.now;
    const statistics = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: metric!.Namespace,
        MetricName: metric!.MetricName,
        Dimensions: metric!.Dimensions,
        StartTime: new Date(now - 6 * 3_600_000),
        EndTime: new Date(now + 60_000),
        Period: 300,
        Statistics: ['Sum'],
      }),
    );
    expect(statistics.Datapoints!.length).toBeGreaterThan(0);
  });

  it('the rules and where they lead', async () => {
    const events = new EventBridgeClient(configuration);
    const { Rules } = await events.send(new ListRulesCommand({}));
    for (const { Name } of Rules!) {
      expect(await events.send(new DescribeRuleCommand({ Name }))).toMatchObject({ Name });
      const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
      expect(Targets!.length).toBeGreaterThan(0);
    }
  });

  it('the topic, who hears of it, and one more', async () => {
    const sns = new SNSClient(configuration);
    const { Topics } = await sns.send(new ListTopicsCommand({}));
    const [{ TopicArn }] = Topics as [{ TopicArn: string }];
    const subscription = { TopicArn, Protocol: 'email', Endpoint: 'stranger@example.com' };
    expect((await sns.send(new SubscribeCommand(subscription))).SubscriptionArn).toBe('pending confirmation');
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toContainEqual(
      expect.objectContaining({ Protocol: 'email', Endpoint: 'stranger@example.com' }),
    );
    expect(world.notifications().length).toBeGreaterThan(0);
  });

  it('the parameters and what they were', async () => {
    const ssm = new SSMClient(configuration);
    const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: '/', Recursive: true }));
    expect(Parameters!.length).toBeGreaterThan(0);
    const { Name, Version } = Parameters![0]!;
    const history = await ssm.send(new GetParameterHistoryCommand({ Name }));
    expect(history.Parameters!.at(-1)).toMatchObject({ Name, Version });
  });
});
