import { describe, expect, it } from 'vitest';
import type { DeliveryFault, DeliveryMatch, FaultRule, When } from '../../../region/faults/model.ts';
import { carelessRegions } from './careless-region.ts';

const world = carelessRegions();

function on(match: DeliveryMatch, does: DeliveryFault, when: When = {}): FaultRule {
  return { at: 'delivery', match, when, does };
}

async function countOf(seed: number, does: DeliveryFault, when?: When, match: DeliveryMatch = { source: 'shop' }) {
  const { region, listen, put, fact, trace } = await world(seed);
  await listen('count');
  region.faults.start(on(match, does, when));
  await put('a', 'b', 'c');
  return { count: await fact('count'), trace: trace.join('\n') };
}

const LATER = { minMs: 1_000, maxMs: 5_000 };

describe('who counts events', () => {
  it('counts each once when nothing goes wrong, or goes wrong with others', async () => {
    const others: DeliveryMatch[] = [{ source: 'aws.ecs' }, { detailType: 'Bought' }, { ruleName: 'other' }];
    for (const match of others) expect((await countOf(1, { kind: 'lose' }, {}, match)).count).toBe('3');
  });

  it('counts too many that come twice', async () => {
    expect((await countOf(1, { kind: 'double', later: LATER }, { nth: 2, times: 1 })).count).toBe('4');
  });

  it('counts too few when one is lost', async () => {
    expect((await countOf(1, { kind: 'lose' }, { times: 1 })).count).toBe('2');
  });

  it('counts the same for the same seed', async () => {
    const half = { probability: 0.5 };
    const first = await countOf(3, { kind: 'double', later: LATER }, half);
    expect(await countOf(3, { kind: 'double', later: LATER }, half)).toEqual(first);
    const counts = new Set<string | undefined>();
    for (let seed = 1; seed <= 6; seed++) counts.add((await countOf(seed, { kind: 'lose' }, half)).count);
    expect(counts.size).toBeGreaterThan(1);
  });
});

describe('who believes the last event', () => {
  it('is wrong when an earlier one comes minutes later', async () => {
    const { region, listen, put, fact } = await world();
    await listen('setLive');
    const by = { minMs: 120_000, maxMs: 300_000 };
    region.faults.start(on({ source: 'shop' }, { kind: 'delay', by }, { times: 1 }));
    await put('old', 'new');
    expect(await fact('live')).toBe('old');
  });

  it('is wrong for some seeds when all come in any order', async () => {
    const seen = new Set<string | undefined>();
    for (let seed = 1; seed <= 6; seed++) {
      const { region, listen, put, fact } = await world(seed);
      await listen('setLive');
      region.faults.start(on({}, { kind: 'delay', by: { minMs: 0, maxMs: 10_000 } }));
      await put('old', 'new');
      seen.add(await fact('live'));
    }
    expect(seen).toEqual(new Set(['old', 'new']));
  });
});

it('leaves alone what a scenario has asked not to be delivered at all', async () => {
  const { region, listen, put, fact } = await world();
  await listen('count');
  region.events.setDelivery(() => 'never');
  region.faults.start(on({}, { kind: 'double', later: LATER }));
  await put('a');
  expect(await fact('count')).toBeUndefined();
});
