/** A table as the region knows it beyond dynalite. */
export interface TableRecord {
  readonly partitionKey: string;
  readonly createdAt: Date;
  readonly isDeletionProtected: boolean;
}
