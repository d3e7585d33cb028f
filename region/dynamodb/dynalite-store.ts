import { createRequire } from 'node:module';
import { Fault, NotModelled } from '../service.ts';
import { checkExpressions } from './expression-bounds.ts';
import { memoryTables } from './memory-tables.ts';
import type { Callback, Store, StoredTables, TableDb } from './tables.ts';

const require: (name: string) => unknown = createRequire(import.meta.url);

/** The operations of dynalite that the region lets in. */
export type DynaliteAction = keyof typeof OPERATIONS;

/**
 * An embedded DynamoDB in memory: dynalite's own validations and actions, without its HTTP server. What they read and write is in
 * the state of the service, or in dynalite's own LevelDB, which stands for what it should be.
 */
export interface DynaliteStore {
  /** Takes and gives DynamoDB's JSON (blobs as base64, timestamps as seconds); throws `Fault`. */
  run(action: DynaliteAction, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** Replaces what dynalite knows of a table. */
  putTable(name: string, table: object): Promise<void>;
  /** Forgets a table that is being deleted, for which dynalite would wait for a real timer. */
  forgetTable(name: string): Promise<void>;
}

/** The parts of dynalite that are used; it has no types and its modules no public names, so the version is pinned. */
interface Validations {
  readonly checkTypes: (input: object, types: Readonly<Record<string, unknown>>) => object;
  readonly checkValidations: (input: object, types: object, custom: unknown, store: Store) => void;
}
type Action = (store: Store, input: object, callback: Callback<Record<string, unknown>>) => void;

interface DynaliteOperation {
  readonly act: Action;
  readonly validation: { readonly types: Readonly<Record<string, unknown>>; readonly custom: unknown };
}

const OPERATIONS = {
  createTable: dynalite(require('dynalite/actions/createTable'), require('dynalite/validations/createTable')),
  deleteTable: dynalite(require('dynalite/actions/deleteTable'), require('dynalite/validations/deleteTable')),
  describeTable: dynalite(require('dynalite/actions/describeTable'), require('dynalite/validations/describeTable')),
  getItem: dynalite(require('dynalite/actions/getItem'), require('dynalite/validations/getItem')),
  listTables: dynalite(require('dynalite/actions/listTables'), require('dynalite/validations/listTables')),
  putItem: dynalite(require('dynalite/actions/putItem'), require('dynalite/validations/putItem')),
  query: dynalite(require('dynalite/actions/query'), require('dynalite/validations/query')),
  scan: dynalite(require('dynalite/actions/scan'), require('dynalite/validations/scan')),
};

function dynalite(act: unknown, validation: unknown): DynaliteOperation {
  return { act, validation } as DynaliteOperation;
}

/** Creates a store whose table ARNs are of `account` and `region`, on what is stored or on an empty LevelDB. */
export function createDynaliteStore(account: string, region: string, stored: StoredTables | 'leveldb'): DynaliteStore {
  const { checkTypes, checkValidations } = require('dynalite/validations') as Validations;
  const store = stored === 'leveldb' ? levelDbTables(account, region) : memoryTables(account, region, stored);
  return {
    async run(action, input) {
      const { act, validation } = OPERATIONS[action];
      refuseUnknown(action, input, validation.types);
      checkExpressions(input);
      const answered = whileUnanswered(store);
      try {
        const checked = checkTypes(input, validation.types);
        checkValidations(checked, validation.types, validation.custom, store);
        return (await promised<Record<string, unknown>>((told) => act(answered.store, checked, told)))!;
      } catch (error) {
        throw asFault(error);
      } finally {
        answered.end();
      }
    },
    forgetTable: (name) => promised<void>((told) => store.tableDb.del(name, told)),
    putTable: (name, table) => promised<void>((told) => store.tableDb.put(name, table, told)),
  };
}

function levelDbTables(account: string, region: string): Store {
  const store = (require('dynalite/db') as { create(options: object): Store }).create({
    createTableMs: 0,
    deleteTableMs: 0,
  });
  store.tableDb.awsAccountId = account;
  store.tableDb.awsRegion = region;
  return store;
}

/** Tables would come and go once more on real timers, of which the region knows nothing. */
function whileUnanswered(store: Store): { readonly store: Store; readonly end: () => void } {
  let isAnswered = false;
  const { tableDb } = store;
  const guarded: TableDb = {
    ...tableDb,
    put: (key, table, told) => (isAnswered ? undefined : tableDb.put(key, table, told)),
    del: (key, told) => (isAnswered ? undefined : tableDb.del(key, told)),
  };
  return { store: { ...store, tableDb: guarded }, end: () => void (isAnswered = true) };
}

/** Dynalite drops parameters that it does not know; the region may not. */
function refuseUnknown(action: DynaliteAction, input: object, types: object): void {
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(types, name));
  if (unknown !== undefined) throw new NotModelled(`The parameter ${unknown} of dynamodb:${action}`);
}

function promised<T>(act: (callback: Callback<T>) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => act((error, result) => (error ? reject(error) : resolve(result))));
}

/** Dynalite throws AWS's own answers: `{ statusCode, body: { __type: 'com.amazonaws.…#ConditionalCheckFailedException', message } }`. */
function asFault(error: unknown): unknown {
  const { statusCode, body } = error as {
    statusCode?: number;
    body?: { __type: string; message?: string; Message?: string };
  };
  if (statusCode === undefined || body === undefined) return error;
  const code = body.__type.slice(body.__type.indexOf('#') + 1);
  return new Fault(code, body.message ?? body.Message ?? '', statusCode);
}
