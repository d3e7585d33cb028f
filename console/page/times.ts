/** How a page shows moments: in UTC, as logs do, or in the zone of whoever looks. */
export interface Zone {
  readonly isLocal: boolean;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function shifted(at: number, { isLocal }: Zone): Date {
  return new Date(at - (isLocal ? new Date(at).getTimezoneOffset() * 60_000 : 0));
}

/** `15:11:13` */
export function wallTime(at: number, zone: Zone): string {
  return shifted(at, zone).toISOString().slice(11, 19);
}

/** `Sat 28 Nov` */
export function dayOf(at: number, zone: Zone): string {
  const date = shifted(at, zone);
  return `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** `UTC`, or what the zone is called here. */
export function zoneName({ isLocal }: Zone, at: number): string {
  if (!isLocal) return 'UTC';
  const named = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(at);
  return named.find(({ type }) => type === 'timeZoneName')?.value ?? 'local time';
}
