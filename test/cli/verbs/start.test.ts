import { describe, expect, it } from 'vitest';
import { meantDigest } from '../../../cli/account/known-digests.ts';
import type { Flags } from '../../../cli/terminal/command.ts';
import { eventLines } from '../../../cli/terminal/events.ts';
import { rollback } from '../../../cli/verbs/rollback.ts';
import { start } from '../../../cli/verbs/start.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { paletteFor } from '../../../timeline/palette.ts';
import { digest, MINUTE, NOW, owner, proven, quarantined } from '../../functions/rollout/given.ts';
import { AT, cannedCell, ledgerThat, session, type Answers } from './canned-cell.ts';

const short = (digit: string): string => digest(digit).slice(0, 19);
const hexOf = (digit: string): string => digest(digit).slice('sha256:'.length);

interface DescribeImages {
  readonly imageIds?: readonly { readonly imageDigest?: string; readonly imageTag?: string }[];
}

/** A repository with these images: the tags of each by the digit of its digest, the first pushed last. */
function repository(tags: Readonly<Record<string, readonly string[]>>): Answers {
  const all = Object.entries(tags).map(([digit, imageTags], index) => ({
    imageDigest: digest(digit),
    imageTags,
    imagePushedAt: new Date(AT.getTime() - (index + 1) * 60 * MINUTE),
  }));
  return {
    'ecr:DescribeImages': ({ imageIds }: DescribeImages) => {
      const found = (imageIds ?? []).flatMap(
        (id) => all.find((each) => each.imageDigest === id.imageDigest || each.imageTags.includes(id.imageTag!)) ?? [],
      );
      if (!imageIds) return { imageDetails: all };
      return found.length < imageIds.length ? NOT_FOUND : { imageDetails: found };
    },
  };
}

/** One image that is missing fails the whole call. */
const NOT_FOUND = JSON.stringify({ __type: 'ImageNotFoundException', message: 'no such image' });

/** Runs a verb that is to be turned away: the sentence, whose account was asked to start nothing. */
async function turnedAway(verb: typeof start | typeof rollback, flags: Flags, answers: Answers): Promise<string> {
  const { cell, asked } = cannedCell(answers);
  const error: unknown = await Promise.resolve(verb.runIn(cell, verb.ask(flags), session())).catch(
    (thrown: unknown) => thrown,
  );
  expect([...asked]).not.toContain('states:StartExecution');
  return (error as Error).message;
}

