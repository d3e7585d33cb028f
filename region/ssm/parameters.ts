import type { Parameter as ParameterDescription } from '@aws-sdk/client-ssm';
import { partitionOf } from '../partition.ts';
import { Fault, NotModelled, type RegionContext } from '../service.ts';
import type { Parameter, Ssm } from './model.ts';

/** Throws ParameterNotFound. */
export function named({ state }: Ssm, name: string | undefined): Parameter {
  refuseSelector(name);
  const parameter = state.parameters.get(name ?? '');
  // Parameter Store sends no sentence with this error.
  if (!parameter) throw new Fault('ParameterNotFound', '');
  return parameter;
}

/** With its versions: a parameter that takes its name begins anew. */
export function removeParameter({ state: { parameters, history } }: Ssm, name: string): void {
  parameters.delete(name);
  history.delete(name);
}

/** A value that is not kept cannot be read. */
export function refuseUntold(ssm: Ssm, name: string | undefined): void {
  if (ssm.state.untold.has(arnOf(ssm, name)) && !ssm.state.parameters.has(name ?? ''))
    throw new NotModelled(`The value of the parameter ${name}, outside the stacks,`);
}

/** A name with a colon asks for a version or a label. */
export function refuseSelector(name: string | undefined): void {
  if (name?.includes(':')) throw new NotModelled(`Reading the parameter ${name} by version, label or ARN`);
}

/** A parameter as reads show it. */
export function describe(ssm: Ssm, { name, type, value, version, lastModified }: Parameter): ParameterDescription {
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: lastModified,
    ARN: arnOf(ssm, name),
    DataType: 'text',
  };
}

/** What IAM is asked about: the parameter's name may be missing. */
export function arnOf(ssm: Ssm, name: string | undefined): string {
  return arnOfParameter(ssm, name ?? '');
}

/** The slash that a name begins with is the one after `parameter`: it is not doubled. An ARN stays as it is. */
export function arnOfParameter({ account, region }: Omit<RegionContext, 'kernel'>, name: string): string {
  if (name.startsWith('arn:')) return name;
  return `arn:${partitionOf(region)}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}
