import { Fault } from '../service.ts';

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
  readonly boundary: object | undefined;
  readonly tags: ReadonlyMap<string, string>;
  /** How long a session may last at most. */
  readonly maxSessionSeconds: number;
  policies: readonly AttachedPolicy[];
}

/** All roles of the account, by name and by ARN. */
export class Roles {
  readonly #byName = new Map<string, Role>();
  readonly #byArn = new Map<string, Role>();

  /** Throws `EntityAlreadyExists` when the name is taken. */
  add(role: Role): void {
    if (this.#byName.has(role.name)) {
      throw new Fault('EntityAlreadyExists', `Role with name ${role.name} already exists.`, 409);
    }
    this.#byName.set(role.name, role);
    this.#byArn.set(role.arn, role);
  }

  find(arn: string): Role | undefined {
    return this.#byArn.get(arn);
  }

  /** Throws `NoSuchEntity`. */
  withArn(arn: string): Role {
    return existing(this.#byArn.get(arn), arn.slice(arn.lastIndexOf('/') + 1));
  }

  /** Throws `NoSuchEntity`. */
  named(name: string): Role {
    return existing(this.#byName.get(name), name);
  }

  get arns(): readonly string[] {
    return [...this.#byArn.keys()];
  }
}

function existing(role: Role | undefined, name: string): Role {
  if (role === undefined) throw new Fault('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  return role;
}
