import { CORE } from './core.ts';
import { HANDLERS } from './handlers.ts';
import type { Mutant } from './mutant.ts';
import { STATE_MACHINE } from './state-machine.ts';
import { TEMPLATES } from './templates.ts';

/** Every mutant, in the order of the table. */
export const MUTANTS: readonly Mutant[] = [...CORE, ...HANDLERS, ...STATE_MACHINE, ...TEMPLATES];

/** The mutant of that name; throws when there is none. */
export function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant) return mutant;
  throw new Error(`there is no mutant "${name}"; known: ${MUTANTS.map((one) => one.name).join(', ')}`);
}
