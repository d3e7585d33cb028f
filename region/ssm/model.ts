import type { ParameterType } from '@aws-sdk/client-ssm';
import type { RegionContext } from '../service.ts';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly version: number;
  readonly lastModified: Date;
}

/** What the parameter store knows. */
export interface SsmState {
  /** By name. */
  readonly parameters: Map<string, Parameter>;
  /** Those that are secret or stand outside the stacks, by ARN, and since when they are known. */
  readonly untold: Map<string, Date>;
}

export interface Ssm extends RegionContext {
  readonly state: SsmState;
}

/** No parameter. */
export function newSsmState(): SsmState {
  return { parameters: new Map(), untold: new Map() };
}
