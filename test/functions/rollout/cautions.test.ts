import { describe, expect, it } from 'vitest';
import { cautionsAbout } from '../../../functions/rollout/cautions.ts';
import { checkReadiness } from '../../../functions/rollout/preflight.ts';
import { taskDefinitionFacts } from '../../../functions/rollout/task-definition-facts.ts';
import { config } from './given.ts';
import { PLAN, READY } from './given-preflight.ts';

const cautions = (app: object, bakeTimeSeconds = 60, hasTargets = false, sidecar: object = {}): string[] => {
  const containerDefinitions = [
    { name: 'app', image: 'a', ...app },
    { name: 'proxy', image: 'b', ...sidecar },
  ];
  const base = taskDefinitionFacts({ containerDefinitions });
  return cautionsAbout({ service: { hasTargets }, base }, config({ bakeTimeSeconds })).map(({ subject }) => subject);
};

describe('people are told', () => {
  it.each<[string, string[], ...Parameters<typeof cautions>]>([
    ['that nothing checks the tasks', ['health check'], {}, 60],
    ['that a bake is longer than configured where nothing checks the tasks', ['health check', 'bake time'], {}, 59],
    ['the same where there is no bake at all', ['health check', 'bake time'], {}, 0],
    ['nothing where a load balancer checks them', [], {}, 0, true],
    ['nothing where a container has a health check', [], { healthCheck: { command: ['CMD', 'true'] } }, 0],
    ['nothing of one that says NONE', ['health check'], { healthCheck: { command: ['NONE'] } }, 60],
    [
      'the same where only a sidecar has one, which says that the sidecar works',
      ['health check'],
      {},
      60,
      false,
      { healthCheck: { command: ['CMD', 'true'] } },
    ],
    ['that restarts hide crash loops', ['restart policy'], { restartPolicy: { enabled: true } }, 60, true],
    ['nothing of a policy that is off', [], { restartPolicy: { enabled: false } }, 60, true],
    ['nothing of nulls', [], { restartPolicy: null, repositoryCredentials: null }, 60, true],
    ['nothing of restarts of others', [], {}, 60, true, { restartPolicy: { enabled: true } }],
    ['that credentials fall', ['credentials'], { repositoryCredentials: { credentialsParameter: 'x' } }, 60, true],
  ])('%s', (_case, subjects, ...given) => {
    expect(cautions(...given)).toEqual(subjects);
  });

  it('by Preflight too, which clears the roll all the same', () => {
    const base = { ...READY.base!, containers: [{ name: 'app', image: 'x', restarts: true }] };
    const { word, message } = checkReadiness({ ...READY, base }, PLAN, config());
    expect(word).toBe('go');
    expect(message).toMatch(/^Ready to roll .*\. The container app has a restartPolicy, behind which/);
  });
});
