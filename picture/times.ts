/** A moment as a clock that began at 0 shows it: `0:15`, `1:02:15`; with tenths where they are asked for. */
export function elapsed(seconds: number, digits = 0): string {
  const scale = 10 ** digits;
  const whole = Math.round(seconds * scale) / scale;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (whole - hours * 3600 - minutes * 60).toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** How long something took, as people say it: `0.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function span(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 100) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return joined(`${minutes} min`, whole % 60, 's');
  const all = Math.round(whole / 60);
  return joined(`${Math.floor(all / 60)} h`, all % 60, 'min');
}

function joined(first: string, rest: number, unit: string): string {
  return rest === 0 ? first : `${first} ${rest} ${unit}`;
}

/** A time of day, in UTC: `09:03:10`. */
export function clock(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 19);
}

/** A day, in UTC: `2026-01-05`. */
export function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
