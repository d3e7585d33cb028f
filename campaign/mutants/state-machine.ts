import type { Mutant } from './mutant.ts';

const FILE = 'state-machine/rollout.asl.yaml';

/** Faults of the order of things: `state-machine/rollout.asl.yaml`. */
export const STATE_MACHINE: readonly Mutant[] = [
  {
    name: 'failure-is-the-end',
    breaks: 'What failed is taken back.',
    file: FILE,
    find: '      - &behind { Condition: "{% $ending.word = \'again\' %}", Next: LookAgain }\n    Default: RollbackTarget?\n',
    replace:
      '      - &behind { Condition: "{% $ending.word = \'again\' %}", Next: LookAgain }\n    Default: Conclude\n',
  },
  {
    name: 'failed-bake-is-the-end',
    breaks: 'What fails while it bakes is taken back.',
    file: FILE,
    find: 'Assign: *first-visit, Next: AwaitSteadyState }\n    Default: RollbackTarget?\n',
    replace: 'Assign: *first-visit, Next: AwaitSteadyState }\n    Default: Conclude\n',
  },
  {
    name: 'bake-is-skipped',
    breaks: 'A steady service bakes before its rollout ends.',
    file: FILE,
    find: "$ending.word = 'steady' and $clearance.bakeTimeSeconds > 0",
    replace: "$ending.word = 'steady' and $clearance.bakeTimeSeconds > 1000000",
  },
  {
    name: 'silence-is-failure',
    breaks: 'A wait that nobody answered is begun again.',
    file: FILE,
    find: "        Assign: &next-visit { visit: '{% $min([$visit + 1, $count($waits) - 1]) %}', trail: *stayed }\n        Output: {}\n        Next: AwaitSteadyState\n",
    replace:
      "        Assign: &next-visit { visit: '{% $min([$visit + 1, $count($waits) - 1]) %}', trail: *stayed }\n        Output: {}\n        Next: RollbackTarget?\n",
  },
  {
    name: 'no-net-under-the-watch',
    breaks: 'A watch looks again by itself, in case an event was lost.',
    file: FILE,
    find: 'waits: [60, 300, 600, 1200]',
    replace: 'waits: [86000, 86000, 86000, 86000]',
  },
  {
    name: 'trouble-takes-nothing-back',
    breaks: 'A roll that ended in trouble is taken back if it was made.',
    file: FILE,
    find: "$exists($decision.rollbackTarget) or $ending.word = 'error'",
    replace: "$exists($decision.rollbackTarget) and $ending.word != 'error'",
  },
  {
    name: 'rollback-is-not-awaited',
    breaks: 'A rollback ends when its target was seen healthy.',
    file: FILE,
    find: "Assign: *first-visit, Next: AwaitRollback }\n      - Condition: \"{% $ending.word = 'unjudged' and $exists($back.verdict) and",
    replace:
      "Assign: *first-visit, Next: Conclude }\n      - Condition: \"{% $ending.word = 'unjudged' and $exists($back.verdict) and",
  },
  {
    name: 'nobody-waits-for-a-turn',
    breaks: 'A push beside another rollout waits for its turn.',
    file: FILE,
    find: '{ Condition: "{% $ending.word = \'busy\' %}", Next: AwaitTurn }',
    replace: '{ Condition: "{% $ending.word = \'busier\' %}", Next: AwaitTurn }',
  },
  {
    name: 'deployments-are-not-let-finish',
    breaks: "A push lets somebody else's deployment finish.",
    file: FILE,
    find: '{ Condition: "{% $ending.word = \'let-finish\' %}", Next: LetFinish }',
    replace: '{ Condition: "{% $ending.word = \'let-it-finish\' %}", Next: LetFinish }',
  },
  {
    name: 'refusals-are-ignored',
    breaks: 'What Preflight refuses is not rolled.',
    file: FILE,
    find: '      - { Condition: "{% $ending.word = \'go\' %}", Next: RegisterRevision }\n',
    replace: "      - { Condition: \"{% $ending.word in ['go', 'reject'] %}\", Next: RegisterRevision }\n",
  },
  {
    name: 'recovery-rolls-forward',
    breaks: 'A recovery puts back what was proven.',
    file: FILE,
    find: '{ Condition: "{% $ending.word = \'recover\' %}", Next: RollbackTarget? }',
    replace: '{ Condition: "{% $ending.word = \'recover\' %}", Next: Preflight }',
  },
  {
    name: 'crashes-before-the-bake-count',
    breaks: 'A bake counts from when the service was steady.',
    file: FILE,
    find: "        since: '{% $bakeSince %}'\n",
    replace: "        since: '{% $rolled.since %}'\n",
    lives: {
      as: 'equivalent',
      because: 'the bake counts from the verdict in the ledger, whatever the state machine says.',
    },
  },
  {
    name: 'throttled-once-is-over',
    breaks: 'A step that AWS throttles waits for its turn.',
    file: FILE,
    find: 'MaxAttempts: 1000',
    replace: 'MaxAttempts: 0',
  },
  {
    name: 'errors-are-not-retried',
    breaks: 'A step that Lambda fails is tried again.',
    file: FILE,
    find: '          - Lambda.AWSLambdaException\n          - Lambda.SdkClientException\n',
    replace: '',
    lives: {
      as: 'blind spot',
      because:
        'what such an error ends is begun again by the tick, and only time is lost; `test/state-machine/retries.test.ts` holds every step to its retries.',
    },
  },
];
