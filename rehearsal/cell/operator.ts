import type { Region } from '../../region/region.ts';

/** Calls an API as the person at the keyboard, who may do everything; same schemas and effects as over the wire. */
export function operate<Output = unknown>(
  region: Region,
  service: string,
  operation: string,
  input: object,
): Promise<Output> {
  return region.call<Output>({ kind: 'operator' }, service, operation, input);
}
