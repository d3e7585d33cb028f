import { alignedColumns } from '../timeline/aligned-columns.ts';

/** One measured figure, beside its bound if it has one. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The figure must be at most this; at least this when `isFloor`. */
  readonly bound?: number;
  readonly isFloor?: boolean;
}

/** True when the figure keeps its bound, or has none. */
export function isWithin({ value, bound, isFloor }: Measurement): boolean {
  if (bound === undefined) return Number.isFinite(value);
  return isFloor ? value >= bound : value <= bound;
}

/** Milliseconds of processor time that this process has used: unlike a clock's, hardly more where others use the machine, too. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The measurements as lines of aligned columns, or as a Markdown table. */
export function table(measurements: readonly Measurement[], isMarkdown: boolean): string[] {
  const rows = measurements.map((measurement) => [
    measurement.name,
    figure(measurement),
    bound(measurement),
    mark(measurement),
  ]);
  const columns = ['What', 'Measured', 'Bound', ''];
  if (isMarkdown) return [columns, ['---', '---:', '---:', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return alignedColumns([columns, ...rows], [1, 2]);
}

function figure({ value, unit }: Measurement): string {
  const text = Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
  return unit === '' ? text : `${text} ${unit}`;
}

function bound(measurement: Measurement): string {
  if (measurement.bound === undefined) return '';
  return `${measurement.isFloor ? '>=' : '<='} ${figure({ ...measurement, value: measurement.bound })}`;
}

function mark(measurement: Measurement): string {
  if (measurement.bound === undefined) return '';
  return isWithin(measurement) ? 'ok' : 'BROKEN';
}