async function started(verb: typeof start | typeof rollback, flags: Flags, answers: Answers) {
  let input = '';
  const heard = session();
  const { cell } = cannedCell({
    ...answers,
    'states:StartExecution': (request: { readonly input: string }) => {
      input = request.input;
      return { executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:rollouts-web:started' };
    },
  });
  await verb.runIn(cell, verb.ask({ ...flags, 'no-wait': true }), heard);
  return { input: JSON.parse(input) as object, events: heard.events };
}

describe('start', () => {
  const IMAGES = repository({ a: ['v1', 'rollouts-keep-web-1'], b: ['main-2'] });

  it.each<[string, Flags, Answers, string]>([
    [
      'a tag',
      { tag: 'nope' },
      IMAGES,
      'team/web in ECR has no image tagged nope: push it first, or name another one (v1, main-2)',
    ],
    [
      'a tag that is nearly one',
      { tag: 'main-3' },
      IMAGES,
      'team/web in ECR has no image tagged main-3: did you mean main-2?',
    ],
    [
      'a digest',
      { digest: digest('f') },
      IMAGES,
      `team/web in ECR has no image ${short('f')}: push it first, or name another one (v1, main-2)`,
    ],
    [
      'a tag, where there is none',
      { tag: 'v1' },
      repository({}),
      'team/web in ECR has no image tagged v1: it has no tagged image at all; push one first',
    ],
  ])('asks ECR before it starts anything: %s that it does not have', async (_case, flags, answers, sentence) => {
    expect(await turnedAway(start, flags, answers)).toBe(sentence);
  });

  it('starts what ECR has', async () => {
    expect((await started(start, { tag: 'v1' }, IMAGES)).input).toEqual({ image: { tag: 'v1' } });
  });

  it.each([
    ['all of it', hexOf('b')],
    ['its first digits', hexOf('b').slice(0, 12)],
  ])('takes a digest without its sha256: %s, though only ECR knows it', async (_case, text) => {
    expect((await started(start, { digest: text }, IMAGES)).input).toEqual({ image: { digest: digest('b') } });
  });

  it('says without a name that pushes are followed again, where they are held', async () => {
    const pinned = ledgerThat([{ pin: { since: NOW - MINUTE, rolloutId: 'chosen', digest: undefined } }]);
    const { events } = await started(start, {}, pinned);
    const said = events
      .flatMap((event) => eventLines(event, { palette: paletteFor({}, {}), columns: 80, now: NOW }))
      .join(' ');
    expect(said).toMatch(
      /^No image is named, so automatic rollouts resume: .* chosen in\s+rollout chosen, .*\(1 min ago\)\./,
    );
    for (const [flags, answers] of [
      [{ tag: 'v1' }, { ...pinned, ...IMAGES }],
      [{}, {}],
    ] as const)
      expect((await started(start, flags, answers)).events.map(({ kind }) => kind)).toEqual(['started']);
  });
});

it('a digest that nobody knows is refused with what was looked at', async () => {
  const { cell } = cannedCell(repository({ a: ['v1'] }));
  await expect(meantDigest(cell, 'digest', 'ffffff')).rejects.toThrow(
    '--digest ffffff: no past rollout knows it, nor does ECR list it in team/web; give all 64 digits',
  );
  await expect(meantDigest(cell, 'digest', 'nope')).rejects.toThrow('--digest nope: give a digest, or its first');
});

describe('rollback with nothing to go back to', () => {
  /** The service runs revision 1, image a. */
  const STATE: Partial<LedgerState> = {
    verified: [proven('a', 1), proven('c', 3, { rolledBackBy: 'r9' }), proven('b', 2), proven('d', 4), proven('a', 5)],
    quarantine: [quarantined('b'), quarantined('d')],
  };
  const IMAGES = repository({ e: ['v5'], a: ['v1', 'live'], b: [], c: ['rollouts-keep-web-2', 'v3'] });

  it('lists what could be named: what is proven and why it is passed over, and what else there is', async () => {
    expect((await turnedAway(rollback, {}, { ...ledgerThat([STATE]), ...IMAGES })).split('\n')).toEqual([
      'there is nothing older that is proven, so there is nothing to go back to.',
      'Proven here, for rollouts rollback --to DIGEST:',
      `  ${short('a')}  v1, live  proven 1 h ago, runs now`,
      `  ${short('c')}  v3        proven 1 h ago, left by a rollback`,
      `  ${short('b')}  -         proven 1 h ago, quarantined`,
      `  ${short('d')}  -         proven 1 h ago, gone from ECR`,
      'Not proven, in team/web, for rollouts start --digest DIGEST:',
      `  ${short('e')}  v5  pushed 1 h ago`,
    ]);
  });

  it('says so of an image that was never proven', async () => {
    const [sentence, ...list] = (
      await turnedAway(rollback, { to: hexOf('e') }, { ...ledgerThat([STATE]), ...IMAGES })
    ).split('\n');
    expect(sentence).toBe(`${short('e')} was never proven here, so rollback does not go back to it.`);
    expect(list[0]).toBe('Proven here, for rollouts rollback --to DIGEST:');
  });

  it('shows five of the images that were never proven, and counts the others', async () => {
    const many = repository(
      Object.fromEntries(['1', '2', '3', '4', '5', '6', '7'].map((digit) => [digit, [`v${digit}`]])),
    );
    const lines = (await turnedAway(rollback, {}, many)).split('\n');
    expect(lines.slice(1, 3)).toEqual([
      'No image is proven here yet.',
      'Not proven, in team/web, for rollouts start --digest DIGEST:',
    ]);
    expect(lines.slice(3)).toEqual([
      ...['1', '2', '3', '4', '5'].map((digit, index) => `  ${short(digit)}  v${digit}  pushed ${index + 1} h ago`),
      '  and 2 more',
    ]);
  });

  it('starts where there is something, and where a rollout holds the service and may yet prove it', async () => {
    const older = { verified: [proven('a', 1), proven('c', 3)] };
    expect((await started(rollback, {}, { ...ledgerThat([older]), ...IMAGES })).input).toEqual({ rollback: true });
    const owned = ledgerThat([{ owner: owner() }]);
    expect((await started(rollback, {}, { ...owned, ...IMAGES })).input).toEqual({ rollback: true });
  });
});
