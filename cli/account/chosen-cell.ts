import { ledgerKey, type CheckedService } from '../../configuration/configuration.ts';
import type { Registration } from '../../configuration/registration.ts';
import { UsageError } from '../terminal/command.ts';
import { nearest } from '../terminal/nearest.ts';
import { AwsFailure } from './failures.ts';
import type { Registered } from './registrations.ts';

/** Where a service may be found: what has registered, and what is configured here. */
export interface Candidates {
  readonly registered: Registered;
  /** The services of the configuration beside you; none where there is no such file. */
  readonly configured: readonly CheckedService[];
  /** `us-east-1, account 123456789012`. */
  readonly place: string;
}

/** A service that was chosen: as its cell has registered it, as it is configured here, or both. */
export type Chosen =
  | { readonly registration: Registration; readonly configured: CheckedService | undefined }
  | { readonly registration: undefined; readonly configured: CheckedService };

/** Names that are shown to whoever has to choose. */
const SHOWN = 5;

/** The service that is named, `service` or `cluster/service`; else the only one there is, the configuration's before the others. */
export function choose(candidates: Candidates, name: string | undefined): Chosen {
  const keys = name === undefined ? byDefault(candidates) : named(candidates, name);
  const [key] = keys;
  if (keysOf(candidates).length === 0) throw nothingIn(candidates);
  if (key === undefined) throw new UsageError(absence(candidates, name!));
  if (keys.length > 1) throw new UsageError(ambiguity(candidates, keys, name));
  return chosen(candidates, key)!;
}

/** For verbs that act: throws where several bear the name, though one of them is configured here, which may not be the one that is meant. */
export function refuseAmbiguous(candidates: Candidates, name: string | undefined): void {
  const keys = name === undefined ? [] : bearing(candidates, name);
  if (keys.length > 1) throw new UsageError(ambiguity(candidates, keys, name));
}

/** The service of that key; undefined where nobody knows it. */
export function chosen({ registered, configured }: Candidates, key: string): Chosen | undefined {
  const here = configured.find((service) => ledgerKey(service) === key);
  const registration = registered.cells.find(({ config }) => config.service === key);
  if (registration) return { registration, configured: here };
  return here && { registration: undefined, configured: here };
}

/** What a configuration beside you picks, or what is the only one without it. */
function byDefault({ registered, configured }: Candidates): string[] {
  return configured.length > 0 ? configured.map(ledgerKey) : registered.cells.map(({ config }) => config.service);
}

/** Where several bear the name, one that is configured here is meant. */
function named(candidates: Candidates, name: string): string[] {
  const found = bearing(candidates, name);
  const here = candidates.configured.map(ledgerKey).filter((key) => found.includes(key));
  return found.length > 1 && here.length === 1 ? here : found;
}

function bearing(candidates: Candidates, name: string): string[] {
  return keysOf(candidates).filter((key) => key === name || nameIn(key) === name);
}

function keysOf({ registered, configured }: Candidates): string[] {
  return [...new Set([...registered.cells.map(({ config }) => config.service), ...configured.map(ledgerKey)])];
}

function nameIn(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

function ambiguity({ configured, place }: Candidates, keys: readonly string[], name: string | undefined): string {
  if (name !== undefined) return `${keys.length} services are called ${name} in ${place}: ${listed(keys)}`;
  if (configured.length > 0) return `${keys.length} services are configured; name one: ${listed(keys)}`;
  return `${keys.length} services have registered in ${place}; name one: ${listed(keys)}`;
}

function listed(keys: readonly string[]): string {
  const more = keys.length > SHOWN ? `, … (rollouts status --all shows all)` : '';
  return `${keys
    .slice(0, SHOWN)
    .map((key) => `--service ${key}`)
    .join(', ')}${more}`;
}

function absence(candidates: Candidates, name: string): string {
  const keys = keysOf(candidates);
  const close = nearest(name, [...keys, ...keys.map(nameIn)]);
  const others = keys.slice(0, SHOWN).join(', ');
  const hint = close === undefined ? `there is ${others}${keys.length > SHOWN ? ', …' : ''}` : `did you mean ${close}?`;
  return `no service "${name}" has registered in ${candidates.place}, nor is it configured here; ${hint}`;
}

/** What to do where no cell is known at all. */
export function nothingIn({ place, registered }: Pick<Candidates, 'place' | 'registered'>): AwsFailure {
  return new AwsFailure(nothingText(place, registered), false, undefined);
}

function nothingText(place: string, { unreadable }: Registered): string {
  const strange = unreadable[0];
  if (strange !== undefined)
    return `${strange} in ${place} says nothing that this release reads: use the release that was deployed`;
  return `no service has registered in ${place}: deploy one (npx cdk deploy --all), set AWS_REGION or AWS_PROFILE to where it is, or, for a cell of an older release, name its configuration with --config FILE`;
}
