import { executionRoleName, pushRoleName } from './names.ts';

/** Names that are given, or follow from others. */
export interface ServiceNames {
  /** What the names of everything in the cell derive from. */
  readonly name: string;
  readonly serviceName: string;
  readonly cluster: string;
  readonly family: string;
  readonly executionRole: string;
}

type Given = string | null | undefined;

/** What names follow from: a service as far as it parsed, or the whole of it. */
interface NamedFields {
  readonly repository: string | null;
  readonly name?: Given;
  readonly service?: Given;
  readonly cluster?: Given;
  readonly family?: Given;
  readonly executionRole?: Given;
  readonly provision?: object | null | undefined;
}

/** The names of a service; those are undefined that would follow from a broken field. */
export function namesOf(fields: NamedFields): { readonly [Name in keyof ServiceNames]: string | undefined } {
  const { repository, service, cluster, family, executionRole, provision } = fields;
  const serviceName = given(service, repository?.split('/').at(-1));
  const name = given(fields.name, serviceName);
  const roleName = provision === undefined ? 'ecsTaskExecutionRole' : name && executionRoleName(name);
  return {
    name,
    serviceName,
    cluster: given(cluster, provision === undefined ? 'default' : serviceName),
    family: given(family, provision === undefined ? serviceName : name),
    executionRole: given(executionRole, roleName),
  };
}

/** The name of the role with which GitHub pushes. */
export function pushRoleOf(roleName: Given, name: string): string | undefined {
  return given(roleName, pushRoleName(name));
}

function given(name: Given, otherwise: string | undefined): string | undefined {
  return name === null ? undefined : (name ?? otherwise);
}
