import { Fault } from '../service.ts';
import type { Identities, Role } from './model.ts';

/** Throws `EntityAlreadyExists` when the name is taken. */
export function addRole({ state }: Identities, role: Role): void {
  if (state.rolesByName.has(role.name)) {
    throw new Fault('EntityAlreadyExists', `Role with name ${role.name} already exists.`, 409);
  }
  state.rolesByName.set(role.name, role);
  state.rolesByArn.set(role.arn, role);
}

/** Its sessions can do nothing from then on. */
export function removeRole({ state: { rolesByName, rolesByArn } }: Identities, name: string): void {
  const role = rolesByName.get(name);
  if (role === undefined) return;
  rolesByName.delete(name);
  rolesByArn.delete(role.arn);
}

export function findRole({ state }: Identities, arn: string): Role | undefined {
  return state.rolesByArn.get(arn);
}

/** Throws `NoSuchEntity`. */
export function roleWithArn(identities: Identities, arn: string): Role {
  return existing(findRole(identities, arn), arn.slice(arn.lastIndexOf('/') + 1));
}

/** Throws `NoSuchEntity`. */
export function roleNamed({ state }: Identities, name: string): Role {
  return existing(state.rolesByName.get(name), name);
}

function existing(role: Role | undefined, name: string): Role {
  if (role === undefined) throw new Fault('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  return role;
}
