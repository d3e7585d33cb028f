import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { NotModelled, operation, type RegionContext, type Service } from '../service.ts';

/** STS as far as `aws sts get-caller-identity` needs it: who the operator is. */
export function createSts(context: RegionContext): Service {
  return {
    id: 'sts',
    operations: {
      // "No permissions are required to perform this operation."
      // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
      GetCallerIdentity: operation<GetCallerIdentityRequest, GetCallerIdentityResponse>({
        permissions: () => [],
        apply(_input, caller) {
          if (caller.kind !== 'operator') throw new NotModelled('sts:GetCallerIdentity for anyone but the operator');
          const Arn = `arn:aws:iam::${context.account}:user/operator`;
          return { Account: context.account, Arn, UserId: 'AIDAREHEARSALOPERATOR' };
        },
      }),
    },
    resources: {},
  };
}
