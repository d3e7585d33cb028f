import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EVERY_OUTCOME, OUTCOMES } from '../../functions/rollout/outcomes.ts';
import type { Chronicle } from '../../picture/chronicle.ts';
import { visible } from '../../picture/visible.ts';
import { lookOf } from '../../picture/outcome-looks.ts';
import { pageHtml, type Page } from '../../picture/page.ts';
import { badPush, chronicle, HOSTILE, hostile, large, rollout } from './given-chronicle.ts';
import { elementsOf, readMarkup, tableOf, textOf, type Element } from './markup-reader.ts';

const pageOf = (given: Chronicle, changes: Partial<Page> = {}): string =>
  pageHtml({
    title: 'Seed 1',
    sentence: 'All is well.',
    facts: [],
    violations: [],
    worlds: [{ chronicle: given }],
    ...changes,
  });

describe('the tables of a page', () => {
  const root = readMarkup(pageOf(badPush()));

  it('tell every rollout', () => {
    expect(tableOf(root, 'Rollouts').slice(1)).toEqual([
      ['1', 'ROLLED_BACK', 'v2', '0:00.2', '2:10.0', '2 min 10 s', 'r-1', badPush().rollouts[0]!.message],
    ]);
  });

  it('tell every state, and how long the rollout was in it', () => {
    expect(tableOf(root, 'States of the machine').slice(1)).toEqual([
      ['1', 'Configure', '0:00.2', '0:00.2', '0.0 s'],
      ['1', 'AcceptIntent', '0:00.2', '0:01.2', '1.0 s'],
      ['1', 'RollService', '0:01.2', '0:02.2', '1.0 s'],
      ['1', 'AwaitSteadyState', '0:02.2', '1:00.0', '58 s'],
      ['1', 'RollBack', '1:00.0', '1:01.0', '1.0 s'],
      ['1', 'AwaitRollback', '1:01.0', '2:10.0', '69 s'],
    ]);
  });

  it.each([
    ['goes on in', { endedAt: undefined }, ['1', 'Bake', '0:30.0', '–', '–']],
    ['ended in, which nobody saw it leave', { endedAt: 50 }, ['1', 'Bake', '0:30.0', '0:50.0', '20 s']],
  ])('tell of a state that a rollout %s', (_case, { endedAt }, cells) => {
    const { endedAt: _ended, ...begun } = rollout('r-1', 0.2, 50, { states: [{ name: 'Bake', enteredAt: 30 }] });
    const rollouts = [endedAt === undefined ? begun : { ...begun, endedAt }];
    expect(tableOf(readMarkup(pageOf(chronicle({ rollouts }))), 'States of the machine').slice(1)).toEqual([cells]);
  });

  it('tell every event in its words, numbered as in the picture', () => {
    const told = tableOf(root, 'What happened').slice(1);
    expect(told.map(([number, , seconds]) => [Number(number), Number(seconds)])).toEqual(
      badPush().events.map(({ at }, index) => [index + 1, at]),
    );
    expect(told.map((cells) => cells.at(-1))).toEqual(
      badPush().events.map(({ text, kind }) => (kind === 'fault' ? `${text} (38 s)` : text)),
    );
    expect(told.map(([, , , kind]) => kind)).toEqual([
      'push',
      'decided',
      'ECS',
      'fault',
      'someone else',
      'decided',
      'ended',
    ]);
  });

  it('tell every moment of every task, why it stopped and how its containers ended', () => {
    const [heads, ...rows] = tableOf(root, 'Tasks');
    const failed = rows.find(([id]) => id === 'cccccccc11')!;
    expect(Object.fromEntries(heads!.map((head, index) => [head, failed[index]]))).toEqual({
      Task: 'cccccccc11',
      Revision: 'api:2',
      Image: 'v2',
      Created: '0:08.0',
      Pull: '0:19.0',
      Pulled: '0:25.0',
      Started: '0:27.0',
      Healthy: '0:37.0',
      'Told to stop': '0:34.0',
      Draining: '–',
      Drained: '–',
      Ended: '0:32.0',
      Stopped: '0:54.0',
      Failed: 'exit 1',
      'Stop code': 'EssentialContainerExited',
      Reason: 'Essential container in task exited',
      Containers: 'api: exit 1',
    });
    expect(rows.map(([id]) => id)).toEqual(badPush().tasks.map(({ taskId }) => taskId));
  });

  it('tell what was deployed, by whom, and how many tasks were wanted', () => {
    expect(tableOf(root, 'Deployments').slice(1)).toEqual([
      ['ecs-svc/1', 'api:1', 'v1', 'ran before', '0:00.0'],
      ['ecs-svc/2', 'api:2', 'v2', 'rollout', '0:08.0'],
      ['ecs-svc/3', 'api:1', 'v1', 'rollback', '1:02.0'],
    ]);
    expect(tableOf(root, 'Tasks wanted').slice(1)).toEqual([['0:00.0', '2']]);
  });
});

it('says in a sentence for how long fewer tasks than wanted served, and how few', () => {
  const told = (given: Chronicle): string => textOf(readMarkup(pageOf(given)));
  expect(told(chronicle())).toContain('As many tasks as wanted served at every moment: at least 2.');
  expect(told(chronicle({ tasks: [], desiredCounts: [{ at: 0, count: 0 }] }))).toContain('No task was wanted.');
  expect(told(badPush())).toContain('Fewer tasks than wanted served for 2 min 10 s: 0 of 2 at the least.');
});

it('says what was broken before anything else', () => {
  const html = pageOf(chronicle(), { violations: ['rest: 2 changes.', 'minimal: <b>one</b> too many.'] });
  const sections = elementsOf(readMarkup(html)).filter(({ name }) => name === 'section');
  expect(textOf(sections[0]!)).toBe('Rules were broken 2 timesrest: 2 changes.minimal: <b>one</b> too many.');
});

