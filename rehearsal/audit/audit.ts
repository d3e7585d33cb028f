import type { Evidence, Rule, Violation } from './evidence.ts';
import { deadlineViolations, leaseViolations } from './ledger-rules.ts';
import { eventViolations, notificationViolations, recordViolations, revisionViolations } from './record-rules.ts';
import { truthViolations } from './truth-rules.ts';
import { liveImageViolations, serviceViolations } from './service-rules.ts';

/** What each rule finds. */
const CHECKS: Readonly<Record<Rule, (evidence: Evidence) => readonly string[]>> = {
  record: recordViolations,
  notification: notificationViolations,
  event: eventViolations,
  revision: revisionViolations,
  deadline: deadlineViolations,
  lease: leaseViolations,
  'live-image': liveImageViolations,
  outbox: outboxViolations,
  owner: ownerViolations,
  service: serviceViolations,
  truth: truthViolations,
  permission: ({ refusals }) =>
    refusals.map(({ role, action, resource }) => `${role} was refused ${action} on ${resource}; nobody took it away.`),
  'dead-letter': ({ deadLetters }) => deadLetters.map((message) => `An event was not delivered: ${message}`),
};

/** Holds a world to every rule. */
export function audit(evidence: Evidence): Violation[] {
  return (Object.keys(CHECKS) as Rule[]).flatMap((rule) =>
    CHECKS[rule](evidence).map((sentence) => ({ rule, sentence })),
  );
}

/** Why a scenario breaks a rule on purpose, and what of it: violations whose sentence contains that text, or matches. */
export interface Excuse {
  readonly rule: Rule;
  readonly matcher: string | RegExp;
  readonly reason: string;
}

/** The violations that nothing excuses, as sentences, and the excuses that nothing needs. */
export function unexcused(violations: readonly Violation[], excuses: readonly Excuse[]): string[] {
  const idle = excuses.filter((excuse) => !violations.some((violation) => isExcused(violation, excuse)));
  const left = violations.filter((violation) => !excuses.some((excuse) => isExcused(violation, excuse)));
  return [
    ...left.map(({ rule, sentence }) => `${rule}: ${sentence}`),
    ...idle.map(
      ({ rule, matcher, reason }) => `${rule}: no violation matches ${matcher}, yet it is excused (${reason}).`,
    ),
  ];
}

function isExcused({ rule, sentence }: Violation, excuse: Excuse): boolean {
  const { matcher } = excuse;
  return (
    rule === excuse.rule && (typeof matcher === 'string' ? sentence.includes(matcher) : sentence.search(matcher) >= 0)
  );
}

function outboxViolations({ ledger, executions }: Evidence): string[] {
  if (isAnyRunning(executions)) return [];
  return (ledger?.outbox ?? []).map(
    ({ rolloutId, outcome }) => `The record of rollout ${rolloutId} (${outcome}) still waits in the outbox.`,
  );
}

function ownerViolations({ ledger, executions }: Evidence): string[] {
  if (isAnyRunning(executions)) return [];
  const { owner, pending } = ledger ?? {};
  return [
    ...(owner ? [`Rollout ${owner.rolloutId} still owns the service (${owner.phase.name}), and no rollout runs.`] : []),
    ...(pending ? [`Rollout ${pending.rolloutId} still waits for the service, and no rollout runs.`] : []),
  ];
}

function isAnyRunning(executions: Evidence['executions']): boolean {
  return executions.some(({ status }) => status === 'RUNNING');
}
