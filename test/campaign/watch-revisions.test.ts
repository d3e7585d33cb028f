import { expect, it } from 'vitest';
import { unpinned, wrongWayBack } from '../../campaign/watch-revisions.ts';

const put = (image: string, isBack = true) => ({ at: 200, revision: 'api:7', isBack, images: [image] });

it('finds a revision whose image may be another one tomorrow', () => {
  expect(unpinned([put('registry/api:live')])).toEqual([
    'back: A rollout put api:7 on the service, which names registry/api:live.',
  ]);
  expect(unpinned([put('registry/api@sha256:1'), put('awaiting-first-push.invalid/none')])).toEqual([]);
});

it('finds a way back to something else than what succeeded last', () => {
  const records = [
    { outcome: 'SUCCEEDED', endedAt: 100, image: { digest: 'sha256:1' } },
    { outcome: 'SUCCEEDED', endedAt: 150, image: { digest: 'sha256:2' } },
    { outcome: 'ROLLED_BACK', endedAt: 180, image: { digest: 'sha256:3' } },
    { outcome: 'SUCCEEDED', endedAt: 201, image: { digest: 'sha256:4' } },
  ];
  expect(wrongWayBack([put('registry/api@sha256:1')], records)).toEqual([
    'back: A rollout put api:7 back (registry/api@sha256:1), and sha256:2 had succeeded last.',
  ]);
  expect(wrongWayBack([put('registry/api@sha256:2'), put('registry/api@sha256:3', false)], records)).toEqual([]);
  expect(wrongWayBack([put('registry/api@sha256:1')], records.slice(2))).toEqual([]);
});
