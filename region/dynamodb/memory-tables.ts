import { Stream } from 'node:stream';
import type { Callback, Db, Range, Store, StoredTables, TableDb } from './tables.ts';

/** What dynalite's actions read and write, kept in the state of the service: without it they wait for LevelDB turn after turn. */
export function memoryTables(account: string, region: string, stored: StoredTables): Store {
  const itemsOf = (table: string): Map<string, object> => {
    const items = stored.items.get(table) ?? new Map<string, object>();
    stored.items.set(table, items);
    return items;
  };
  const tableDb: TableDb = { ...dbOf(stored.descriptions), awsAccountId: account, awsRegion: region };
  return {
    options: { createTableMs: 0, deleteTableMs: 0, maxItemSize: ITEM_BYTES_MAX },
    tableDb,
    getTable: (name, ...given) => {
      const told = given.at(-1) as Callback<object | undefined>;
      const table = stored.descriptions.get(name) as { readonly TableStatus?: string } | undefined;
      const isThere = table !== undefined && (given[0] === false || !UNREADY.includes(table.TableStatus ?? ''));
      told(isThere ? null : notFound(name, given[0] === false), table);
    },
    getItemDb: (table) => dbOf(itemsOf(table)),
    deleteItemDb: (table, told) => {
      stored.items.delete(table);
      told(null);
    },
    deleteTagDb: (_table, told) => told(null),
  };
}

/** "Item size: 400 KB", as dynalite counts them. */
const ITEM_BYTES_MAX = 409_600;

/** While it has one of these, a table has no items to read or to write. */
const UNREADY = ['CREATING', 'DELETING'];

/** As dynalite says it, which names the table only to who asks for the table. */
function notFound(name: string, isNamed: boolean): Error {
  const message = `Requested resource not found${isNamed ? `: Table: ${name} not found` : ''}`;
  const body = { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message };
  return Object.assign(new Error(message), { name: 'NotFoundError', statusCode: 400, body });
}

/** Values by key, as a LevelDB has them. */
function dbOf(values: Map<string, object>): Db {
  return {
    get: (key, told) => told(null, values.get(key)),
    put(key, value, told) {
      if (!values.has(key)) SORTED.delete(values);
      values.set(key, value);
      told(null);
    },
    del(key, told) {
      SORTED.delete(values);
      values.delete(key);
      told(null);
    },
    // One act runs at a time, to its end.
    lock: (_key, act) => act((told) => told),
    createKeyStream: () => streamOf(sorted(values)),
    createValueStream: (range) => streamOf(within(values, range).map((key) => values.get(key)!)),
  };
}

function within(values: Map<string, object>, { gt, gte, lt, lte, reverse = false, limit = -1 }: Range): string[] {
  const keys = sorted(values).filter(
    (key) =>
      (gt === undefined || key > gt) &&
      (gte === undefined || key >= gte) &&
      (lt === undefined || key < lt) &&
      (lte === undefined || key <= lte),
  );
  if (reverse) keys.reverse();
  return limit < 0 ? keys : keys.slice(0, limit);
}

/** Keys in their order, until one comes or goes. */
const SORTED = new WeakMap<object, readonly string[]>();

/** They are hexadecimal or names of tables, so their characters sort as their bytes do. */
function sorted(values: Map<string, object>): readonly string[] {
  const known = SORTED.get(values) ?? [...values.keys()].sort();
  SORTED.set(values, known);
  return known;
}

/** Dynalite listens as soon as it has it. */
function streamOf(values: readonly unknown[]): Stream {
  const stream = new Stream();
  void Promise.resolve().then(() => {
    for (const value of values) stream.emit('data', value);
    stream.emit('end');
  });
  return stream;
}
