import { expect, it } from 'vitest';
import { rehearsalJson, rehearsalSchema } from '../../../cli/verbs/rehearse/rehearsal-json.ts';
import { report } from '../../timeline/given-report.ts';

const REPORT = report();

it('a scenario for machines has its price and its verdict', () => {
  expect(rehearsalJson([REPORT])).toEqual({
    schema: 1,
    scenarios: [
      {
        name: 'good-push',
        service: 'prod/api',
        outcome: 'SUCCEEDED',
        message: null,
        expected: 'SUCCEEDED',
        faults: [],
        mayAlsoEnd: [],
        passed: true,
        path: ['Configure', 'Conclude'],
        expectedPath: ['Configure', 'Conclude'],
        differences: [],
        refusals: [],
        virtualSeconds: 93.25,
        stateTransitions: 12,
        stateTransitionsPriceUsd: 0.0003,
        awsCalls: 31,
        detectionLagSeconds: 0.4,
        timeSpent: null,
        timeline: [{ virtualSeconds: 0, kind: 'push', text: 'v1' }],
      },
    ],
  });
});

it('says null for a lag that nobody measured, and false for a story that went otherwise', () => {
  const { detectionLagSeconds: _lag, ...rest } = REPORT;
  const document = rehearsalJson([{ ...rest, outcome: 'ABORTED' }]);
  expect(document).toMatchObject({ scenarios: [{ detectionLagSeconds: null, passed: false }] });
  expect(rehearsalSchema.parse(document)).toEqual(document);
});
