import type { GetRoleRequest, GetRoleResponse } from '@aws-sdk/client-iam';
import { operation, type Operation } from '../service.ts';
import type { Identities, Role } from './model.ts';
import { roleNamed } from './roles.ts';

/** The IAM operations on roles; stacks create them. */
export function roleOperations(identities: Identities): Readonly<Record<string, Operation>> {
  return {
    GetRole: operation<GetRoleRequest, GetRoleResponse>({
      permissions: ({ RoleName = '' }) => [{ action: 'iam:GetRole', resource: roleNamed(identities, RoleName).arn }],
      apply: ({ RoleName = '' }) => ({ Role: describe(roleNamed(identities, RoleName)) }),
    }),
  };
}

function describe({
  name,
  arn,
  roleId,
  createdAt,
  trustPolicy,
  maxSessionSeconds,
  boundary,
  tags,
}: Role): GetRoleResponse['Role'] {
  const [, path] = /:role(\/(?:.*\/)?)[^/]+$/.exec(arn) ?? [];
  return {
    RoleName: name,
    Arn: arn,
    RoleId: roleId,
    Path: path,
    CreateDate: createdAt,
    // "Policies returned by this operation are URL-encoded compliant with RFC 3986" (IAM API reference, GetRole).
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trustPolicy)),
    MaxSessionDuration: maxSessionSeconds,
    ...(boundary && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const,
        PermissionsBoundaryArn: boundary.name,
      },
    }),
    ...(tags.size > 0 && { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }),
  };
}
