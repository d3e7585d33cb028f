import { partitionOf } from '../partition.ts';
import type { Caller, RegionContext } from '../service.ts';

/** `arn:aws:sts::…` of whoever calls, as `LastModifiedUser` shows it. */
export function principalOf({ region, account }: Omit<RegionContext, 'kernel'>, caller: Caller): string {
  switch (caller.kind) {
    case 'role': {
      const role = caller.roleArn.slice(caller.roleArn.lastIndexOf('/') + 1);
      return `arn:${partitionOf(region)}:sts::${account}:assumed-role/${role}/${caller.sessionName}`;
    }
    case 'service':
      return caller.principal;
    case 'operator':
      return `arn:${partitionOf(region)}:iam::${account}:user/operator`;
  }
}
