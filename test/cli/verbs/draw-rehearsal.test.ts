import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drawRehearsal, pageOf } from '../../../cli/verbs/rehearse/draw-rehearsal.ts';
import { pictureFile } from '../../../cli/verbs/rehearse/picture-file.ts';
import { STORIES } from '../../../rehearsal/stories.ts';
import { badPush, chronicle } from '../../picture/given-chronicle.ts';
import { report } from '../../timeline/given-report.ts';

const [, good, bad] = STORIES;
const DRAWN = [
  { story: good!, chronicle: chronicle() },
  { story: bad!, chronicle: badPush() },
];

it('shows every scenario that was played, and first what did not end as its story says', () => {
  const failed = report({
    name: 'bad-push',
    outcome: 'SUCCEEDED',
    expected: 'ROLLED_BACK',
    faults: ['throttling'],
    refusals: [{ role: 'roll-service', action: 'ecs:UpdateService', resource: 'arn:aws:ecs:::service/x' }],
  });
  expect(pageOf([report(), failed], DRAWN)).toMatchObject({
    sentence: '1 of 2 scenarios ended as their stories say.',
    facts: [
      { name: 'Services', value: 'prod/api' },
      { name: 'Faults', value: 'throttling' },
    ],
    violations: [
      'bad-push: the story ends ROLLED_BACK, this ended SUCCEEDED',
      'the role roll-service may not ecs:UpdateService on arn:aws:ecs:::service/x',
    ],
    worlds: [
      { title: 'prod/api: good-push', sentence: good!.title },
      { title: 'prod/api: bad-push', sentence: bad!.title },
    ],
  });
  expect(pageOf([report()], []).sentence).toBe('1 of 1 scenario ended as its story says.');
});

it('writes one file with all of them', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'rollouts-draw-')), 'a.html');
  expect(drawRehearsal(file, [report()], DRAWN)).toBe(file);
  expect(readFileSync(file, 'utf8').match(/<h2 class="world">/g)).toHaveLength(2);
});

it('refuses a file that cannot be written, before anything is played', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollouts-draw-'));
  expect(pictureFile(undefined)).toBeUndefined();
  expect(pictureFile(join(folder, 'a.html'))).toBe(join(folder, 'a.html'));
  expect(() => pictureFile(folder)).toThrow(`--html ${folder} is a folder: name a file in it`);
  expect(() => pictureFile(join(folder, 'no/a.html'))).toThrow(
    `--html ${join(folder, 'no/a.html')}: there is no folder ${join(folder, 'no')}; make it, or name another file`,
  );
});
