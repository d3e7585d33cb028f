import { Aws, CfnCondition, Fn } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Cell } from './cell.ts';

/** AWS's console, in whichever partition and Region the stack is deployed; a stack has one. */
export class Console extends Construct {
  private readonly host: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const isIn = (name: string, partition: string): string =>
      new CfnCondition(this, name, { expression: Fn.conditionEquals(Aws.PARTITION, partition) }).logicalId;
    const [isGovCloud, isChina] = [isIn('IsGovCloud', 'aws-us-gov'), isIn('IsChina', 'aws-cn')];
    const beyondGovCloud = Fn.conditionIf(isChina, 'console.amazonaws.cn', 'console.aws.amazon.com');
    this.host = Fn.conditionIf(isGovCloud, 'console.amazonaws-us-gov.com', beyondGovCloud).toString();
  }

  /** The ECS service. */
  service({ service: { cluster, serviceName } }: Cell): string {
    return this.page(`ecs/v2/clusters/${cluster}/services/${serviceName}/health`);
  }

  /** The executions of the state machine. */
  rollouts({ arns }: Cell): string {
    return this.page('states/home', `/statemachines/view/${arns.stateMachine}`);
  }

  /** The images. */
  repository({ service: { repository } }: Cell): string {
    return this.page(`ecr/repositories/private/${Aws.ACCOUNT_ID}/${repository}`);
  }

  logGroup(name: string): string {
    // The console decodes what stands behind the hash twice, with $ in the place of %.
    return this.page('cloudwatch/home', `logsV2:log-groups/log-group/${name.replaceAll('/', '$252F')}`);
  }

  dashboard(name: string): string {
    return this.page('cloudwatch/home', `dashboards/dashboard/${name}`);
  }

  private page(path: string, fragment?: string): string {
    return `https://${this.host}/${path}?region=${Aws.REGION}${fragment === undefined ? '' : `#${fragment}`}`;
  }
}
