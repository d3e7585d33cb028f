import type { RegionContext } from '../service.ts';
import type { DynaliteStore } from './dynalite-store.ts';
import type { StoredTables } from './tables.ts';

/** A table as the region knows it beyond dynalite. */
export interface TableRecord {
  readonly partitionKey: string;
  readonly createdAt: Date;
  readonly isDeletionProtected: boolean;
}

/** What DynamoDB knows. */
export interface DynamoDbState {
  /** By name. */
  readonly tables: Map<string, TableRecord>;
  /** Empty where dynalite's own LevelDB has it, which is not copied with the rest. */
  readonly stored: StoredTables;
}

export interface DynamoDb extends RegionContext {
  readonly store: DynaliteStore;
  readonly state: DynamoDbState;
}

/** No table. */
export function newDynamoDbState(): DynamoDbState {
  return { tables: new Map(), stored: { descriptions: new Map(), items: new Map() } };
}
