import { describe, expect, it } from 'vitest';
import { BANDS } from '../../picture/bands.ts';
import { bandFor, pictureOf } from '../../console/page/picture-of.ts';
import type { RolloutDocument } from '../../console/documents.ts';
import { at, badPush, DAY, task } from './given-rollouts.ts';

/** A bad push as it is told after so many seconds. */
function running(seconds: number, changes: Partial<RolloutDocument> = {}): RolloutDocument {
  const { record: _, ...rest } = badPush();
  const { endedAt: _end, ...rollout } = rest.chronicle.rollouts[0]!;
  const states = rollout.states
    .filter(({ enteredAt }) => enteredAt <= seconds)
    .map(({ leftAt = Infinity, ...one }) => (leftAt <= seconds ? { ...one, leftAt } : one));
  return {
    ...rest,
    ...changes,
    chronicle: { ...rest.chronicle, endedAt: seconds, rollouts: [{ ...rollout, outcome: 'RUNNING', states }] },
  };
}

const looks = ({ scene }: ReturnType<typeof pictureOf>, look: RegExp) =>
  scene.bars.filter((bar) => look.test(bar.look));
const texts = ({ scene }: ReturnType<typeof pictureOf>) =>
  scene.words.map(({ strong = '', text }) => `${strong}${text}`);

describe('the picture of a rollout', () => {
  it('shows every task once, those that failed with their exit code, and the machine above them', () => {
    const picture = pictureOf(badPush(), 800, DAY);
    expect(texts(picture)).toEqual(
      expect.arrayContaining([
        'AwaitSteadyState',
        'AwaitRollback',
        '1.2.2 ran before, 2 tasks, api:3',
        '1.2.3 new, 2 tasks, 2 failed, api:4',
        '1.2.2 put back, 2 tasks, api:3',
      ]),
    );
    expect(texts(picture).filter((text) => text === 'exit 1')).toHaveLength(2);
    expect(looks(picture, /^stage serving proven$/)).toHaveLength(4);
    expect(looks(picture, /^stage serving trial$/)).toEqual([]);
    expect(looks(picture, /^future/)).toEqual([]);
    expect(picture.marks.pills.map(({ first, last, isBad }) => [first, last, isBad])).toEqual([
      [1, 2, false],
      [3, 3, true],
      [4, 4, false],
    ]);
  });

  it('ends where the rollout does, whatever its tasks do after that', () => {
    const document = badPush();
    const tasks = [...document.chronicle.tasks, task('late', 'ecs-svc/3', 500)];
    const picture = pictureOf({ ...document, chronicle: { ...document.chronicle, tasks } }, 800, DAY);
    expect(picture.to).toBe(120);
    expect(texts(picture).join()).not.toContain('late');
  });

  it('goes on between looks, and knows nothing of what lies ahead', () => {
    const document = running(40);
    const [one, other] = [40, 44].map((seconds) =>
      pictureOf(document, 800, DAY + seconds * 1000, { usualSeconds: 100 }),
    );
    const serving = (picture: typeof one) => looks(picture!, /^stage serving proven$/)[0]!;
    expect(one!.to).toBe(106);
    expect(serving(one).to).toBeCloseTo(40 / 106, 5);
    expect(serving(other).to).toBeCloseTo(44 / 106, 5);
    expect(looks(one!, /^future/)[0]!.from).toBeCloseTo(40 / 106, 5);
    expect(texts(one!)).toEqual(expect.arrayContaining(['now', 'usual end']));
  });

  it.each([
    ['beyond the axis as an arrow', at(2400), /^deadline 15:40, in 39:20 →$/],
    ['within it as a line', at(80), /^deadline 15:01$/],
  ])('shows the deadline %s', (_, deadline, text) => {
    const picture = pictureOf(running(40, { deadline }), 800, DAY + 40_000, { usualSeconds: 100 });
    expect(texts(picture)).toContainEqual(expect.stringMatching(text));
    expect(picture.scene.rules.some(({ look }) => look === 'due')).toBe(deadline === at(80));
  });

  it('shows what is left of the bake', () => {
    const document = running(40, { bake: { seconds: 60, startedAt: at(35) } });
    const picture = pictureOf(document, 800, DAY + 40_000);
    const [rest] = looks(picture, /^state rest$/);
    expect([rest!.from * picture.to, rest!.to * picture.to].map(Math.round)).toEqual([40, 95]);
  });

  it.each([
    [100, 'narrow'],
    [360 - 24, 'narrow'],
    [640, 'middle'],
    [830, 'broad'],
    [1400, 'wide'],
  ])('is laid out for %i pixels as %s, and writes nothing twice', (width, name) => {
    const picture = pictureOf(badPush(), width, DAY);
    expect([bandFor(width).name, picture.band.name]).toEqual([name, name]);
    for (const word of picture.scene.words) expect((word.bands ?? [name]).includes(picture.band.name)).toBe(true);
    expect(BANDS.map((band) => band.name)).toContain(name);
  });

  it('draws 400 tasks in few shapes', () => {
    const document = badPush();
    const tasks = Array.from({ length: 400 }, (_, index) =>
      task(`t${index}`, index % 2 ? 'ecs-svc/1' : 'ecs-svc/3', index % 2 ? -500 : 56),
    );
    const picture = pictureOf({ ...document, chronicle: { ...document.chronicle, tasks } }, 800, DAY);
    expect(picture.scene.bars.every(({ look, title }) => !look.startsWith('hair') || title === undefined)).toBe(true);
    expect(picture.scene.words.length).toBeLessThan(60);
    expect(picture.scene.height).toBeLessThan(1100);
  });
});
