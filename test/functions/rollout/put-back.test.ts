import { describe, expect, it } from 'vitest';
import { copiedImages, putBackImages } from '../../../functions/rollout/put-back.ts';
import type { TaskDefinitionFacts } from '../../../functions/rollout/task-definition-facts.ts';
import { digest, revision } from './given.ts';

const OURS = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/web';

const definition = (images: Readonly<Record<string, string>>, status = 'ACTIVE'): TaskDefinitionFacts => ({
  taskDefinitionArn: revision(1),
  status,
  family: 'web',
  containers: Object.entries(images).map(([name, image]) => ({ name, image })),
  operatingSystemFamily: 'LINUX',
  cpuArchitecture: 'X86_64',
});
const seen = { containerDigests: { app: digest('a'), worker: digest('b'), proxy: digest('c') } };

describe('the images of the copy that is put back', () => {
  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>> | undefined]>([
    ['a tag', { app: `${OURS}:live` }, { app: `${OURS}@${digest('a')}` }],
    ['no tag', { app: OURS }, { app: `${OURS}@${digest('a')}` }],
    ['a tag behind a port', { app: 'registry:5000/team/web:live' }, { app: `registry:5000/team/web@${digest('a')}` }],
    ['a port and no tag', { app: 'registry:5000/team/web' }, { app: `registry:5000/team/web@${digest('a')}` }],
    // Its tasks may show a child of that index: the pin stays what it was.
    ['a digest', { app: `${OURS}@${digest('f')}` }, undefined],
    ['a tag and a digest', { app: `${OURS}:live@${digest('f')}` }, undefined],
    ['a tag in a container that is not rolled', { app: `${OURS}@${digest('a')}`, proxy: 'envoy:v1' }, undefined],
    [
      'a tag in one of two containers',
      { app: `${OURS}@${digest('f')}`, worker: `${OURS}:live` },
      { worker: `${OURS}@${digest('b')}` },
    ],
  ])('pin %s to what was seen running', (_case, images, copied) => {
    expect(copiedImages(definition(images), seen, ['app', 'worker'])).toEqual(copied);
  });

  it('are those of an INACTIVE revision, pinned or not', () => {
    expect(copiedImages(definition({ app: `${OURS}@${digest('f')}` }, 'INACTIVE'), seen, ['app'])).toEqual({});
    const byTag = definition({ app: `${OURS}:live` }, 'INACTIVE');
    expect(copiedImages(byTag, seen, ['app'])).toEqual({ app: `${OURS}@${digest('a')}` });
  });

  it('leave a container by its tag of which nothing was seen', () => {
    expect(copiedImages(definition({ app: `${OURS}:live` }), {}, ['app'])).toBeUndefined();
  });
});

it('asks the registry for what the copy names, not for what it stands for, and once', () => {
  const both = definition({ app: `${OURS}:live`, worker: `${OURS}:live`, proxy: `${OURS}:proxy` });
  const digests = { containerDigests: { app: digest('a'), worker: digest('a') } };
  const images = putBackImages(both, digests, ['app', 'worker']);
  expect(images).toEqual([`${OURS}@${digest('a')}`, `${OURS}:proxy`]);
});
