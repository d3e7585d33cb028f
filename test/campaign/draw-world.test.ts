import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drawWorld, pageOf, pictureFile } from '../../campaign/draw-world.ts';
import { planOf } from '../../campaign/generate-plan.ts';
import { noteDeed } from '../../campaign/note-deed.ts';
import type { Deed, Policy } from '../../campaign/plan.ts';
import type { Played } from '../../campaign/play-plan.ts';
import type { Chronicler } from '../../rehearsal/chronicler.ts';
import { badPush } from '../picture/given-chronicle.ts';

const played = (violations: readonly string[]): Played => ({
  plan: planOf(42),
  violations,
  rollouts: 1,
  met: new Map(),
  meetable: [],
  traceDigest: '0123456789abcdef',
  virtualSeconds: 300,
  cpuMs: { opening: 0, playing: 0, auditing: 0 },
});

it('says first whether a rule was broken, each rule once, and how the world is played again', () => {
  expect(pageOf('42', played([]), badPush())).toMatchObject({
    title: 'Campaign, seed 42',
    sentence: '1 rollout of prod/api; every rule was kept.',
    violations: [],
  });
  const broken = pageOf('campaign/corpus/rest-42.json', played(['rest: 2 changes.', 'rest: 2 changes.']), badPush());
  expect(broken.sentence).toBe('1 rollout of prod/api; a rule was broken once.');
  expect(broken.violations).toEqual(['rest: 2 changes.']);
  expect(pageOf('42', played(['rest: 2 changes.', 'end: no.']), badPush()).sentence).toMatch(
    /; rules were broken 2 times\.$/,
  );
  expect(broken.facts[0]).toEqual({
    name: 'Play it again',
    value: 'npm run campaign -- --replay campaign/corpus/rest-42.json --html',
  });
});

it('tells of the service what its plan says, and nothing of what it leaves out', () => {
  const serviceOf = (service: Played['plan']['service']): unknown =>
    pageOf('42', { ...played([]), plan: { ...planOf(42), service } }, badPush()).facts.find(
      ({ name }) => name === 'Service',
    )?.value;
  expect(serviceOf({})).toBe('as every other');
  expect(serviceOf({ desiredCount: 0, maximumPercent: 150, hasHealthCheck: false })).toBe(
    'desired 0, at most 150 %, no health check',
  );
  expect(serviceOf({ isPinned: true, sidecar: { image: 'another-registry', essential: 'both' } })).toBe(
    'first image by digest, sidecar (another registry; essential, too)',
  );
  expect(
    serviceOf({
      sidecar: { image: 'own-repository', essential: 'main', behaviour: 'crash', afterSeconds: 20 },
      members: { deploymentController: { type: 'EXTERNAL' } },
    }),
  ).toBe('sidecar (own repository; not essential; crash after 20 s), its own deploymentController');
});

it('tells of a service all that a plan can say of it', () => {
  const sidecar = { image: 'another-repository', essential: 'sidecar', behaviour: 'crash', afterSeconds: 1 } as const;
  const all: Required<Played['plan']['service']> = {
    desiredCount: 11,
    circuitBreaker: 'no-rollback',
    hasHealthCheck: true,
    minimumHealthyPercent: 12,
    maximumPercent: 113,
    isPinned: false,
    sidecar,
    members: { deploymentController: { type: 'EXTERNAL' } },
    taskDefinition: { cpu: '256' },
  };
  const told = (service: Played['plan']['service']): string | undefined =>
    pageOf('42', { ...played([]), plan: { ...planOf(42), service } }, badPush()).facts.find(
      ({ name }) => name === 'Service',
    )?.value;
  for (const member of Object.keys(all)) expect(told({ ...all, [member]: undefined })).not.toBe(told(all));
  for (const part of Object.keys(sidecar).slice(2))
    expect(told({ ...all, sidecar: { ...sidecar, [part]: undefined } })).not.toBe(told(all));
});

it('tells of a cell what else is configured', () => {
  const cellOf = (policy?: Policy): unknown =>
    pageOf(
      '42',
      {
        ...played([]),
        plan: {
          ...planOf(42),
          setting: { tag: 'glob', bakeTimeSeconds: 0, isProvisioned: false, ...(policy && { policy }) },
        },
      },
      badPush(),
    ).facts.find(({ name }) => name === 'Cell')?.value;
  expect(cellOf()).toBe('tag policy glob, bake time 0 s, adopted');
  expect(cellOf('keeps-images')).toBe('tag policy glob, bake time 0 s, adopted, keeps images');
});

it('names a file after what is replayed, and refuses one that cannot be written before anything is played', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rollouts-draw-'));
  expect(pictureFile('', '42')).toBe(join(process.cwd(), 'campaign-42.html'));
  expect(pictureFile('', 'campaign/corpus/rest-42.json')).toBe(join(process.cwd(), 'campaign-rest-42.html'));
  expect(() => pictureFile(directory, '42')).toThrow(`--html is "${directory}", which is a folder: name a file in it`);
  expect(() => pictureFile(join(directory, 'no', 'a.html'), '42')).toThrow(
    /there is no folder .*no: make it, or name another/,
  );
  const file = pictureFile(join(directory, 'a.html'), '42');
  drawWorld(file, '42', played([]), badPush());
  expect(readFileSync(file, 'utf8')).toContain('1 rollout of prod/api; every rule was kept.');
  expect(statSync(file).size).toBeLessThan(100_000);
});

it.each<[Deed, readonly unknown[] | undefined]>([
  [{ kind: 'push', image: {} }, undefined],
  [{ kind: 'wait' }, undefined],
  [{ kind: 'foreign' }, ['foreign', 'deploys the very first revision']],
  [{ kind: 'stop' }, ['deed', 'stops the execution']],
  [{ kind: 'scale', desiredCount: 3 }, undefined],
  [{ kind: 'interrupt', cause: 'retirement', tasks: 1 }, ['deed', 'AWS takes 1 task back: retirement']],
  [{ kind: 'kill', tasks: 2 }, ['deed', 'stops 2 tasks']],
  [{ kind: 'forge', as: 'verdict', word: 'steady' }, ['deed', 'answers for the task that waits: verdict steady']],
  [{ kind: 'trouble', handler: 'Conclude', lastsSeconds: 60 }, ['fault', 'Lambda fails Conclude', 60]],
  [
    { kind: 'forbid', handler: 'RollService', action: 'ecs:UpdateService', lastsSeconds: 60 },
    ['fault', 'RollService may not ecs:UpdateService', 60],
  ],
  [{ kind: 'failed-pulls', lastsSeconds: 60 }, ['fault', 'no image can be pulled', 60]],
  [
    { kind: 'fault', fault: 'throttling', lastsSeconds: 60 },
    ['fault', 'throttling: One call in eight is throttled.', 60],
  ],
  [
    { kind: 'fault', fault: 'registry-outage', lastsSeconds: 900 },
    ['fault', 'registry-outage: ECR is out of service.', 120],
  ],
])('notes %j in words, where nobody else tells of it', (deed, expected) => {
  const noted: unknown[][] = [];
  const chronicler: Pick<Chronicler, 'note'> = { note: (...told) => void noted.push(told) };
  noteDeed(chronicler, 7, deed);
  expect(noted).toEqual(expected === undefined ? [] : [[7, ...expected]]);
});
