import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { Template } from '../../region/cloudformation/template.ts';
import type { Region } from '../../region/region.ts';
import { notPlain } from '../region/not-plain.ts';
import { setting } from './setting.ts';

const openWorld = setting();

const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'provisioned-service.template.json');

/** STS knows nothing of its own. */
const EMPTY = ['chatbot', 'sts'];

/** What is wrong with the state of some service: something that is no plain data, or that a copy lacks. */
function problems({ services, faults }: Region): string[] {
  const states = [...services].map(([id, { state }]) => [id, state] as const);
  return [...states, ['faults', faults.state] as const].flatMap(([id, state]) => {
    const found = notPlain(state, id);
    if (found.length > 0) return found;
    return isDeepStrictEqual(structuredClone(state), state) ? [] : [`a copy of ${id} is another`];
  });
}

function isEmpty(state: object): boolean {
  const sizes = Object.values(state).map((member: unknown) =>
    member instanceof Map || member instanceof Set ? member.size : Array.isArray(member) ? member.length : 0,
  );
  return sizes.every((size) => size === 0);
}

it('keeps what every service knows as plain data that can be copied, in the midst of a lively world', async () => {
  const world = await openWorld({ hasTicks: true });
  const { region } = world;
  const template = JSON.parse(readFileSync(FIXTURE, 'utf8').replaceAll('"prod"', '"other"')) as Template;
  const image = `${region.account}.dkr.ecr.${region.region}.amazonaws.com/api:1`;
  region.ecr.admitForeignImage(image);
  await region.deployStack({ name: 'Provisioned', template, assets: new Map() });
  region.faults.start({
    at: 'call',
    match: { service: 'states' },
    does: { kind: 'stale', spread: { minMs: 0, maxMs: 2_000 } },
  });
  await world.push();
  await world.advance(40);
  await world.push({ behaviour: 'crash' });
  for (let look = 0; look < 5; look++) {
    await world.advance(43);
    expect(problems(region)).toEqual([]);
  }
  await world.untilIdle();
  expect(problems(region)).toEqual([]);
  const empty = [...region.services.values()].filter(({ state }) => isEmpty(state)).map(({ id }) => id);
  expect(empty).toEqual(EMPTY);
});
