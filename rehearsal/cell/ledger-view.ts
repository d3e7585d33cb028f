import type { AttributeValue, QueryOutput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { CellConfig } from './cell-config.ts';
import { operate } from './operator.ts';
import type { Region } from '../../region/region.ts';

/** The ledger's state item, as far as scenarios look at it. */
export interface LedgerView {
  readonly version: number;
  readonly updatedAt: number;
  readonly seen?: { readonly digest: string; readonly tag?: string | undefined } | undefined;
  readonly owner?: OwnerView | undefined;
  readonly pending?: PendingView | undefined;
  readonly verified: readonly {
    readonly taskDefinition: string;
    readonly at: number;
    readonly digest?: string | undefined;
  }[];
  readonly quarantine: readonly { readonly digest: string; readonly reason: string }[];
  readonly pin?: { readonly rolloutId: string } | undefined;
  /** An image that is to be tried again, and what is to be put back again: when, in milliseconds since the epoch. */
  readonly retry?: { readonly dueAt: number } | undefined;
  readonly unsettled?: { readonly dueAt: number } | undefined;
  readonly outbox: readonly RecordView[];
}

/** Who waits for the service, and what its push brought. */
export interface PendingView {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly image?: { readonly digest: string; readonly tag?: string | undefined } | undefined;
}

/** Who owns the service; times are milliseconds since the epoch. */
export interface OwnerView {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly generation: number;
  readonly purpose: string;
  readonly phase: PhaseView;
  readonly leaseUntil: number;
  readonly deadline: number;
  readonly image: { readonly digest: string; readonly tag?: string | undefined };
  readonly targets: readonly string[];
  /** `nothing` is the way back of a launch: to a service that wants no tasks. */
  readonly rollbackTarget?: { readonly kind: string; readonly taskDefinition: string } | undefined;
}

/** How far it is; `since` is there while a change may be in flight, `watch` while it waits. */
export interface PhaseView {
  readonly name: string;
  readonly since?: number | undefined;
  /** How many attempts of that change have no known end; 0 where each is known to have changed nothing. */
  readonly uncertain?: number | undefined;
  readonly watch?:
    | {
        readonly kind: string;
        readonly deploymentId: string;
        readonly deadline: number;
        /** The most healthy tasks that were ever seen, and the fewest old ones. */
        readonly progress?: { readonly healthy: number; readonly old?: number | undefined } | undefined;
      }
    | undefined;
  readonly verdict?: { readonly word: string; readonly reason: string } | undefined;
}

/** What a person asked for: an image by one of these, or by none of them what the tag policy selects. */
export interface RequestView {
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  readonly rollback?: unknown;
}

/** A history entry, as far as scenarios look at it. */
export interface RecordView {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly outcome: string;
  readonly reason: string;
  readonly message: string;
  readonly image?: { readonly digest: string; readonly tag?: string | undefined } | undefined;
  /** What a person asked for; undefined for pushes and the tick. */
  readonly request?: RequestView | undefined;
  readonly trigger?: string | undefined;
  readonly taskDefinition?: string | undefined;
  readonly deploymentId?: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly detectionLagSeconds?: number | undefined;
  /** Of an end that is tried again and, for that, not announced. */
  readonly triedAgainAt?: number | undefined;
  /** The recovery that put right what it left: the two are announced as one. */
  readonly settledBy?: string | undefined;
  readonly runs?: { readonly kind: string } | undefined;
}

/** The state item; undefined while nothing was ever written. */
export async function readLedgerState(
  region: Region,
  table: string,
  config: CellConfig,
): Promise<LedgerView | undefined> {
  const items = await query(region, table, config, 'state');
  return items[0] as LedgerView | undefined;
}

/** History entries, in the order in which their rollouts ended. */
export async function readHistory(region: Region, table: string, config: CellConfig): Promise<RecordView[]> {
  const records = (await query(region, table, config, 'ended#')) as RecordView[];
  return records.sort((a, b) => a.endedAt - b.endedAt);
}

async function query(region: Region, table: string, config: CellConfig, entry: string): Promise<unknown[]> {
  const values: Record<string, AttributeValue> = { ':service': { S: config.service }, ':entry': { S: entry } };
  const { Items = [] } = await operate<QueryOutput>(region, 'dynamodb', 'Query', {
    TableName: table,
    KeyConditionExpression: '#service = :service AND begins_with(#entry, :entry)',
    ExpressionAttributeNames: { '#service': 'service', '#entry': 'entry' },
    ExpressionAttributeValues: values,
    ConsistentRead: true,
  });
  return Items.map((item) => unmarshall(item));
}
