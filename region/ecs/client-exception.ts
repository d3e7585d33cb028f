import { Fault } from '../service.ts';

/** Refuses a task definition as ECS does. */
export function refuse(message: string): never {
  throw new Fault('ClientException', message);
}

/** The first value that stands more than once. */
export function firstDouble<T>(values: readonly T[]): T | undefined {
  return values.find((value, index) => values.indexOf(value) < index);
}
