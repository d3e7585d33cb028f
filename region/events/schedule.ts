import { Fault, NotModelled } from '../service.ts';

/** When a rule ticks: the first instant after `nowMs`, for a schedule that began at `startedAtMs`. */
export type Schedule = (nowMs: number, startedAtMs: number) => number;

const MINUTE_MS = 60_000;
const UNIT_MS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 1_440 * MINUTE_MS };

/** Reads `rate(5 minutes)`, or a `cron(…)` that repeats every day. */
export function parseSchedule(expression: string): Schedule {
  const [, kind, body] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate') return parseRate(body!);
  if (kind === 'cron') return parseCron(body!);
  throw notValid();
}

function parseRate(body: string): Schedule {
  const [, digits, unit, plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(body) ?? [];
  const value = Number(digits);
  // "If the value is equal to 1, then the unit must be singular", and the reverse (user guide, eb-rate-expressions).
  if (!unit || (value === 1) !== (plural === '')) throw notValid();
  const periodMs = value * UNIT_MS[unit]!;
  return (nowMs, startedAtMs) => startedAtMs + (Math.floor((nowMs - startedAtMs) / periodMs) + 1) * periodMs;
}

/** Fields: minutes hours day-of-month month day-of-week year; the last four must not restrict anything. */
function parseCron(body: string): Schedule {
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year, ...rest] = body.split(/ +/);
  if (year === undefined || rest.length > 0 || (dayOfMonth === '?') === (dayOfWeek === '?')) throw notValid();
  if ([dayOfMonth, month, dayOfWeek, year].some((field) => field !== '*' && field !== '?')) {
    throw new NotModelled(`The schedule cron(${body}), which does not repeat every day,`);
  }
  const isMinute = parseField(minutes!, 60, body);
  const isHour = parseField(hours!, 24, body);
  return (nowMs) => {
    let at = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
    // Ends within a day: both fields accept at least one value of every day.
    while (!isMinute(new Date(at).getUTCMinutes()) || !isHour(new Date(at).getUTCHours())) at += MINUTE_MS;
    return at;
  };
}

/** `*`, `5`, `0/15`. */
function parseField(field: string, size: number, body: string): (value: number) => boolean {
  if (field === '*') return () => true;
  const [, first, step] = /^(\d+)(?:\/([1-9]\d*))?$/.exec(field) ?? [];
  if (first === undefined) throw new NotModelled(`The field ${field} of the schedule cron(${body})`);
  const start = Number(first);
  if (start >= size) throw notValid();
  return (value) => (step === undefined ? value === start : value >= start && (value - start) % Number(step) === 0);
}

function notValid(): Fault {
  return new Fault('ValidationException', 'Parameter ScheduleExpression is not valid.');
}
