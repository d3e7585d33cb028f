import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Report {
  readonly pluginName: string;
  readonly conclusion: string;
  /** What was acknowledged. */
  readonly suppressedViolations: readonly { readonly ruleName: string; readonly reason: string }[];
  readonly violations: readonly { readonly violatingConstructs: readonly { readonly constructPath: string }[] }[];
}

/** What the validation plugins said of an assembly. */
export function reportIn(directory: string): readonly Report[] {
  const text = readFileSync(join(directory, 'validation-report.json'), 'utf8');
  return (JSON.parse(text) as { pluginReports: Report[] }).pluginReports;
}

/** Findings that were acknowledged without a reason that says anything. */
export function unreasoned(directory: string): object[] {
  const acknowledged = reportIn(directory).flatMap(({ suppressedViolations }) => suppressedViolations);
  return acknowledged.filter(({ reason }) => !/^\w.{20,}$/.test(reason));
}
