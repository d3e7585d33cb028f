import { hasPassed, transitionsPriceUsd, type ScenarioReport } from './scenario-report.ts';

/** The shape behind `rehearse --json`, described in docs/rehearse-json.md; a breaking change raises `schema`. */
export function jsonReport(reports: readonly ScenarioReport[]): object {
  return { schema: 1, scenarios: reports.map(scenario) };
}

function scenario(report: ScenarioReport): object {
  return {
    name: report.name,
    service: report.service,
    outcome: report.outcome,
    message: report.message ?? null,
    expected: report.expected,
    passed: hasPassed(report),
    path: report.path,
    expectedPath: report.expectedPath,
    differences: report.differences,
    refusals: report.refusals,
    virtualSeconds: report.virtualSeconds,
    stateTransitions: report.stateTransitions,
    stateTransitionsPriceUsd: transitionsPriceUsd(report),
    awsCalls: report.awsCalls,
    detectionLagSeconds: report.detectionLagSeconds ?? null,
    timeline: report.timeline,
  };
}
