import type { FaultRule, Spread } from '../../region/faults/model.ts';
import { ECS_FAULTS } from './ecs-faults.ts';
import type { NamedFault, Tolerance } from './named-fault.ts';

/** A fault that is rules and nothing else. */
function ruled(
  name: string,
  title: string,
  rules: readonly FaultRule[],
  may: Pick<NamedFault, 'acts' | 'mayAlsoEnd' | 'mayAlsoEndAtFirst' | 'tolerates'> = {},
): NamedFault {
  const inject: NamedFault['inject'] = ({ region }) => {
    const started = region.faults.start(...rules);
    return { end: () => started.stop(), hasActed: () => started.acted > 0 };
  };
  return { name, title, ...may, inject };
}

const TOLD_AGAIN: Tolerance = {
  matcher: /^notification: .* was announced \d times, not 1\.$/,
  reason: 'Publish has no token that makes a repetition known, and whether a lost one was applied nobody can look up.',
};

const REGISTERED_AGAIN: Tolerance = {
  matcher: /^revision: .*(?: registered .*: one is enough| is a second copy of .*)\.$/,
  reason: 'RegisterTaskDefinition has no such token either; a registration that comes late leaves a revision unused.',
};

/** Nobody knows what runs while nobody can look: going back to what was proven is as honest as going on. */
const BACK = ['ROLLED_BACK', 'FAILED_NO_ROLLBACK_TARGET'];

/** Every change that a handler makes. */
const WRITES = [
  'PutItem',
  'PutParameter',
  'PutImage',
  'RegisterTaskDefinition',
  'UpdateService',
  'TagResource',
  'Publish',
  'SendTaskSuccess',
  'StartExecution',
] as const;

const SLOW: Spread = { minMs: 1, maxMs: 120, tailProbability: 0.03, tailMs: 4_000 };

const ON_THE_WIRE: readonly NamedFault[] = [
  ruled('throttling', 'One call in eight is throttled.', [
    { at: 'call', when: { probability: 1 / 8 }, does: { kind: 'error', error: 'throttling', isApplied: false } },
  ]),
  ruled(
    'server-errors',
    'One call in eight is answered with a 5xx; half of those were applied.',
    [
      { at: 'call', when: { probability: 1 / 16 }, does: { kind: 'error', error: 'server-error', isApplied: false } },
      { at: 'call', when: { probability: 1 / 16 }, does: { kind: 'error', error: 'server-error', isApplied: true } },
    ],
    { tolerates: [TOLD_AGAIN] },
  ),
  ruled(
    'lost-answers',
    'One call in ten is applied and its connection is cut before the answer.',
    [{ at: 'call', when: { probability: 1 / 10 }, does: { kind: 'lost', connection: 'cut', isApplied: true } }],
    { tolerates: [TOLD_AGAIN] },
  ),
  ruled(
    'hanging-calls',
    'One call in fifty is never answered, so that its function times out.',
    [
      { at: 'call', when: { probability: 1 / 100 }, does: { kind: 'lost', connection: 'silent', isApplied: false } },
      { at: 'call', when: { probability: 1 / 100 }, does: { kind: 'lost', connection: 'silent', isApplied: true } },
    ],
    { tolerates: [TOLD_AGAIN] },
  ),
  ruled('slow-network', 'Each way of a call takes between 1 and 120 ms, and now and then 4 s.', [
    { at: 'call', does: { kind: 'latency', spread: SLOW } },
  ]),
  ruled(
    'zombies',
    'Functions die in the midst of a change, which is applied 5 s later.',
    [
      {
        at: 'call',
        match: { operation: WRITES },
        when: { probability: 1 / 5, times: 3 },
        does: { kind: 'kill', applied: 'later', laterMs: 5_000 },
      },
    ],
    { tolerates: [TOLD_AGAIN, REGISTERED_AGAIN] },
  ),
];

type Outcomes = Pick<NamedFault, 'mayAlsoEnd' | 'mayAlsoEndAtFirst'>;

/** The service answers nothing but 5xx for two minutes, from so long after the push that the rollout needs it then. */
function outage(name: string, what: string, service: string, afterSeconds: number, may: Outcomes): NamedFault {
  const when = { afterSeconds, lastsSeconds: 120 };
  const does = { kind: 'error', error: 'server-error', isApplied: false } as const;
  const since = afterSeconds === 0 ? 'from the push on' : 'soon after the push';
  const title = `${what} is out of service for two minutes, ${since}.`;
  const acts = { ...when, title: `${what} is out of service.` };
  return ruled(name, title, [{ at: 'call', match: { service }, when, does }], { acts, ...may });
}

