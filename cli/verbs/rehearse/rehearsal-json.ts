import { z } from 'zod';
import { timeSpentJson, timeSpentSchema } from '../history/records.ts';
import { timeSpentIn } from './time-lines.ts';
import { hasPassed, transitionsPriceUsd, type ScenarioReport } from '../../../timeline/scenario-report.ts';
import type { NamedFault } from '../../../rehearsal/faults/named-fault.ts';
import type { Story } from '../../../rehearsal/stories.ts';
import { list, shape, version } from '../../terminal/document.ts';

const scenarioSchema = shape('scenario', {
  name: z.string().describe('As `--list` shows it and `--scenario` takes it.'),
  service: z.string().describe('The service that was rolled: `cluster/service`.'),
  outcome: z
    .string()
    .describe(
      'How the rollout ended: one of the outcomes in README, or the error name of an execution that could not say; `NOT_PLAYED` when its set-up failed or nothing started, and `differences` say why.',
    ),
  message: z.string().nullable().describe('Why it ended so, in a sentence.'),
  expected: z.string().describe("The outcome that the scenario's story tells."),
  faults: list(z.string()).describe('The faults under which it was played, as `--fault` takes them. Empty for none.'),
  mayAlsoEnd: list(z.string()).describe('Outcomes that are as good as `expected` under those faults.'),
  passed: z
    .boolean()
    .describe(
      'Outcome, path and world are as the story says; under faults: the outcome is one of those, and the world is sound.',
    ),
  path: list(z.string()).describe('States of the state machine in the order in which they were entered.'),
  expectedPath: list(z.string()).describe(
    'The path that the story tells; a state that waits and is entered again counts once.',
  ),
  differences: list(z.string()).describe(
    "Sentences: how the world differs from the story's end. Empty when it does not.",
  ),
  refusals: list(
    z.strictObject({
      role: z.string().describe("The role's name."),
      action: z.string().describe('`ecs:UpdateService`'),
      resource: z.string().describe('The ARN that the action was refused on.'),
    }),
  ).describe("What IAM refused the stack's roles. Empty when it refused nothing."),
  virtualSeconds: z.number().describe('From the start of the execution to its end, in virtual time.'),
  stateTransitions: z.number().describe('State transitions of the execution, retries included.'),
  stateTransitionsPriceUsd: z.number().describe('Their price in US dollars, at $0.025 per 1,000.'),
  awsCalls: z.number().describe('AWS API calls that the handlers made for this rollout.'),
  detectionLagSeconds: z
    .number()
    .nullable()
    .describe('From the moment at which ECS knew to our verdict; null when no ECS event decided.'),
  timeSpent: timeSpentSchema
    .nullable()
    .describe('Where the time went, by what the history keeps of it; null where nothing was rolled.'),
  timeline: list(
    z.strictObject({
      virtualSeconds: z.number().describe("Virtual seconds since the scenario's story began."),
      kind: z.enum(['push', 'state', 'tasks', 'ecs', 'decided', 'ended']).describe('What kind of thing happened.'),
      text: z.string().describe('For people; its wording is not part of the contract.'),
    }),
  ).describe('What happened, in order.'),
});

/** The document of `rollouts rehearse --json`. */
export const rehearsalSchema = z.strictObject({
  schema: version,
  scenarios: list(scenarioSchema).describe(
    'One per configured service and scenario, in the order in which they were played.',
  ),
});
type RehearsalJson = z.infer<typeof rehearsalSchema>;

/** The document of `rollouts rehearse --list --json`. */
export const storiesSchema = z.strictObject({
  schema: version,
  stories: list(
    z.strictObject({
      name: z.string().describe('As `--scenario` takes it.'),
      title: z.string().describe('What happens, in a sentence.'),
      expected: z.string().describe('The outcome that the story tells.'),
    }),
  ).describe('What could be played, in that order.'),
  faults: list(
    z.strictObject({
      name: z.string().describe('As `--fault` takes it.'),
      title: z.string().describe('What goes wrong, in a sentence.'),
    }),
  ).describe('What it could be played under.'),
});

/** All scenarios that were played, for machines. */
export function rehearsalJson(reports: readonly ScenarioReport[]): RehearsalJson {
  return { schema: 1, scenarios: reports.map(scenarioJson) };
}

/** All stories and faults, for machines. */
export function storiesJson(stories: readonly Story[], faults: readonly NamedFault[]): z.infer<typeof storiesSchema> {
  return {
    schema: 1,
    stories: stories.map(({ name, title, expected }) => ({ name, title, expected })),
    faults: faults.map(({ name, title }) => ({ name, title })),
  };
}

function scenarioJson(report: ScenarioReport): RehearsalJson['scenarios'][number] {
  const spent = timeSpentIn(report);
  return {
    name: report.name,
    service: report.service,
    outcome: report.outcome,
    message: report.message ?? null,
    expected: report.expected,
    faults: report.faults,
    mayAlsoEnd: report.mayAlsoEnd,
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
    timeSpent: spent ? timeSpentJson(spent) : null,
    timeline: report.timeline,
  };
}
