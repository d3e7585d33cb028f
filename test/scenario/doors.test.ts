import { readdirSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { ALWAYS_OVER_THE_WIRE, doorHere } from './doors.ts';

it('names only scenarios that are there', () => {
  const scenarios = new Set(readdirSync(import.meta.dirname));
  expect(Object.keys(ALWAYS_OVER_THE_WIRE).filter((name) => !scenarios.has(name))).toEqual([]);
});

afterEach(() => void vi.unstubAllEnvs());

it('says so where WIRE is neither', () => {
  vi.stubEnv('WIRE', 'yes');
  expect(doorHere).toThrow('WIRE is "yes": set it to "all", or leave it out');
});

it('goes past HTTP unless the whole suite is to go over the wire', () => {
  expect(doorHere()).toBe(process.env['WIRE'] === 'all' ? 'wire' : 'direct');
});
