import type { Caller, PermissionRequest, RegionContext } from '../service.ts';

/** What IAM knows. */
export interface IamState {
  readonly rolesByName: Map<string, Role>;
  /** The same roles. */
  readonly rolesByArn: Map<string, Role>;
  /** Policy documents of `AWS::IAM::ManagedPolicy` resources, by ARN. */
  readonly managedPolicies: Map<string, object>;
  /** One for each issuer. */
  readonly providers: Map<string, OidcProvider>;
  /** By access key. */
  readonly sessions: Map<string, Session>;
  /** Every distinct question that was asked about a role's permissions, with its answer. */
  readonly asked: Map<string, AskedPermission>;
}

export interface Identities extends RegionContext {
  readonly state: IamState;
}

/** A policy that grants or denies; AWS managed ones carry their ARN as name. */
export interface AttachedPolicy {
  readonly name: string;
  readonly document: object;
}

/** A role as IAM keeps it. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  /** `AROA…` */
  readonly roleId: string;
  readonly createdAt: Date;
  readonly trustPolicy: object;
  /** Its permissions boundary, named by its ARN. */
  readonly boundary: AttachedPolicy | undefined;
  readonly tags: ReadonlyMap<string, string>;
  /** How long a session may last at most. */
  readonly maxSessionSeconds: number;
  policies: readonly AttachedPolicy[];
}

/** An OpenID Connect identity provider as IAM keeps it. */
export interface OidcProvider {
  readonly arn: string;
  /** Without `https://`, as in the ARN and in condition keys. */
  readonly issuer: string;
  /** The audiences that tokens may be for. */
  readonly clientIds: readonly string[];
  /** As given: IAM would look one up where none is, but the region reaches no identity provider. */
  readonly thumbprints: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
  readonly createdAt: Date;
}

/** What an access key stands for. */
interface Session {
  readonly caller: Caller;
  /** Undefined for ever. */
  readonly expiresAt: Date | undefined;
}

/** A question that the region put to the policies of a role. */
export interface AskedPermission extends PermissionRequest {
  readonly roleArn: string;
  readonly isAllowed: boolean;
}

/** No role, policy, provider or key. */
export function newIamState(): IamState {
  return {
    rolesByName: new Map(),
    rolesByArn: new Map(),
    managedPolicies: new Map(),
    providers: new Map(),
    sessions: new Map(),
    asked: new Map(),
  };
}
