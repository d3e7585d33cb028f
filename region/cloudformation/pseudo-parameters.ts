import { stackId } from './stack-id.ts';
import { NO_VALUE } from './intrinsics.ts';
import { partitionOf } from '../partition.ts';

/** Where a stack is deployed. */
export interface StackPlace {
  /** Twelve digits. */
  readonly account: string;
  /** `us-east-1` */
  readonly region: string;
}

/** What every template may refer to without declaring it, by name. */
export function pseudoParameters(
  { account, region }: StackPlace,
  stackName: string,
  id = stackId({ account, region }, stackName),
): Readonly<Record<string, unknown>> {
  return {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': partitionOf(region),
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': id,
    'AWS::NoValue': NO_VALUE,
  };
}
