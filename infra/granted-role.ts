import { Token, Validations } from 'aws-cdk-lib/core';
import { Effect, PolicyDocument, PolicyStatement, Role, type RoleProps } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Grant } from './grants.ts';

interface GrantedRoleProps extends Omit<RoleProps, 'inlinePolicies'> {
  readonly grants: readonly Grant[];
  /** @default 'Calls' */
  readonly policyName?: string;
}

/**
 * A role that may do what its grants say and nothing else. What cdk-nag finds in it, a wildcard each time, is acknowledged
 * with the grant's own reason; a wildcard without one throws.
 */
export class GrantedRole extends Role {
  constructor(scope: Construct, id: string, { grants, policyName = 'Calls', ...props }: GrantedRoleProps) {
    const statements = grants.map(toStatement);
    super(scope, id, { ...props, inlinePolicies: { [policyName]: new PolicyDocument({ statements }) } });
    for (const [resource, reasons] of wildcards(grants)) {
      const finding = `AwsSolutions-IAM5[Resource::${this.spelled(resource)}]`;
      Validations.of(this).acknowledge({ id: `AwsSolutions::${finding}`, reason: [...reasons].join('; ') });
    }
  }

  /** As cdk-nag spells a resource: `arn:<AWS::Partition>:…`. */
  private spelled(resource: string): string {
    if (!Token.isUnresolved(resource)) return resource;
    const { 'Fn::Join': parts } = this.stack.resolve(resource) as {
      readonly 'Fn::Join': readonly ['', readonly (string | { readonly Ref: string })[]];
    };
    return parts[1].map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
  }
}

function toStatement({ effect, actions, resources, conditions }: Grant): PolicyStatement {
  return new PolicyStatement({
    effect: effect === 'Deny' ? Effect.DENY : Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    ...(conditions && { conditions }),
  });
}

/** The resources with a wildcard, each with the reasons of all grants on it. */
function wildcards(grants: readonly Grant[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { actions, resources, because, effect } of grants)
    for (const resource of resources) {
      if (effect === 'Deny' || !resource.includes('*')) continue;
      if (because === undefined) throw new Error(`${actions.join(', ')} is granted on ${resource} without a reason`);
      found.set(resource, (found.get(resource) ?? new Set()).add(because));
    }
  return found;
}