describe('a page', () => {
  it.each(HOSTILE.map((name) => [JSON.stringify(name).slice(0, 40), name]))(
    'takes the name %s for text',
    (_shown, name) => {
      const root = readMarkup(
        pageOf(hostile(name), { title: name, sentence: name, facts: [{ name, value: name }], violations: [name] }),
      );
      expectOnlyOurs(root);
      const [, ...rows] = tableOf(root, 'Tasks');
      expect(rows[0]!.slice(0, 3)).toEqual([visible(`0${name}`), visible(name), visible(name)]);
      expect(tableOf(root, 'What happened')[1]!.at(-1)).toBe(visible(name));
      // Nothing that turns the reading round, and no half of a character, is left anywhere.
      expect(/[\p{Bidi_Control}\p{Cs}\u2028]/u.test(textOf(root))).toBe(false);
    },
  );

  it('says what would not be seen', () => {
    expect(visible('v\u202egnp.exe\u0007 a\nb')).toBe('v[U+202E]gnp.exe[U+0007] a b');
  });

  it.each([0xad, 0x200b, 0x200d, 0x2060, 0x2028, 0x3164, 0xfe0f, 0xfeff, 0xd800, 0xe0041])(
    'says where a character has no look: %i',
    (code) => {
      const said = code.toString(16).toUpperCase().padStart(4, '0');
      expect(visible(`v1${String.fromCodePoint(code)}.0`)).toBe(`v1[U+${said}].0`);
    },
  );

  it('is one file: it runs no script, asks for nothing, and its style is the one that its policy names', () => {
    const html = pageOf(large());
    const root = readMarkup(html);
    expectOnlyOurs(root);
    const policy = elementsOf(root)
      .find(({ attributes }) => attributes.has('http-equiv'))!
      .attributes.get('content')!;
    const style = elementsOf(root).find(({ name }) => name === 'style')!;
    const digest = createHash('sha256').update(textOf(style)).digest('base64');
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`);
    expect(html.length).toBeLessThan(500_000);
  });

  it('leads from each number to what it is about', () => {
    const all = elementsOf(readMarkup(pageOf(large())));
    const ids = all.flatMap(({ attributes }) => attributes.get('id') ?? []);
    const targets = all.flatMap(({ attributes }) => attributes.get('href') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(targets.filter((target) => !ids.includes(target.slice(1)))).toEqual([]);
    expect(targets.filter((target) => /^#w1e\d+-\d+$/.test(target)).length).toBeGreaterThan(12);
  });

  it('leads from the end of a rollout to the picture that it is in', () => {
    const all = elementsOf(readMarkup(pageOf(large())));
    const ends = all.flatMap(({ attributes }) => {
      const [, number] = /^the picture of rollout (\d+)$/.exec(attributes.get('aria-label') ?? '') ?? [];
      return number === undefined ? [] : [{ number: Number(number), id: attributes.get('href')!.slice(1) }];
    });
    expect(ends.map(({ number }) => number)).toEqual(large().rollouts.map((_, index) => index + 1));
    for (const { number, id } of ends) {
      const shown = textOf(all.find(({ attributes }) => attributes.get('id') === id)!);
      const [, first, last = first] = /Rollouts? (\d+)(?: to (\d+))?, /.exec(shown)!;
      expect(number).toBeGreaterThanOrEqual(Number(first));
      expect(number).toBeLessThanOrEqual(Number(last));
    }
  });

  it('has no two things of one name, however many worlds it shows', () => {
    const html = pageOf(chronicle(), {
      worlds: [{ chronicle: chronicle() }, { title: 'Another', chronicle: badPush() }],
    });
    const ids = elementsOf(readMarkup(html)).flatMap(({ attributes }) => attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives each picture a name for those who do not see it', () => {
    const pictures = elementsOf(readMarkup(pageOf(badPush()))).filter(
      ({ attributes }) => attributes.get('role') === 'img',
    );
    expect(pictures.map(({ attributes }) => attributes.get('aria-label'))).toEqual([
      'Rollout 1, 2 min 10 s. Fewer tasks than wanted served for 2 min 10 s: 0 of 2 at the least. The tables tell the same.',
    ]);
  });
});

describe('outcomes', () => {
  it.each(EVERY_OUTCOME)('%s has a word of its own, and is quiet only where nothing failed', (outcome) => {
    const { word, tone } = lookOf(outcome);
    expect(word).not.toBe(outcome);
    expect(tone === 'bad').toBe(!OUTCOMES[outcome].endsWell);
  });

  it('shows an error by its name', () => {
    expect(lookOf('States.Timeout')).toMatchObject({ word: 'States.Timeout', tone: 'bad' });
    expect(lookOf('constructor').word).toBe('constructor');
  });
});

const ELEMENTS =
  /^(root|html|head|meta|title|style|body|a|svg|defs|pattern|rect|line|path|circle|g|text|tspan|main|header|p|h1|h2|dl|div|dt|dd|section|figure|ul|ol|li|span|table|caption|thead|tbody|tr|th|td)$/;

/** No element and no attribute that could do anything, and no address but within the page. */
function expectOnlyOurs(root: Element): void {
  for (const { name, attributes } of elementsOf(root)) {
    expect(name).toMatch(ELEMENTS);
    for (const [attribute, value] of attributes) {
      expect(attribute).not.toMatch(/^(on|src|style|xlink)/);
      if (attribute === 'href') expect(value).toMatch(/^#[\w-]+$/);
    }
  }
}
