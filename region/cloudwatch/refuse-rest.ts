import { NotModelled } from '../service.ts';

/** Refuses the first parameter that is given although nobody reads it. */
export function refuseRest(of: string, rest: object): void {
  const [unknown] = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (unknown !== undefined) throw new NotModelled(`the parameter ${unknown[0]} of ${of}`);
}
