import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { temporaryDirectory } from './temporary.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** Properties by which a resource has a name of ours that only one resource may bear. */
const NAMES =
  /^(TableName|RepositoryName|StateMachineName|RoleName|LogGroupName|ClusterName|ServiceName|Family|DashboardName|Name)$/;

it('gives no other logical id to what holds state or has a fixed name (decision 9)', async () => {
  const outdir = temporaryDirectory();
  const github = { repository: 'octo-org/api', environment: 'production' };
  const service = { repository: 'team/api', container: 'api', registry: {}, github, provision: { port: 8000 } };
  await synthesize(checkConfiguration({ services: [service] }, 'test'), { outdir });
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  const kept = templates.flatMap((file) => {
    const { Resources } = JSON.parse(readFileSync(join(outdir, file), 'utf8')) as {
      readonly Resources: Readonly<Record<string, Resource>>;
    };
    return Object.entries(Resources).flatMap(([logicalId, resource]) => {
      const name = nameOf(resource);
      const isKept = name !== undefined || /^Retain/.test(resource.DeletionPolicy ?? '');
      return isKept ? [`${logicalId} ${resource.Type} ${name ?? '(retained)'}`] : [];
    });
  });
  expect(kept.sort().join('\n')).toMatchInlineSnapshot(`
    "ClusterEB0386A7 AWS::ECS::Cluster api
    Dashboard9E4231ED AWS::CloudWatch::Dashboard rollouts-api
    EnsuredHandlerLogs303E13BE AWS::Logs::LogGroup /aws/lambda/rollouts-api-foundation/ensure-present
    EnsuredLiveImage0AAE36EE Custom::LiveImage /rollouts/api/image
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
    PushRoleAF3C525C AWS::IAM::Role rollouts-api-push
    PushRule83AE6A18 AWS::Events::Rule rollouts-api-push
    Repository22E53BBD AWS::ECR::Repository team/api
    RolloutLogs40980D3B AWS::Logs::LogGroup /aws/vendedlogs/states/rollouts-api
    RolloutStateMachine7091FF70 AWS::StepFunctions::StateMachine rollouts-api
    ServiceD69D759B AWS::ECS::Service api
    TasksExecutionRoleF507B5D7 AWS::IAM::Role rollouts-api-execution
    TasksLogs30A06F1F AWS::Logs::LogGroup (retained)
    TasksTaskDefinition5792BC4D AWS::ECS::TaskDefinition api"
  `);
});

function nameOf({ Properties = {} }: Resource): string | undefined {
  const named = Object.entries(Properties).find(
    ([property, value]) => NAMES.test(property) && typeof value === 'string',
  );
  return named?.[1] as string | undefined;
}
