import type { Stream } from 'node:stream';

/** What dynalite's actions read and write. */
export interface StoredTables {
  /** By name, as DescribeTable shows them. */
  readonly descriptions: Map<string, object>;
  /** By table, by the key that dynalite makes of theirs. */
  readonly items: Map<string, Map<string, object>>;
}

/** How dynalite's functions answer. */
export type Callback<T> = (error: Error | null | undefined, result?: T) => void;

/** The bounds of what is read, and in which order; no limit is -1. */
export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** Values by key. */
export interface Db {
  get(key: string, told: Callback<object | undefined>): void;
  put(key: string, value: object, told: Callback<void>): void;
  del(key: string, told: Callback<void>): void;
  lock(key: string, act: (release: <Told>(told: Told) => Told) => void): void;
  createKeyStream(): Stream;
  createValueStream(range: Range): Stream;
}

export type TableDb = Db & { awsAccountId: string; awsRegion: string };

/** What dynalite's actions ask of their store. */
export interface Store {
  readonly options: object;
  readonly tableDb: TableDb;
  getTable(
    name: string,
    ...given: [told: Callback<object | undefined>] | [boolean, Callback<object | undefined>]
  ): void;
  getItemDb(table: string): Db;
  deleteItemDb(table: string, told: Callback<void>): void;
  deleteTagDb(table: string, told: Callback<void>): void;
}
