import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../rehearsal/faults/catalogue.ts';
import type { FaultyWorld, InjectedFault, NamedFault } from '../../rehearsal/faults/named-fault.ts';
import { playStory, STORIES, type Story } from '../../rehearsal/stories.ts';
import { hasPassed, type ScenarioReport } from '../../timeline/scenario-report.ts';
import { doorHere } from './doors.ts';
import { assemblyOf } from './setting.ts';

/** `FAULTS=all` plays every story under every fault with eight seeds. Otherwise each fault meets one story, with one seed. */
const IS_WHOLE = process.env['FAULTS'] === 'all';
/** The one seed is such that every fault, the rare ones too, changes something. */
const SEEDS = IS_WHOLE ? [1, 2, 3, 4, 5, 6, 7, 8] : [6];
/** A good push and a bad one: half of the faults meet this one, half that one. */
const [, GOOD, BAD] = STORIES as [Story, Story, Story, Story];

interface Played {
  readonly report: ScenarioReport;
  readonly hasActed: boolean;
}

async function play(story: Story, fault: NamedFault, seed: number): Promise<Played> {
  let injected: InjectedFault | undefined;
  const inject = (world: FaultyWorld): InjectedFault => (injected = fault.inject(world));
  const report = await playStory(story, {
    assembly: await assemblyOf({}),
    door: doorHere(),
    seed,
    faults: [{ ...fault, inject }],
  });
  return { report, hasActed: injected!.hasActed() };
}

const NOTHING: InjectedFault = { end: () => undefined, hasActed: () => false };

/** The timeline of a story under nothing but the same ticks; each is played once. */
const undisturbed = new Map<Story, Promise<ScenarioReport['timeline']>>();

function timelineWithout(story: Story): Promise<ScenarioReport['timeline']> {
  const nothing: NamedFault = { name: 'nothing', title: 'Nothing goes wrong.', inject: () => NOTHING };
  const timeline = undisturbed.get(story) ?? play(story, nothing, 1).then(({ report }) => report.timeline);
  undisturbed.set(story, timeline);
  return timeline;
}

const CASES = FAULTS.map((fault, index) => ({
  name: fault.name,
  fault,
  stories: IS_WHOLE ? STORIES : index % 2 === 0 ? [GOOD] : [BAD],
}));

describe.each(CASES)('under $name', ({ fault, stories }) => {
  it.each(stories.map((story) => ({ name: story.name, story })))('$name ends honestly', async ({ story }) => {
    for (const seed of SEEDS) {
      const { report, hasActed } = await play(story, fault, seed);
      const told = { ...report, timeline: [], seed };
      expect(hasPassed(report) ? 'passed' : told).toBe('passed');
      if (IS_WHOLE) continue;
      expect(hasActed).toBe(true);
      // A fault that changes nothing proves nothing.
      expect(report.timeline).not.toEqual(await timelineWithout(story));
    }
  });
});

it('plays the same for the same seed', async () => {
  const [fault] = FAULTS;
  const first = await play(GOOD, fault!, 3);
  expect(await play(GOOD, fault!, 3)).toEqual(first);
});

it('has no two faults of one name, and a sentence for each', () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  for (const { name, title } of FAULTS) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(title).toMatch(/^[A-Z].*\.$/);
  }
});
