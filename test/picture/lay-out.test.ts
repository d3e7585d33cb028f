import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BANDS, type Band } from '../../picture/bands.ts';
import type { Chronicle } from '../../picture/chronicle.ts';
import { episodesOf } from '../../picture/episodes.ts';
import { layOut, type Layout } from '../../picture/lay-out.ts';
import { startOf } from '../../picture/marks.ts';
import { overviewOf } from '../../picture/overview.ts';
import { boxOf, OUTSIDE, overlap, type Scene, type Word } from '../../picture/scene.ts';
import { badPush, chronicle, former, HOSTILE, hostile, large, rollout, task } from './given-chronicle.ts';

const CASES: readonly (readonly [string, Chronicle])[] = [
  ['a good push', chronicle()],
  ['a bad push', badPush()],
  ['twelve rollouts and 200 tasks', large()],
  ['nothing but a rollout', chronicle({ tasks: [], deployments: [], events: [] })],
  ['nothing at all', chronicle({ rollouts: [], tasks: [], deployments: [], events: [] })],
  ...HOSTILE.map((name) => [`the name ${JSON.stringify(name.slice(0, 30))}`, hostile(name)] as const),
];

describe.each(CASES)('%s', (_name, given) => {
  it('lies within the axis and its height, whatever it is', () => {
    for (const { scene } of layoutsOf(given)) expectInside(scene);
  });

  it.each(BANDS)('covers no words by others, $name', (band) => {
    for (const layout of layoutsOf(given)) expectLegible(layout, band);
  });
});

it('keeps its rules for any course of events', () => {
  const second = fc.double({ min: 0, max: 20_000, noNaN: true });
  const events = fc.array(
    fc.record({
      at: second,
      kind: fc.constantFrom('push', 'deed', 'foreign', 'decided', 'ecs', 'fault'),
      until: fc.option(second, { nil: undefined }),
      text: fc.string({ unit: 'grapheme', maxLength: 60 }),
    }),
    { maxLength: 40 },
  );
  const rollouts = fc.array(fc.tuple(second, fc.double({ min: 4, max: 3000, noNaN: true }), fc.string()), {
    maxLength: 8,
  });
  const tasks = fc.array(fc.tuple(second, fc.double({ min: 0, max: 4000, noNaN: true })), { maxLength: 40 });
  fc.assert(
    fc.property(events, rollouts, tasks, (told, rolled, ran) => {
      const given = chronicle({
        endedAt: 30_000,
        events: told
          .map(({ until, ...event }) =>
            event.kind === 'fault' && until !== undefined ? { ...event, until: Math.max(until, event.at) } : event,
          )
          .sort((one, other) => one.at - other.at),
        rollouts: rolled.map(([at, took, image], index) =>
          rollout(`r-${index}`, at, at + took, { image, message: image }),
        ),
        tasks: ran.map(([at, took], index) =>
          task(`t${index}`, at, { stoppingAt: at + took, stoppedAt: at + took + 20 }),
        ),
      });
      for (const layout of layoutsOf(given)) {
        expectInside(layout.scene);
        for (const band of BANDS) expectLegible(layout, band);
      }
    }),
    { numRuns: 40, seed: 1 },
  );
});

