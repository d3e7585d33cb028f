import { describe, expect, it } from 'vitest';
import { DEED_KINDS, planOf } from '../../campaign/generate-plan.ts';
import { readDefinition } from '../../infra/definition.ts';
import { FAULTS } from '../../rehearsal/faults/catalogue.ts';

const PLANS = Array.from({ length: 1_000 }, (_, seed) => planOf(seed));
const STEPS = PLANS.flatMap(({ steps }) => steps);

describe('the plan of a seed', () => {
  it('is plain data, and the same each time', () => {
    expect(JSON.parse(JSON.stringify(planOf(42)))).toEqual(planOf(42));
    expect(planOf(42).steps).not.toEqual(planOf(43).steps);
  });

  it('has no faults in about a quarter of the seeds', () => {
    const sound = PLANS.filter(({ steps }) => !steps.some(({ kind }) => kind === 'fault'));
    const meddled = sound.flatMap(({ steps }) =>
      steps.filter(({ kind }) => ['trouble', 'forbid', 'forge'].includes(kind)),
    );
    expect(meddled).toEqual([]);
    expect(sound.length).toBeGreaterThan(200);
    expect(sound.length).toBeLessThan(300);
  });

  it('is a tenth of the time one of pushes only, of images of every kind', () => {
    const pushed = PLANS.filter(({ steps }) => steps.every(({ kind }) => ['push', 'artifact', 'wait'].includes(kind)));
    expect(pushed.length).toBeGreaterThan(80);
    expect(pushed.length).toBeLessThan(130);
    const images = pushed.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'push' ? [step.image] : [])));
    expect([...new Set(images.map(({ behaviour }) => behaviour))].sort()).toEqual(
      ['crash', 'never-healthy', 'out-of-memory', 'slow-start', 'unpullable', undefined].sort(),
    );
  });

  it('switches each kind of deed off in some seeds, so that the others meet', () => {
    const absent = DEED_KINDS.filter((kind) => PLANS.some(({ steps }) => !steps.some((step) => step.kind === kind)));
    expect(absent).toEqual(DEED_KINDS);
  });

  it('draws worlds with every policy, and every kind of sidecar', () => {
    const drawn = new Set(PLANS.map(({ setting }) => setting.policy));
    expect([...drawn].sort()).toEqual(['deregisters', 'hasty', 'keeps-images', 'plain']);
    const sidecars = new Set(
      PLANS.map(({ service: { sidecar } }) => sidecar && `${sidecar.image} ${sidecar.essential}`),
    );
    expect(sidecars.size).toBe(10);
  });

  it('lets deeds wait for a moment that suits them, whichever it is', () => {
    const states = new Set(STEPS.map((step) => step.in));
    const known = readDefinition().States;
    expect([...states].filter((state) => state !== undefined && !(state in known))).toEqual([]);
    expect(states.size).toBeGreaterThan(12);
  });

  it('draws every deed and every fault within a thousand seeds', () => {
    expect(DEED_KINDS.filter((kind) => !STEPS.some((step) => step.kind === kind))).toEqual([]);
    const drawn = STEPS.flatMap((step) => (step.kind === 'fault' ? [step.fault] : []));
    expect(FAULTS.map(({ name }) => name).filter((name) => !drawn.includes(name))).toEqual([]);
  });
});