const OUTAGES: readonly NamedFault[] = [
  outage('ecs-outage', 'ECS', 'ecs', 5, { mayAlsoEnd: BACK }),
  // A later push is made up for by the tick, whose first look takes the very first one for what was there.
  outage('registry-outage', 'ECR', 'ecr', 0, { mayAlsoEndAtFirst: ['AwsUnavailable'] }),
  outage('ledger-outage', 'DynamoDB', 'dynamodb', 5, { mayAlsoEnd: BACK }),
];

const AGE: Spread = { minMs: 0, maxMs: 8_000 };

const READS: readonly NamedFault[] = [
  ruled('stale-reads', 'ECS and Step Functions answer reads with what was true up to 8 s ago.', [
    { at: 'call', match: { service: 'ecs' }, does: { kind: 'stale', spread: AGE } },
    { at: 'call', match: { service: 'states' }, does: { kind: 'stale', spread: AGE } },
  ]),
];

const EVENTS: readonly NamedFault[] = [
  ruled(
    'events-lost',
    'Half of all events of ECR and ECS are lost.',
    [
      { at: 'delivery', match: { source: 'aws.ecr' }, when: { probability: 1 / 2 }, does: { kind: 'lose' } },
      { at: 'delivery', match: { source: 'aws.ecs' }, when: { probability: 1 / 2 }, does: { kind: 'lose' } },
      // A push that nobody heard of before the tick's first look is what the tick finds, and no news.
    ],
    { mayAlsoEndAtFirst: ['NO_CHANGE'] },
  ),
  ruled('events-doubled', 'Every event comes twice, the second time up to a minute later.', [
    { at: 'delivery', does: { kind: 'double', later: { minMs: 0, maxMs: 60_000 } } },
  ]),
  ruled('events-delayed', 'Every event comes between one and six minutes late.', [
    { at: 'delivery', does: { kind: 'delay', by: { minMs: 60_000, maxMs: 360_000 } } },
  ]),
  ruled('events-reordered', 'Events come up to 20 s late, in any order.', [
    { at: 'delivery', does: { kind: 'delay', by: { minMs: 0, maxMs: 20_000 } } },
  ]),
];

const FUNCTIONS: readonly NamedFault[] = [
  ruled(
    'functions-killed',
    'Functions die in one call of thirty, before or after it is applied.',
    [
      { at: 'call', when: { probability: 1 / 60 }, does: { kind: 'kill', applied: 'never' } },
      { at: 'call', when: { probability: 1 / 60 }, does: { kind: 'kill', applied: 'at-once' } },
    ],
    { tolerates: [TOLD_AGAIN] },
  ),
  ruled('functions-time-out', 'One invocation in ten never gets to its first line and times out.', [
    { at: 'invocation', when: { probability: 1 / 10 }, does: { kind: 'timeout' } },
  ]),
  ruled('functions-throttled', 'One invocation in four is refused: too many run at once.', [
    {
      at: 'invocation',
      when: { probability: 1 / 4 },
      does: { kind: 'error', error: 'TooManyRequestsException', runs: 'never' },
    },
  ]),
  ruled(
    'lambda-errors',
    'One invocation in four ends in an error of Lambda, whether or not the function has run.',
    [
      ...(['ServiceException', 'AWSLambdaException', 'SdkClientException', 'Unknown'] as const).flatMap((error) =>
        (['never', 'before'] as const).map((runs): FaultRule => {
          return { at: 'invocation', when: { probability: 1 / 32 }, does: { kind: 'error', error, runs } };
        }),
      ),
    ],
    { tolerates: [TOLD_AGAIN] },
  ),
  ruled(
    'functions-run-on',
    'One invocation in six is given up by Step Functions while the function runs on.',
    [
      {
        at: 'invocation',
        match: { mode: 'synchronous' },
        when: { probability: 1 / 6 },
        does: { kind: 'error', error: 'ClientExecutionTimeoutException', runs: 'meanwhile', toldAfterMs: 15 },
      },
    ],
    { tolerates: [TOLD_AGAIN, REGISTERED_AGAIN] },
  ),
];

/** All of them, in the order in which `--list` shows them. */
export const FAULTS: readonly NamedFault[] = [
  ...ON_THE_WIRE,
  ...OUTAGES,
  ...READS,
  ...EVENTS,
  ...FUNCTIONS,
  ...ECS_FAULTS,
];

/** What an audit lets pass where each of these faults may act, and why. */
export function toleratedUnder(names: readonly string[]): Tolerance[] {
  const tolerated = FAULTS.filter(({ name }) => names.includes(name)).flatMap(({ tolerates = [] }) => tolerates);
  // What was registered and not answered is looked for in lists that do not show it yet.
  const isUnknowable = tolerated.includes(TOLD_AGAIN) && names.includes('stale-reads');
  return isUnknowable ? [...tolerated, REGISTERED_AGAIN] : tolerated;
}
