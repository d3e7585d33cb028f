import { Aws, CfnCondition, Fn } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { CONSOLE_DOMAINS, linksAt, type ConsoleLinks } from '../functions/rollout/console-links.ts';
import type { Cell } from './cell.ts';

/** AWS's console, in whichever partition and Region the stack is deployed; a stack has one. */
export class Console extends Construct {
  private readonly to: ConsoleLinks;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.to = linksAt(this.domain(), Aws.REGION);
  }

  /** The ECS service. */
  service({ service: { cluster, serviceName } }: Cell): string {
    return this.to.service(cluster, serviceName);
  }

  /** The executions of the state machine. */
  rollouts({ arns }: Cell): string {
    return this.to.stateMachine(arns.stateMachine);
  }

  /** The images. */
  repository({ service: { repository } }: Cell): string {
    return this.to.repository(Aws.ACCOUNT_ID, repository);
  }

  /** A log group whose name is known. */
  logGroup(name: string): string {
    return this.to.logGroup(name);
  }

  /** A log group that CloudFormation names, with letters, digits and hyphens: its name ends the link. */
  createdLogGroup(name: string): string {
    return `${this.to.logGroup('')}${name}`;
  }

  /** A dashboard by its name without the Region. */
  dashboard(name: string): string {
    return `${this.to.dashboard(name)}-${Aws.REGION}`;
  }

  /** Whatever partition has no console that is known gets that of most. */
  private domain(): string {
    const { aws, ...others } = CONSOLE_DOMAINS;
    return Object.entries(others).reduce<string>((otherwise, [partition, domain]) => {
      const expression = Fn.conditionEquals(Aws.PARTITION, partition);
      const { logicalId } = new CfnCondition(this, `Is-${partition}`, { expression });
      return Fn.conditionIf(logicalId, domain, otherwise).toString();
    }, aws);
  }
}
