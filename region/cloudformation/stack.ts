import type { ResourceTarget } from './change-resource.ts';
import type { DeployedResource } from './model.ts';
import type { Template } from './template.ts';

/** What the deployment of a stack needs of a region. */
export interface StackTarget extends ResourceTarget {
  readonly account: string;
  readonly region: string;
  /** Uploads an asset: from now on `objectKey` in the assets bucket stands for this directory. */
  registerAsset(objectKey: string, path: string): void;
  /** The value of an SSM parameter that a template parameter reads at deployment. */
  ssmParameter(name: string): string | undefined;
  /** What the account has of a parameter type such as `AWS::EC2::VPC::Id`: attributes by value. Undefined for a type that is not modelled. */
  valuesOfType(type: string): ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;
}

/** A stack as it is to be. */
export interface Stack {
  readonly name: string;
  readonly template: Template;
  /** The directory or file behind an asset's S3 key (`<hash>.zip`). */
  readonly assets: ReadonlyMap<string, string>;
  /**
   * Values of the template's parameters. One that is not given keeps its previous value, or else has its default: the CDK
   * asks CloudFormation for just that.
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A stack whose resources exist in the region, as it is now: later deployments show in it. */
export interface DeployedStack {
  readonly stackName: string;
  /** Outputs by logical id, intrinsics resolved. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What the stack has, by logical id. */
  readonly resources: ReadonlyMap<string, DeployedResource>;
}

/** Runs `act`; an error of it names `what` first. */
export async function naming<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
