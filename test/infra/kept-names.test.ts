import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { temporaryDirectory } from './temporary.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** What people subscribed to, point at or run in, though CloudFormation gives it its name: a new one would be another. */
const LOOKED_FOR =
  /^AWS::(SNS::(Topic|Subscription)|SQS::Queue|ElasticLoadBalancingV2::(LoadBalancer|Listener|TargetGroup)|EC2::(VPC|Subnet|SecurityGroup)|ApplicationAutoScaling::ScalableTarget)$/;

/** Properties by which a resource has a name of ours that only one resource may bear. */
const NAMES = /^(TableName|RepositoryName|StateMachineName|RoleName|LogGroupName|ClusterName|ServiceName|Family|Name)$/;

it('gives no other logical id to what holds state, is looked for or has a fixed name (decision 9)', async () => {
  const service = { repository: 'team/api', container: 'api', registry: {}, notify: { emails: ['you@example.com'] } };
  const github = { repository: 'octo-org/api', environment: 'production' };
  const provision = { port: 8000, loadBalancer: {}, scaling: { minCount: 1, maxCount: 2 } };
  const kept = await keptBy({ ...service, github, provision });
  expect(kept.join('\n')).toMatchInlineSnapshot(`
    "ClusterEB0386A7 AWS::ECS::Cluster api
    EnsuredHandlerLogs303E13BE AWS::Logs::LogGroup /aws/lambda/rollouts-api-foundation/ensure-present
    EnsuredLiveImage0AAE36EE Custom::LiveImage /rollouts/api/image
    FrontDoorLoadBalancer6A458C90 AWS::ElasticLoadBalancingV2::LoadBalancer
    FrontDoorLoadBalancerHttpD3B25521 AWS::ElasticLoadBalancingV2::Listener
    FrontDoorLoadBalancerSecurityGroupE2C892E6 AWS::EC2::SecurityGroup
    FrontDoorTargets833121F9 AWS::ElasticLoadBalancingV2::TargetGroup
    HandlersAcceptIntentLogs74AD77B4 AWS::Logs::LogGroup /aws/lambda/rollouts-api/accept-intent
    HandlersAwaitTurnLogsC04B0CE6 AWS::Logs::LogGroup /aws/lambda/rollouts-api/await-turn
    HandlersConcludeLogs3584305C AWS::Logs::LogGroup /aws/lambda/rollouts-api/conclude
    HandlersPreflightLogsFB776DAE AWS::Logs::LogGroup /aws/lambda/rollouts-api/preflight
    HandlersRegisterRevisionLogs032759F7 AWS::Logs::LogGroup /aws/lambda/rollouts-api/register-revision
    HandlersRollServiceLogsA7959994 AWS::Logs::LogGroup /aws/lambda/rollouts-api/roll-service
    HandlersTickLogsF5566771 AWS::Logs::LogGroup /aws/lambda/rollouts-api/tick
    HandlersWakeRolloutLogs7EA88335 AWS::Logs::LogGroup /aws/lambda/rollouts-api/wake-rollout
    HandlersWatchRolloutLogs58A5D214 AWS::Logs::LogGroup /aws/lambda/rollouts-api/watch-rollout
    LedgerB7379752 AWS::DynamoDB::Table rollouts-api
    NetworkTasks9BB5996E AWS::EC2::SecurityGroup
    NetworkVpc7FB7348F AWS::EC2::VPC
    NetworkVpcPublicSubnet1Subnet36933139 AWS::EC2::Subnet
    NetworkVpcPublicSubnet2SubnetC427CCE0 AWS::EC2::Subnet
    Notifications87298708 AWS::SNS::Topic
    Notificationsyouexamplecom546F875F AWS::SNS::Subscription
    PushDeadLettersC484B1EE AWS::SQS::Queue
    PushRoleAF3C525C AWS::IAM::Role rollouts-api-push
    PushRule83AE6A18 AWS::Events::Rule rollouts-api-push
    Registration8466E9D0 AWS::SSM::Parameter /rollouts-cells/api/api
    Repository22E53BBD AWS::ECR::Repository team/api
    RolloutLogs40980D3B AWS::Logs::LogGroup /aws/vendedlogs/states/rollouts-api
    RolloutStateMachine7091FF70 AWS::StepFunctions::StateMachine rollouts-api
    ScalableTarget AWS::ApplicationAutoScaling::ScalableTarget
    ServiceD69D759B AWS::ECS::Service api
    TasksExecutionRoleF507B5D7 AWS::IAM::Role rollouts-api-execution
    TasksLogs30A06F1F AWS::Logs::LogGroup (retained)
    TasksTaskDefinition5792BC4D AWS::ECS::TaskDefinition api"
  `);
});

/** A line for each resource of the service's stacks that an upgrade must find again. */
async function keptBy(service: ServiceConfiguration): Promise<string[]> {
  const outdir = temporaryDirectory();
  await synthesize(checkConfiguration({ services: [service] }, 'test'), { outdir });
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  const resources = templates.flatMap((file) => {
    const template = JSON.parse(readFileSync(join(outdir, file), 'utf8')) as { readonly Resources: object };
    return Object.entries(template.Resources) as [string, Resource][];
  });
  return resources
    .flatMap(([logicalId, resource]) => {
      const name = nameOf(resource);
      const isRetained = /^Retain/.test(resource.DeletionPolicy ?? '');
      const isKept = name !== undefined || isRetained || LOOKED_FOR.test(resource.Type);
      return isKept ? [`${logicalId} ${resource.Type} ${name ?? (isRetained ? '(retained)' : '')}`.trimEnd()] : [];
    })
    .sort();
}

function nameOf({ Properties = {} }: Resource): string | undefined {
  const named = Object.entries(Properties).find(
    ([property, value]) => NAMES.test(property) && typeof value === 'string',
  );
  return named?.[1] as string | undefined;
}
