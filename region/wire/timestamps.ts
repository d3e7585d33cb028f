import type { TimestampFormat } from './sdk-shapes.ts';

/** The time that JSON or a form says: a number of seconds since the epoch, or text; undefined for what is no time. */
export function dateOf(value: unknown): Date | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const date = new Date(typeof value === 'number' ? Math.round(value * 1000) : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A time as JSON has it; in seconds unless the format says otherwise. */
export function writtenDate(date: Date, format: TimestampFormat | undefined): string | number {
  if (format === 'date-time') return date.toISOString();
  return format === 'http-date' ? date.toUTCString() : date.getTime() / 1000;
}

/** A time as it comes out at the other end: only one of the formats has no fractions of seconds. */
export function travelled(time: number, format: TimestampFormat | undefined): number {
  return format === 'http-date' ? Math.floor(time / 1000) * 1000 : time;
}
