import { expect, it } from 'vitest';
import { missing, NOTHING_MET, OUTCOMES, reachLines, statesAndEdges, withPlayed } from '../../campaign/reach.ts';
import { EVERY_OUTCOME } from '../../functions/rollout/outcomes.ts';
import { readDefinition } from '../../infra/definition.ts';

it('knows every outcome', () => {
  expect([...OUTCOMES].sort()).toEqual([...EVERY_OUTCOME].sort());
});

it('knows every state of the flow, and every way between two', () => {
  const definition = readDefinition();
  const things = statesAndEdges(JSON.stringify(definition));
  expect(things.filter((thing) => thing.startsWith('state '))).toEqual(
    Object.keys(definition.States).map((state) => `state ${state}`),
  );
  expect(things).toEqual(expect.arrayContaining(['edge Configure > AcceptIntent', 'edge Bake > Passed?']));
});

it('counts what was met, and names what was not', () => {
  const played = {
    met: new Map([
      ['state Bake', 2],
      ['outcome HELD', 1],
    ]),
    meetable: ['state Bake', 'state Done'],
  };
  const reach = withPlayed(withPlayed(NOTHING_MET, played), played);
  expect([reach.get('state Bake'), reach.get('outcome HELD'), reach.get('state Done')]).toEqual([4, 2, 0]);
  expect(missing(reach)).toEqual(expect.arrayContaining(['state Done', 'outcome STAGED', 'fault zombies']));
  expect(missing(reach)).not.toContain('state Bake');
  expect(reachLines(reach)).toEqual(expect.arrayContaining(['Outcomes: 1 of 12 met', 'States: 1 of 2 met']));
});
