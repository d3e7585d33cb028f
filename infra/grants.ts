/** One statement of a role's policy. */
export interface Grant {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: Conditions | undefined;
  /** Why the resource is a whole family, or everything; undefined for a grant that names what it grants. */
  readonly because: string | undefined;
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Allows actions on the resources that are named, and on no other. */
export function allow(
  actions: readonly string[],
  resources: string | readonly string[],
  conditions?: Conditions,
): Grant {
  return { effect: 'Allow', actions, resources: [resources].flat(), conditions, because: undefined };
}

/**
 * Allows actions on a resource with a wildcard, for a reason. It is `*` only where the action has no resource type
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html).
 */
export function allowAny(
  actions: readonly string[],
  resource: string,
  because: string,
  conditions?: Conditions,
): Grant {
  return { effect: 'Allow', actions, resources: [resource], conditions, because };
}

/** Forbids actions, whatever else is allowed. */
export function deny(actions: readonly string[], resource: string, conditions: Conditions): Grant {
  return { effect: 'Deny', actions, resources: [resource], conditions, because: undefined };
}

/** What pulling and pushing begin with. */
export const registryToken = allowAny(
  ['ecr:GetAuthorizationToken'],
  '*',
  'GetAuthorizationToken has no resource type; the token opens only the repository that is granted beside it',
);
