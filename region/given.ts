import { NotModelled } from './service.ts';

/**
 * Whether a request says anything by a parameter. Clients send an empty list or map for what was left out, and it says
 * nothing of a resource that has none of it; what an update would remove by it is no business of this function.
 */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !isEmpty(value);
}

/** Whether `value` is a list or a map without anything in it. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  const isMap = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isMap && Object.keys(value).length === 0;
}

/** Refuses the first parameter that is given although nobody reads it; for reads, and for what creates. */
export function refuseRest(of: string, rest: object): void {
  const [unknown] = Object.entries(rest).filter(([, value]) => isGiven(value));
  if (unknown !== undefined) throw new NotModelled(`the parameter ${unknown[0]} of ${of}`);
}