describe('a picture', () => {
  const looksOf = ({ scene }: Layout, stage: string): string[] =>
    scene.bars.filter(({ look }) => look.startsWith(`stage ${stage}`)).map(({ look }) => look);

  it('tells what ran before, what is new and what was put back by more than a colour: by their groups and their words', () => {
    const [layout] = layoutsOf(badPush());
    const headings = layout!.scene.words.filter(({ look }) => look === 'heading quiet').map(({ text }) => text.trim());
    expect([...new Set(headings.map((text) => text.split(',')[0]))]).toEqual(['ran before', 'new', 'put back']);
    expect(new Set(looksOf(layout!, 'serving'))).toEqual(new Set(['stage serving proven']));
    expect(new Set(looksOf(layout!, 'check'))).toEqual(new Set(['stage check trial', 'stage check proven']));
  });

  it('shows what was on trial as proven once its rollout has succeeded, so that the next one stands out', () => {
    const given = chronicle({
      tasks: [task('bbbbbbbb', 8), task('cccccccc', 9, { stoppingAt: 100, stoppedAt: 140 })],
    });
    const partsOf = ({ scene, axis }: Layout, name: string): unknown[] =>
      scene.bars
        .filter(({ title, look }) => title?.startsWith(name) && /serving|stopping/.test(look))
        .map(({ look, from, to }) => [look, Math.round(from * axis.to), Math.round(to * axis.to)]);
    const layout = layoutsOf(given)[0]!;
    expect(partsOf(layout, 'bbbbbbbb')).toEqual([
      ['stage serving trial', 37, 70],
      ['stage serving proven', 70, 140],
    ]);
    expect(partsOf(layout, 'cccccccc').at(-1)).toEqual(['stage stopping proven', 100, 140]);
    const aborted = { ...given, rollouts: [rollout('r-1', 0.2, 70, { outcome: 'ABORTED' })] };
    expect(partsOf(layoutsOf(aborted)[0]!, 'bbbbbbbb')).toEqual([['stage serving trial', 37, 140]]);
  });

  it('says of what was new hours ago that it ran before', () => {
    const given = chronicle({
      rollouts: [...chronicle().rollouts, rollout('r-2', 9000, 9070)],
      deployments: [
        ...chronicle().deployments,
        { id: 'ecs-svc/3', revision: 'api:3', image: 'v3', by: 'rollout', beganAt: 9008 },
      ],
      tasks: [...chronicle().tasks, task('eeeeeeee', 9008, { deploymentId: 'ecs-svc/3' })],
    });
    const headings = layoutsOf(given)[1]!.scene.words.filter(
      ({ look, bands }) => look === 'heading quiet' && (bands ?? ['wide']).includes('wide'),
    );
    expect(headings.slice(1).map(({ strong, text }) => `${strong}${text}`)).toEqual([
      'v2 ran before, 2 tasks, api:2',
      'v3 new, 1 task, api:3',
    ]);
  });

  it.each(BANDS)('says how a rollout ended, and what runs, whatever their images are called, $name', ({ name }) => {
    const image = 'a-very-long-branch-name-of-somebody'.repeat(3);
    const given = badPush();
    const [layout] = layoutsOf({
      ...given,
      rollouts: given.rollouts.map((one) => ({ ...one, image })),
      deployments: given.deployments.map((one) => ({ ...one, image })),
    });
    const headings = layout!.scene.words.filter(
      ({ look, bands }) => look.startsWith('heading') && (bands === undefined || bands.includes(name)),
    );
    expect(headings.map(({ text }) => text.trim().slice(0, 6))).toEqual(['Rolled', 'ran be', 'new, 3', 'put ba']);
    for (const { strong } of headings) expect(strong).toMatch(/^(Rollout 1 · )?a-very-/);
  });

  it('draws a task the taller the nearer it is to serving', () => {
    const [layout] = layoutsOf(chronicle());
    const heights = ['waiting', 'pull', 'start', 'check', 'serving'].map(
      (stage) => layout!.scene.bars.find(({ look }) => look.startsWith(`stage ${stage}`))!.height,
    );
    expect(heights).toEqual([...heights].sort((one, other) => one - other));
    expect(new Set(heights).size).toBe(5);
  });

  it('says beside a task why it failed, and marks the moment', () => {
    const [layout] = layoutsOf(badPush());
    const failures = layout!.scene.words.filter(({ look }) => look === 'failure');
    const signs = layout!.scene.icons.filter(({ shape }) => shape === 'failed');
    expect(failures.map(({ text }) => text)).toEqual(['exit 1', 'exit 1', 'exit 1']);
    expect(signs.map(({ at }) => at)).toEqual(failures.map(({ at }) => at));
    expect(signs[0]!.at).toBeCloseTo(32 / 130, 2);
  });

  it('shows what served against what was wanted, and hatches what was missing', () => {
    const one = chronicle({
      tasks: [former('a', 40), task('b', 50)],
      desiredCounts: [
        { at: 0, count: 2 },
        { at: 60, count: 1 },
      ],
    });
    const [{ scene, axis }] = layoutsOf(one) as [Layout];
    const missing = scene.bars.filter(({ look }) => look === 'shortfall');
    expect(missing.map(({ title }) => title)).toEqual([
      '1 of 2 tasks serve',
      '0 of 2 tasks serve',
      '0 of 1 tasks serve',
    ]);
    expect(missing.map(({ from }) => Math.round(from * axis.to))).toEqual([0, 40, 60]);
    expect(missing.map(({ height }) => Math.round(height))).toEqual([23, 46, 23]);
  });

  it.each<[string, Band['name'], number, number, 'start' | 'end', 'from' | 'to']>([
    ['from its start on', 'narrow', 5, 20, 'start', 'from'],
    ['up to its end, where there is no room after its start', 'narrow', 110, 130, 'end', 'to'],
    ['from its start on, where the window is wider', 'wide', 110, 130, 'start', 'from'],
  ])('names a fault above its bar, %s', (_where, band, at, until, anchor, edge) => {
    const given = { ...badPush(), events: [{ at, until, kind: 'fault' as const, text: 'throttling' }] };
    const { scene } = layoutsOf(given)[0]!;
    const words = scene.words.filter(
      ({ text, bands }) => text === 'throttling' && (bands === undefined || bands.includes(band)),
    );
    const bar = scene.bars.find(({ look }) => look === 'fault')!;
    expect(words).toEqual([expect.objectContaining({ anchor, at: bar[edge] })]);
  });

  it('shows a fault in each picture of a stretch in which it went on, and in no other', () => {
    const fault = { at: 12, until: 9040, kind: 'fault' as const, text: 'throttling' };
    const given = chronicle({
      rollouts: [...chronicle().rollouts, rollout('r-2', 9000, 9070), rollout('r-3', 20_000, 20_070)],
      events: [...chronicle().events, fault].sort((one, other) => one.at - other.at),
    });
    const drawn = episodesOf(given).map((episode) =>
      layOut(given, episode).scene.bars.filter(({ look }) => look === 'fault'),
    );
    expect(drawn.map((bars) => bars.length)).toEqual([1, 1, 0]);
    expect([drawn[0]![0]!.to, drawn[1]![0]!.from]).toEqual([1, 0]);
  });

  it('says beyond a break how a rollout ended that has no room beside it', () => {
    const given = chronicle({
      rollouts: [0, 1000, 2000].map((at, index) => rollout(`r-${index}`, at, at + 100)),
      events: [],
    });
    const { scene, axis } = overviewOf(given);
    const [first] = axis.parts.filter(({ isBreak }) => isBreak);
    const [word] = scene.words.filter(({ text }) => text === 'Succeeded');
    expect(word).toMatchObject({ at: first!.right, anchor: 'start' });
  });

  it('gives each rollout of the overview the sign of its outcome, which needs no room', () => {
    const starts = Array.from({ length: 12 }, (_, index) => index * 1000);
    const given = chronicle({ rollouts: starts.map((at) => rollout(`r-${at}`, at, at + 100)), events: [] });
    const { scene } = overviewOf(given);
    expect(scene.icons.map(({ shape }) => shape)).toEqual(starts.map(() => 'tick quiet'));
    const narrow = scene.words.filter(({ bands }) => bands?.includes('narrow'));
    expect(narrow.filter(({ look }) => look === 'side').map(({ text }) => text)).toEqual(
      starts.map((_, index) => String(index + 1)),
    );
    expect(narrow.filter(({ look }) => look.startsWith('outcome')).map(({ text }) => text)).not.toContain('Suc…');
  });

  it('shows hundreds of tasks as hairs, and those that failed in full above them', () => {
    const [layout] = layoutsOf(large());
    const names = layout!.scene.words.filter(({ look }) => look === 'side task').map(({ text }) => text);
    expect(names).toEqual(['b7000000', 'b5700000', 'b1070000', 'b1570000']);
    expect(layout!.scene.bars.filter(({ look }) => look.startsWith('hair')).length).toBeGreaterThan(200);
    expect(layout!.scene.height).toBeLessThan(1300);
  });

  it('numbers every event once, in order, in every band', () => {
    const [layout] = layoutsOf(badPush());
    for (const { marks } of layout!.marks) {
      const numbers = marks.pills.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
      expect(numbers).toEqual(badPush().events.map((_, index) => index + 1));
    }
  });

  it.each(BANDS)('takes into the last number what that reaches as it grows from the end to the left, $name', (band) => {
    const at = [
      ...Array.from({ length: 100 }, (_, index) => index),
      ...Array.from({ length: 40 }, (_, index) => 99 + index / 40),
    ];
    const events = at.map((one) => ({ at: one * 3, kind: 'ecs' as const, text: 'task stopped' }));
    const [layout] = layoutsOf(chronicle({ rollouts: [], tasks: [], events }));
    expectLegible(layout!, band);
    const { pills } = layout!.marks.find(({ band: { name } }) => name === band.name)!.marks;
    expect(pills.at(-1)!.last).toBe(140);
  });

  it('has a picture for each stretch in which something goes on, and says which rollouts it shows', () => {
    const numbers = episodesOf(large()).map(({ rollouts }) => rollouts.map(({ number }) => number));
    expect(numbers).toEqual([[1, 2, 3, 4, 5], [6, 7, 8], [9, 10], [11], [12]]);
  });

  it('gives each of twelve rollouts a place of its own in the overview, in their order', () => {
    const lives = overviewOf(large()).scene.bars.filter(({ look }) => look.startsWith('life'));
    expect(lives).toHaveLength(12);
    lives.slice(1).forEach(({ from, top }, index) => {
      expect(from).toBeGreaterThanOrEqual(lives[index]!.from);
      expect(top).toBeGreaterThan(lives[index]!.top);
    });
  });
});

