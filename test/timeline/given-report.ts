import type { ScenarioReport } from '../../timeline/scenario-report.ts';

/** A scenario that ended as its story says. */
export function report(changes: Partial<ScenarioReport> = {}): ScenarioReport {
  return {
    name: 'good-push',
    service: 'prod/api',
    title: 'A good image is pushed.',
    outcome: 'SUCCEEDED',
    expected: 'SUCCEEDED',
    faults: [],
    mayAlsoEnd: [],
    path: ['Configure', 'Conclude'],
    expectedPath: ['Configure', 'Conclude'],
    differences: [],
    refusals: [],
    virtualSeconds: 93.25,
    stateTransitions: 12,
    awsCalls: 31,
    detectionLagSeconds: 0.4,
    timeline: [{ virtualSeconds: 0, kind: 'push', text: 'v1' }],
    ...changes,
  };
}
