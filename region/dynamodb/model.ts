import type { RegionContext } from '../service.ts';
import type { DynaliteStore } from './dynalite-store.ts';

/** A table as the region knows it beyond dynalite. */
export interface TableRecord {
  readonly partitionKey: string;
  readonly createdAt: Date;
  readonly isDeletionProtected: boolean;
}

/** What DynamoDB knows beyond dynalite, whose own store is LevelDB in memory and is not copied with it. */
export interface DynamoDbState {
  /** By name. */
  readonly tables: Map<string, TableRecord>;
}

export interface DynamoDb extends RegionContext {
  readonly store: DynaliteStore;
  readonly state: DynamoDbState;
}

/** No table. */
export function newDynamoDbState(): DynamoDbState {
  return { tables: new Map() };
}
