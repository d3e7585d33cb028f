import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ALWAYS_OVER_THE_WIRE, doorHere } from './doors.ts';

it('names only scenarios that are there', () => {
  const scenarios = new Set(readdirSync(import.meta.dirname));
  expect(Object.keys(ALWAYS_OVER_THE_WIRE).filter((name) => !scenarios.has(name))).toEqual([]);
});

it('goes past HTTP unless the whole suite is to go over the wire', () => {
  expect(doorHere()).toBe(process.env['WIRE'] === 'all' ? 'wire' : 'direct');
});
