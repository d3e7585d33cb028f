import type { BusEvent, RegionContext } from '../service.ts';

/** An event as targets receive it. */
export interface Envelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Completes an event; what it holds is copied, so that nobody can change it afterwards. */
export function envelop({ kernel, account, region }: RegionContext, event: BusEvent): Envelope {
  const envelope = {
    version: '0',
    id: kernel.random.uuid(),
    'detail-type': event['detail-type'],
    source: event.source,
    account,
    time: isoSeconds(event.time ?? new Date(kernel.now)),
    region,
    resources: event.resources,
    detail: event.detail,
  };
  return JSON.parse(JSON.stringify(envelope)) as Envelope;
}

function isoSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
