import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { Region } from '../../region/region.ts';
import { roleArnOf } from './handler-roles.ts';

/** Takes one action out of every Allow of a role's policies and answers the role's ARN; throws when it does not have the action. */
export function removePermission(
  region: Region,
  stacks: readonly DeployedStack[],
  from: { readonly role: string; readonly action: string },
): string {
  const roleArn = roleArnOf(stacks, from.role);
  let removed = 0;
  const policies = region.iam.policiesOf(roleArn).flatMap(({ name, document }) => {
    const { Statement, ...rest } = document as { readonly Statement: Statement | readonly Statement[] };
    const kept = [Statement].flat().flatMap((statement) => {
      const actions = [statement.Action ?? []].flat();
      const left = statement.Effect === 'Allow' ? actions.filter((action) => action !== from.action) : actions;
      removed += actions.length - left.length;
      return left.length > 0 ? [{ ...statement, Action: left }] : [];
    });
    return kept.length > 0 ? [{ name, document: { ...rest, Statement: kept } }] : [];
  });
  if (removed === 0) throw new Error(`the role ${roleArn} has no permission ${from.action} to remove`);
  region.iam.replacePolicies(roleArn, policies);
  return roleArn;
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
}
