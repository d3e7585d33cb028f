import { z } from 'zod';
import { DIGEST } from '../../functions/rollout/identifiers.ts';

/** Of every document; members are only ever added, and a change that breaks a reader raises it. */
export const version = z.literal(1).describe('Raised by a change that breaks a reader.');

/** A moment: ISO 8601 in UTC. */
export const moment = z.iso.datetime();

/** The digest of an image. */
export const digest = z.string().regex(DIGEST);

/** A list of those. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}

/** An object that several documents hold: described once, under its name. */
export function shape<Members extends z.ZodRawShape>(id: string, members: Members) {
  return z.strictObject(members).meta({ id });
}

/** A document about one service. Every member is described, as the tables in docs/ are made from it. */
export function serviceDocument<Members extends z.ZodRawShape>(members: Members) {
  return z.strictObject({
    schema: version,
    service: z.string().describe('The ledger key: `cluster/service`.'),
    ...members,
  });
}
