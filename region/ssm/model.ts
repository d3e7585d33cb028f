import type { ParameterType } from '@aws-sdk/client-ssm';
import type { TokenBucket } from '../request-limits.ts';
import type { RegionContext } from '../service.ts';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly version: number;
  readonly lastModified: Date;
  /** ARN of whoever set it. */
  readonly modifiedBy: string;
}

/** What the parameter store knows. */
export interface SsmState {
  /** By name. */
  readonly parameters: Map<string, Parameter>;
  /** The versions of each that are kept, by name, oldest first. */
  readonly history: Map<string, readonly Parameter[]>;
  /** Those that are secret or stand outside the stacks, by ARN, and since when they are known. */
  readonly untold: Map<string, Date>;
  /** What request throttling has left, by the names of the limits. */
  readonly buckets: Map<string, TokenBucket>;
}

export interface Ssm extends RegionContext {
  readonly state: SsmState;
}

/** No parameter. */
export function newSsmState(): SsmState {
  return { parameters: new Map(), history: new Map(), untold: new Map(), buckets: new Map() };
}
