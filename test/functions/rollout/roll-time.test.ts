import { describe, expect, it } from 'vitest';
import { timeCautions, timeRemark } from '../../../functions/rollout/cautions.ts';
import { checkReadiness } from '../../../functions/rollout/preflight.ts';
import { longestRoll } from '../../../functions/rollout/roll-time.ts';
import { taskDefinitionFacts } from '../../../functions/rollout/task-definition-facts.ts';
import type { ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import { config, service } from './given.ts';
import { onService, PLAN } from './given-preflight.ts';

const base = (...containers: object[]) =>
  taskDefinitionFacts({ containerDefinitions: containers.map((each) => ({ name: 'app', image: 'a', ...each })) });
const time = (changes: Partial<ServiceFacts>, ...containers: object[]) =>
  longestRoll(service({ hasTargets: false, ...changes }), base(...containers));
const PLAIN = { image: 'a' };

describe('the time that a roll may take', () => {
  it('is that of one batch where all tasks are replaced at once', () => {
    expect(time({ desiredCount: 8 }, PLAIN)).toMatchObject({ tasks: 8, atOnce: 8, batchSeconds: 90, totalSeconds: 90 });
  });

  it.each([
    ['one more than it wants', 100, 107, 1, 15],
    ['one more and two less, rounded as ECS rounds', 86, 110, 3, 5],
    ['half of them, and no more', 50, 100, 7, 3],
  ])('is longer, batch by batch, where there is room for %s', (_room, minimum, maximum, atOnce, batches) => {
    const percents = { minimumHealthyPercent: minimum, maximumPercent: maximum };
    expect(time({ desiredCount: 15, ...percents }, PLAIN)).toMatchObject({ atOnce, totalSeconds: batches * 90 });
  });

  it('counts health checks, grace and draining, each of the slowest container', () => {
    const slow = { healthCheck: { command: ['CMD', 'true'], interval: 45, startPeriod: 300 } };
    expect(time({}, slow, { stopTimeout: 120 })).toMatchObject({
      startSeconds: 105,
      graceSeconds: 300,
      drainingSeconds: 120,
      batchSeconds: 525,
    });
    expect(time({ graceSeconds: 400, hasTargets: true }, slow)).toMatchObject({
      graceSeconds: 400,
      drainingSeconds: 330,
    });
  });

  it.each([
    ['wants no tasks', { desiredCount: 0 }],
    ['has no room for any', { maximumPercent: 100 }],
    ['has counts that ECS did not tell', { desiredCount: Number.NaN }],
  ])('is not known of a service that %s', (_case, changes) => {
    expect(time(changes, PLAIN)).toBeUndefined();
  });
});

describe('that it is too long', () => {
  const SLOW = { desiredCount: 20, maximumPercent: 105, graceSeconds: 700, hasTargets: false };
  const looked = { service: service(SLOW), base: base(PLAIN) };
  const given = (progressSeconds: number, deadlineSeconds: number) => ({ progressSeconds, deadlineSeconds });

  it('is said of the setting that bounds it, with what to give', () => {
    expect(timeCautions(looked, given(789, 16_000)).map(({ subject, remedy }) => [subject, remedy])).toEqual([
      ['progress', 'set progressSeconds to 900 or more, and deploy the cell'],
    ]);
    expect(timeCautions(looked, given(790, 15_799)).map(({ subject, remedy }) => [subject, remedy])).toEqual([
      ['deadline', 'set deadlineSeconds to 15900 or more, and deploy the cell'],
    ]);
    expect(timeCautions(looked, given(790, 15_800))).toEqual([]);
  });

  it('is said otherwise where no setting is long enough', () => {
    const endless = {
      ...looked,
      service: service({ ...SLOW, desiredCount: 199, maximumPercent: 101, graceSeconds: 7000 }),
    };
    expect(timeCautions(endless, given(10_000, 21_600)).map(({ remedy }) => remedy)).toEqual([
      'let ECS replace more tasks at once: widen minimumHealthyPercent or maximumPercent',
    ]);
  });

  it('refuses nothing: Preflight clears the roll, and has the record say it', () => {
    const clearance = checkReadiness(onService(SLOW), PLAN, config(given(600, 21_600)));
    expect(clearance).toMatchObject({ word: 'go', remark: timeRemark(onService(SLOW), given(600, 21_600)) });
    expect(clearance.remark).toMatch(/^Replacing 1 of 20 tasks may take 790 s .*: set progressSeconds to 900 or more/);
    expect(clearance.message).toContain('Replacing 1 of 20 tasks may take 790 s');
    expect(checkReadiness(onService({}), PLAN, config()).remark).toBeUndefined();
  });
});
