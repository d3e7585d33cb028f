import fc from 'fast-check';
import { expect, it } from 'vitest';
import { axisOf, placeOf, ticksOf } from '../../picture/axis.ts';

it('gives every second the same width while something happens', () => {
  const axis = axisOf([0, 30, 60, 120]);
  expect(axis.parts).toEqual([{ from: 0, to: 120, left: 0, right: 1, isBreak: false }]);
  expect([0, 30, 60, 120].map((at) => placeOf(axis, at))).toEqual([0, 0.25, 0.5, 1]);
});

it('breaks hours of silence, and leaves the rest nearly the whole width', () => {
  const axis = axisOf([0, 50, 100, 14_500, 14_550, 14_600]);
  const breaks = axis.parts.filter(({ isBreak }) => isBreak);
  expect(breaks).toHaveLength(1);
  expect(breaks[0]!.right - breaks[0]!.left).toBeCloseTo(0.035);
  // What the break stands for is said, so it is the true time but for its edges.
  expect(breaks[0]!.to - breaks[0]!.from).toBeGreaterThan(14_390);
  expect(placeOf(axis, 100) - placeOf(axis, 0)).toBeGreaterThan(0.45);
});

it('does not break a bake of three minutes, nor a wait that is short beside the rest', () => {
  expect(axisOf([0, 40, 80, 260]).parts).toHaveLength(1);
  const busy = Array.from({ length: 41 }, (_, index) => index * 60);
  expect(axisOf([...busy, 2400 + 900]).parts).toHaveLength(1);
});

it('keeps the order of moments, fills its width, and gives breaks no more than a third of it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }), (moments) => {
      const axis = axisOf(moments);
      expect(axis.parts[0]!.left).toBe(0);
      expect(axis.parts.at(-1)!.right).toBe(1);
      axis.parts.slice(1).forEach((part, index) => {
        expect(part.left).toBe(axis.parts[index]!.right);
        expect(part.from).toBe(axis.parts[index]!.to);
      });
      const places = [...moments].sort((one, other) => one - other).map((moment) => placeOf(axis, moment));
      places.forEach((place, index) => expect(place).toBeGreaterThanOrEqual(places[index - 1] ?? 0));
      expect(Math.max(...places)).toBeLessThanOrEqual(1);
      const broken = axis.parts
        .filter(({ isBreak }) => isBreak)
        .reduce((sum, { left, right }) => sum + right - left, 0);
      expect(broken).toBeLessThanOrEqual(0.36);
    }),
  );
});

it('labels round moments, as far apart as asked', () => {
  const axis = axisOf([0, 30, 60, 90, 120]);
  expect(ticksOf(axis, 480, 58)).toEqual([0, 15, 30, 45, 60, 75, 90, 105, 120]);
  expect(ticksOf(axis, 240, 58)).toEqual([0, 30, 60, 90, 120]);
});

it('labels nothing in a break', () => {
  const axis = axisOf([0, 100, 14_500, 14_600]);
  const broken = axis.parts.find(({ isBreak }) => isBreak)!;
  const within = ticksOf(axis, 900, 58).filter((at) => at > broken.from && at < broken.to);
  expect(within).toEqual([]);
});
