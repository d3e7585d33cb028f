const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `2026-01-05T10:00:00+01:00 (3 min ago)`, in local time; a moment that lies ahead, on a clock that differs, has no age. */
export function moment(at: number, now: number): string {
  return at > now ? localTime(at) : `${localTime(at)} (${age(at, now)})`;
}

/** `3 min ago`, in the largest unit that is full. */
export function age(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  const unit = UNITS.find(([size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[0])} ${unit[1]} ago` : 'just now';
}

/** ISO 8601 with the local offset, to the second. */
export function localTime(at: number): string {
  const date = new Date(at);
  const offset = -date.getTimezoneOffset();
  const local = new Date(at + offset * 60_000).toISOString().slice(0, 19);
  const digits = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const [hours, minutes] = [Math.abs(offset) / 60, Math.abs(offset) % 60];
  return `${local}${offset < 0 ? '-' : '+'}${digits(hours)}:${digits(minutes)}`;
}

/** The moment for machines: ISO 8601 in UTC. */
export function utc(at: number): string {
  return new Date(at).toISOString();
}
