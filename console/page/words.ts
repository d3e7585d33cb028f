import { span as spanOf } from '../../picture/times.ts';
import { lookOf } from '../../picture/outcome-looks.ts';
import type { Image, RolloutRecord } from '../documents.ts';

/** How long something took; its number and unit stay on one line. */
export function span(seconds: number): string {
  return spanOf(Math.max(0, seconds)).replaceAll(' ', '\u00a0');
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [172_800, 'd'],
  [3600, 'h'],
  [60, 'min'],
];
const UNIT_SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, min: 60 };

/** `4 min ago`; a moment that lies ahead, on a clock that differs, is now. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, (now - at) / 1000);
  const unit = UNITS.find(([from]) => seconds >= from)?.[1];
  return unit === undefined
    ? `${Math.round(seconds)} s ago`
    : `${Math.round(seconds / UNIT_SECONDS[unit]!)} ${unit} ago`;
}

/** `4 tasks`, `1 task`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** A time that counts down or up: `1:05`. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const digits = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${digits(minutes)}:${digits(whole % 60)}` : `${minutes}:${digits(whole % 60)}`;
}

/** Twelve digits of a digest. */
export function shortDigest(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}

/** What an image is called: its tag, else digits. */
export function imageName(image: Image | null | undefined): string {
  return image ? (image.tag ?? shortDigest(image.digest)) : 'the image';
}

/** A name that fits: cut in the middle, as both ends tell names apart. */
export function cut(name: string, length = 32): string {
  const signs = [...name];
  if (signs.length <= length) return name;
  const tail = Math.floor((length - 1) * 0.4);
  return `${signs.slice(0, length - 1 - tail).join('')}…${signs.slice(-tail).join('')}`;
}

/** The cluster, and the service in it. */
export function parts(service: string): readonly [cluster: string, name: string] {
  const slash = service.indexOf('/');
  return [service.slice(0, slash), service.slice(slash + 1)];
}

/** A record's message without what every other one says, too. */
export function cause({ message }: Pick<RolloutRecord, 'message'>): string {
  return message
    .replace(
      /^Essential container in task exited; container (\S+) exited with code (\d+)\.?/,
      '$1 exited with code $2.',
    )
    .replace(/ After the rollback: .*$/s, '')
    .replace(/ \S+ stays registered: .*$/s, '')
    .replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1');
}

/** The middle of some numbers; undefined of none. */
export function median(numbers: readonly number[]): number | undefined {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Whether a rollout came to nothing that had begun, or was refused. */
export function isFailure(outcome: string): boolean {
  return lookOf(outcome).tone === 'bad';
}

/** Whether an outcome says nothing of how well changes go. */
export function isBeside(outcome: string): boolean {
  return ['NO_CHANGE', 'SUPERSEDED', 'HELD', 'STAGED', 'REJECTED'].includes(outcome);
}

/** Whoever was asked to start a rollout, in words; undefined where nobody was. */
export function starter({ intent, request }: Pick<RolloutRecord, 'intent' | 'request'>): string | undefined {
  if (intent === 'start') return request?.reason ?? 'started manually';
  if (intent === 'rollback') return request?.reason ?? 'rolled back manually';
  if (intent === 'acknowledge') return request?.reason ?? 'acknowledged';
  return undefined;
}
