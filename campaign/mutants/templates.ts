import type { Mutant } from './mutant.ts';

/** Faults of what is deployed: `infra/`. */
export const TEMPLATES: readonly Mutant[] = [
  {
    name: 'pushes-start-nothing',
    breaks: 'Every push that the tag policy may select starts a rollout.',
    file: 'infra/push-rule.ts',
    find: "result: ['SUCCESS'],",
    replace: "result: ['SUCCEEDED'],",
  },
  {
    name: 'glob-heads-are-versions',
    breaks: 'The pattern of the push rule is that of the tag policy.',
    file: 'infra/push-rule.ts',
    find: "  if (head !== '') return { prefix: head };\n",
    replace: "  if (head !== '') return { suffix: head };\n",
  },
  {
    name: 'tick-comes-daily',
    breaks: 'The tick comes as often as it is configured.',
    file: 'infra/tick.ts',
    find: 'Duration.minutes(cell.service.tickMinutes);',
    replace: 'Duration.hours(24 * cell.service.tickMinutes);',
  },
  {
    name: 'deployments-wake-nobody',
    breaks: 'The end of a deployment wakes the rollout that waits for it.',
    file: 'infra/service-events-rule.ts',
    find: "'SERVICE_DEPLOYMENT_COMPLETED', 'SERVICE_DEPLOYMENT_FAILED', 'SERVICE_DEPLOYMENT_IN_PROGRESS'",
    replace: "'SERVICE_DEPLOYMENT_FAILED'",
  },
  {
    name: 'tasks-wake-nobody',
    breaks: 'A task that stopped wakes the rollout that waits for it.',
    file: 'infra/service-events-rule.ts',
    find: "lastStatus: ['STOPPED'],",
    replace: "lastStatus: ['DEPROVISIONED'],",
  },
  {
    name: 'no-word-may-be-sent',
    breaks: 'Conclude may publish to the topic.',
    file: 'infra/handler-table.ts',
    find: "      allow(['sns:Publish'], created.topicArn),\n",
    replace: '',
  },
  {
    name: 'another-partition',
    breaks: "Roles are those of the stack's own partition.",
    file: 'infra/cell.ts',
    find: '`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`',
    replace: '`arn:aws:iam::${Aws.ACCOUNT_ID}:role/${role}`',
  },
  {
    name: 'a-permission-too-many',
    breaks: 'A role may do what it needs and nothing else.',
    file: 'infra/handler-table.ts',
    find: "allow(['iam:PassRole'], arns.passedRoles, toTasks)",
    replace: "allow(['iam:PassRole', 'iam:GetRole'], arns.passedRoles, toTasks)",
    lives: {
      as: 'blind spot',
      because: 'a permission that nobody uses changes nothing that happens; `test/infra/` holds each role to its list.',
    },
  },
  {
    name: 'functions-have-a-second',
    breaks: 'A function has as long as its ledger takes it to have.',
    file: 'infra/handlers.ts',
    find: 'timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),',
    replace: 'timeout: Duration.seconds(1),',
    lives: {
      as: 'blind spot',
      because:
        'calls take milliseconds in a campaign, and where they take longer another try is in time; `test/infra/cell-stack.test.ts` compares the time-out with what the ledger trusts.',
    },
  },
  {
    name: 'provisioned-with-tasks',
    breaks: 'A provisioned service is created without tasks: its repository is empty.',
    file: 'infra/service-stack.ts',
    find: 'Fn.conditionIf(isLaunched.logicalId, Aws.NO_VALUE, 0)',
    replace: 'Fn.conditionIf(isLaunched.logicalId, 0, 0)',
  },
  {
    name: 'every-release-is-the-same',
    breaks: 'The release names the code that is deployed.',
    file: 'infra/release.ts',
    find: "return hash.digest('hex').slice(0, 12);",
    replace: "return hash.digest('hex').slice(0, 0).padEnd(12, '0');",
    lives: {
      as: 'blind spot',
      because: 'only `rollouts doctor` reads it; `test/infra/release.test.ts` holds it to the code.',
    },
  },
  {
    name: 'alarms-watch-nobody',
    breaks: 'A service that needs someone rings.',
    file: 'infra/metrics.ts',
    find: '{ Service: cell.ledgerKey } satisfies',
    replace: '{ Service: `${cell.ledgerKey}S` } satisfies',
    lives: {
      as: 'blind spot',
      because: 'a campaign counts no alarms; `test/infra/cell-stack.test.ts` holds them to what functions emit.',
    },
  },
];
