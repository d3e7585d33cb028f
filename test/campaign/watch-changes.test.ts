import { expect, it } from 'vitest';
import { alteredRevisions, tooMuchUpdated } from '../../campaign/watch-changes.ts';

const CONFIG = { cluster: 'prod', serviceName: 'api', family: 'api', containers: ['api'] };
const BASE = {
  family: 'api',
  revision: 1,
  status: 'ACTIVE' as const,
  cpu: '512',
  volumes: [],
  containerDefinitions: [
    { name: 'api', image: 'api:by-hand', environment: [{ name: 'A', value: '1' }] },
    { name: 'proxy', image: 'proxy:1' },
  ],
};
const NEXT = {
  family: 'api',
  cpu: '512',
  tags: [{ key: 'rollouts:rollout-id', value: '1' }],
  containerDefinitions: [{ ...BASE.containerDefinitions[0], image: 'api@sha256:1' }, BASE.containerDefinitions[1]!],
};

it('lets a rollout send where, and which revision, and nothing else', () => {
  const update = { cluster: 'prod', service: 'api', taskDefinition: 'api:2' };
  expect(tooMuchUpdated(update, CONFIG)).toEqual([]);
  expect(tooMuchUpdated({ ...update, healthCheckGracePeriodSeconds: 0 }, CONFIG)).toEqual([
    'minimal: UpdateService also sent healthCheckGracePeriodSeconds.',
  ]);
  expect(tooMuchUpdated({ ...update, desiredCount: 2 }, CONFIG)).toEqual([
    'minimal: UpdateService also sent desiredCount.',
  ]);
  expect(tooMuchUpdated({ ...update, desiredCount: 2 }, { ...CONFIG, launchCount: 2 })).toEqual([]);
  expect(tooMuchUpdated({ ...update, service: 'other' }, CONFIG)).toEqual([
    'minimal: UpdateService changed prod/other, not prod/api.',
  ]);
});

it('lets a rollout change the images of the configured containers, and nothing else', () => {
  expect(alteredRevisions([NEXT], [BASE], CONFIG)).toEqual([]);
  const proxied = {
    ...NEXT,
    containerDefinitions: [NEXT.containerDefinitions[0]!, { name: 'proxy', image: 'proxy:2' }],
  };
  const dropped = {
    ...NEXT,
    containerDefinitions: [{ name: 'api', image: 'api@sha256:1' }, NEXT.containerDefinitions[1]!],
  };
  for (const altered of [{ ...NEXT, cpu: '1024' }, proxied, dropped])
    expect(alteredRevisions([altered], [BASE], CONFIG)).toEqual([
      expect.stringContaining('unlike every one made by hand'),
    ]);
  expect(alteredRevisions([{ ...NEXT, family: 'other' }], [BASE], CONFIG)).toEqual([
    'minimal: A role registered a revision of other, not of api.',
  ]);
});
