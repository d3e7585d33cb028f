import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';

/** The ARN of the role whose construct is called `name`; throws when there is none. */
export function roleArnOf(stacks: readonly DeployedStack[], name: string): string {
  const roles = handlerRolesOf(stacks);
  const found = roles.find((role) => role.name === name);
  if (!found) throw new Error(`no role is called "${name}"; there are ${roles.map((role) => role.name).join(', ')}`);
  return found.roleArn;
}

/** Roles by the name of their construct: CDK makes `HandlersConcludeRole2A4EEC68` of `Handlers/Conclude/Role`. */
export function handlerRolesOf(
  stacks: readonly DeployedStack[],
): { readonly name: string; readonly roleArn: string }[] {
  const roles = stacks.flatMap(({ resources }) => [...resources]).filter(([, { type }]) => type === 'AWS::IAM::Role');
  return roles.flatMap(([logicalId, { attributes }]) => {
    const [, name] = /^(?:Handlers|Tasks)?(\w+?)Role[0-9A-F]{8}$/.exec(logicalId) ?? [];
    return name === undefined ? [] : [{ name, roleArn: attributes['Arn']! }];
  });
}