function layoutsOf(given: Chronicle): Layout[] {
  return [...episodesOf(given).map((episode) => layOut(given, episode)), overviewOf(given)].slice(
    0,
    given.rollouts.length > 0 ? undefined : -1,
  );
}

function expectInside({ bars, rules, icons, areas, words, height }: Scene): void {
  for (const { from, to, top, height: own } of bars) {
    expect([from, to, to - from].every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
    expect(top >= 0 && top + own <= height).toBe(true);
  }
  for (const { from, to, top, bottom } of rules)
    expect(from >= 0 && to <= 1 && top >= 0 && bottom <= height).toBe(true);
  for (const { at, middle } of icons) expect(at >= 0 && at <= 1 && middle >= 5 && middle <= height - 5).toBe(true);
  for (const { at, baseline } of words) expect(at >= 0 && at <= 1 && baseline >= 8 && baseline <= height).toBe(true);
  for (const { paths, height: own } of areas)
    for (const point of paths.flat())
      expect(point.at >= 0 && point.at <= 1 && point.down >= 0 && point.down <= own).toBe(true);
}

/** No word covers another one, none leaves the picture, no line of a mark runs through the words of another, and no pill touches the next. */
function expectLegible({ scene, marks }: Layout, band: Band): void {
  expectApart(scene.words, band);
  expectOnPlainGround(scene, band);
  const { flags, pills } = marks.find(({ band: { name } }) => name === band.name)!.marks;
  expectApart(
    flags.map(({ word }) => word),
    band,
  );
  for (const { at, lineTop } of flags) {
    const across = at * band.plotMin;
    const crossed = flags.filter(({ word }) => {
      const { left, right, bottom } = boxOf(word, band);
      return across > left && across < right && bottom > lineTop;
    });
    expect(crossed).toEqual([]);
  }
  pills.slice(1).forEach((pill, index) => {
    const before = pills[index]!;
    expect(startOf(pill, band.plotMin)).toBeGreaterThanOrEqual(startOf(before, band.plotMin) + before.width);
  });
  for (const pill of pills)
    expect(startOf(pill, band.plotMin) + pill.width).toBeLessThanOrEqual(band.plotMin + OUTSIDE + 0.01);
}

/** What is said beside or within a bar lies on no break, and on no bar of a fault. */
function expectOnPlainGround({ words, bars }: Scene, band: Band): void {
  const grounds = bars
    .filter(({ look }) => look === 'silence' || look === 'fault')
    .map(({ from, to, top, height }) => ({
      left: from * band.plotMin,
      right: to * band.plotMin,
      top,
      bottom: top + height,
    }));
  for (const word of words) {
    if (!/^(outcome|failure|inside|fault)/.test(word.look) || word.bands?.includes(band.name) === false) continue;
    const covered = grounds.filter((ground) => overlap(ground, boxOf(word, band)));
    expect(covered.length > 0 && [word.text, band.name]).toBe(false);
  }
}

function expectApart(words: readonly Word[], band: Band): void {
  const shown = words.filter(({ bands }) => bands === undefined || bands.includes(band.name));
  const boxes = shown
    .map((word) => ({ word, box: boxOf(word, band) }))
    .sort((one, other) => one.box.top - other.box.top);
  for (const [index, { word, box }] of boxes.entries()) {
    expect([word.text, box.left >= -band.gutter, box.right <= band.plotMin + OUTSIDE]).toEqual([word.text, true, true]);
    for (const other of boxes.slice(index + 1)) {
      if (other.box.top >= box.bottom) break;
      expect(overlap(box, other.box) && [word.text, other.word.text]).toBe(false);
    }
  }
}
