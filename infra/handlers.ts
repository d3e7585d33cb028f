import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { functionLogGroup } from '../configuration/names.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../functions/rollout/ledger.ts';
import type { Bundles } from './bundles.ts';
import type { Cell } from './cell.ts';
import { GrantedRole } from './granted-role.ts';
import { allow, allowAny, type Grant } from './grants.ts';
import { constructId, HANDLER_NAMES, HANDLERS, type HandlerName } from './handler-table.ts';
import type { Ledger } from './ledger.ts';

interface HandlersProps {
  readonly cell: Cell;
  readonly bundles: Bundles;
  readonly ledger: Ledger;
  readonly topic: ITopic;
  readonly deadLetters: IQueue;
}

/** The cell's Lambda functions, each with its own role and log group, under the construct ids of the state machine. */
export class Handlers extends Construct {
  private readonly functions = new Map<HandlerName, HandlerFunction>();

  constructor(scope: Construct, id: string, { cell, bundles, ledger, topic, deadLetters }: HandlersProps) {
    super(scope, id);
    const created = {
      ledgerArn: ledger.tableArn,
      topicArn: topic.topicArn,
      deadLetters: { arn: deadLetters.queueArn, url: deadLetters.queueUrl },
    };
    const shared = {
      LEDGER_TABLE: ledger.tableName,
      SERVICE: cell.ledgerKey,
      POWERTOOLS_SERVICE_NAME: 'fargate-rollouts',
    };
    for (const handler of HANDLER_NAMES) {
      const { grants, environment } = HANDLERS[handler];
      const handlerFunction = new HandlerFunction(this, constructId(handler), {
        logGroupName: functionLogGroup(cell.stackName, handler),
        logRetention: cell.service.logRetentionDays,
        logRemoval: AUDIT_TRAIL,
        bundle: bundles.get(handler)!,
        grants: grants(cell, created),
        environment: { ...shared, ...environment(cell, created) },
      });
      this.functions.set(handler, handlerFunction);
    }
  }

  /** The function of a handler. */
  of(handler: HandlerName): LambdaFunction {
    return this.functions.get(handler)!.function;
  }

  /** The log group of a handler. */
  logsOf(handler: HandlerName): LogGroup {
    return this.functions.get(handler)!.logGroup;
  }
}

/** The logs say who decided what, and why: they outlive the stack, until their retention is over. */
export const AUDIT_TRAIL = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

interface HandlerProps {
  readonly logGroupName: string;
  /** In days. */
  readonly logRetention: RetentionDays;
  /** What becomes of the logs when the stack goes. */
  readonly logRemoval: RemovalPolicy;
  /** A directory that holds `index.js`. */
  readonly bundle: string;
  readonly grants: readonly Grant[];
  readonly environment: Record<string, string>;
}

/** A Lambda function of ours with a role that may do exactly what the grants say, and its log group. */
export class HandlerFunction extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: HandlerProps) {
    super(scope, id);
    const logGroup = (this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: props.logGroupName,
      retention: props.logRetention,
      removalPolicy: props.logRemoval,
    }));
    const role = new GrantedRole(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      grants: [...props.grants, ...observability(logGroup)],
    });
    this.function = new LambdaFunction(this, 'Function', {
      code: Code.fromAsset(props.bundle),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      tracing: Tracing.ACTIVE,
      environment: props.environment,
      logGroup,
      // Complete as written above: CDK shall add nothing of its own.
      role: role.withoutPolicyUpdates(),
    });
  }
}

/** What Lambda itself does with the role: it writes the logs and the traces. */
function observability(logGroup: LogGroup): Grant[] {
  return [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
    allowAny(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*', 'X-Ray has no resource types'),
  ];
}
