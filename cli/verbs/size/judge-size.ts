import { smallestSize } from '../../../configuration/fargate-sizes.ts';
import type { TaskSize } from './footprint.ts';

/** How much of a resource the service's tasks used, in percent of what they have. */
export interface Share {
  /** Over the whole time. */
  readonly average: number;
  /** The highest hourly average. */
  readonly busiestHour: number;
  /** The highest single value. */
  readonly peak: number;
}

/** What CloudWatch knows of a service. */
export interface Utilisation {
  /** Hours that were asked for. */
  readonly hoursAsked: number;
  /** Hours of which both CPU and memory are known. */
  readonly hours: number;
  /** Absent when no hour is known. */
  readonly shares?: { readonly cpu: Share; readonly memory: Share };
}

/** Whether the tasks have the right size, why, and the smallest Fargate size that would do. */
export interface SizeVerdict {
  readonly word: 'over' | 'under' | 'fits' | 'unknown';
  readonly reason: string;
  readonly fitting?: TaskSize;
}

/** A day has a busy and a quiet part; less than that says nothing (Compute Optimizer asks for as much). */
export const HOURS_NEEDED = 24;

/** A CPU that is busier than this through an hour has nothing left for a burst. */
export const CPU_PERCENT_MAX = 70;

/** Memory cannot wait: a task that reaches its limit is killed. So the single highest value has to stay below this. */
export const MEMORY_PERCENT_MAX = 80;

/** Judges a task size by what was used of it; too little knowledge is `unknown`. */
export function judgeSize({ hours, hoursAsked, shares }: Utilisation, size: TaskSize): SizeVerdict {
  if (!shares || hours < HOURS_NEEDED) return { word: 'unknown', reason: tooLittle(hours, hoursAsked) };
  const { cpu, memory } = shares;
  const used = `CPU ${percent(cpu.busiestHour)} in its busiest hour, memory ${percent(memory.peak)} at its peak`;
  const needed = {
    cpu: (size.cpu * cpu.busiestHour) / CPU_PERCENT_MAX,
    memoryMiB: (size.memoryMiB * memory.peak) / MEMORY_PERCENT_MAX,
  };
  const fitting = smallestSize(needed.cpu, needed.memoryMiB);
  const isUnder = needed.cpu > size.cpu || needed.memoryMiB > size.memoryMiB;
  if (!fitting) return { word: 'under', reason: `${used}; no Fargate size is large enough: run more tasks` };
  const isSame = fitting.cpu === size.cpu && fitting.memoryMiB === size.memoryMiB;
  const word = isUnder ? 'under' : isSame ? 'fits' : 'over';
  return { word, reason: used, fitting };
}

function tooLittle(hours: number, hoursAsked: number): string {
  const days = Math.round(hoursAsked / 24);
  return hours === 0
    ? `CloudWatch has no CPU and memory values of this service in ${days} days`
    : `CloudWatch knows ${hours} hour${hours === 1 ? '' : 's'} of ${days} days; ${HOURS_NEEDED} are needed`;
}

function percent(value: number): string {
  return `${Math.round(value)} %`;
}
