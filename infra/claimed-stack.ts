import { CfnParameter, CfnRule, Fn, type Stack } from 'aws-cdk-lib/core';
import type { Cell } from './cell.ts';

/**
 * Lets the stack remember the ECS service that it was first deployed for. `cdk deploy` sends a stack's parameters again with
 * their previous values (`--previous-parameters`, on by default), and CloudFormation evaluates rules before it changes anything:
 * so a checkout with another service whose names are the same is refused as a whole.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 */
export function claimStack(stack: Stack, { ledgerKey }: Pick<Cell, 'ledgerKey'>): void {
  const cell = new CfnParameter(stack, 'Cell', {
    type: 'String',
    default: ledgerKey,
    description: 'The ECS service that the stack is for, as cluster/service; it stays when the stack is deployed again',
  });
  const { stackName } = stack;
  new CfnRule(stack, 'CellStays', {
    assertions: [
      {
        assert: Fn.conditionEquals(cell.valueAsString, ledgerKey),
        assertDescription: `The stack ${stackName} belongs to another ECS service, from which ${ledgerKey} would take it. Give ${ledgerKey} a name of its own in rollouts.config.ts, such as name: '${ledgerKey.replace('/', '-')}'. If it is to have this stack: npx cdk deploy ${stackName} --parameters ${stackName}:Cell=${ledgerKey}`,
      },
    ],
  });
}
