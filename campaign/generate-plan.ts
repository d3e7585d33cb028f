import { FAULTS } from '../rehearsal/faults/catalogue.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';
import type { ServiceOptions, SidecarOptions } from '../rehearsal/surroundings.ts';
import { seededRandom, type Random } from '../region/kernel/random.ts';
import { OUT_OF_THE_WAY } from './plan.ts';
import type { Deed, Handler, Plan, Policy, Request, Setting, Step } from './plan.ts';

/** The plan of a seed, the same on every machine. */
export function planOf(seed: number): Plan {
  const draw = drawing(seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0xca3fa160));
  return {
    seed,
    setting: settingOf(draw),
    region: draw.oneOf(['us-east-1', 'us-east-1', 'eu-central-1', 'us-gov-west-1']),
    service: serviceOf(draw),
    steps: stepsOf(draw),
  };
}

/** Draws from a seed. */
interface Draw {
  /** A whole number between both, which may be drawn, too. */
  readonly between: (least: number, most: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly oneOf: <One>(all: readonly One[]) => One;
}

function drawing(random: Random): Draw {
  const between = (least: number, most: number): number => least + Math.floor(random.next() * (most - least + 1));
  return {
    between,
    chance: (probability) => random.next() < probability,
    oneOf: (all) => all[between(0, all.length - 1)]!,
  };
}

const POLICIES: readonly Policy[] = ['plain', 'plain', 'plain', 'keeps-images', 'deregisters', 'hasty'];

/** Few, since each is synthesized once for a run. */
function settingOf(draw: Draw): Setting {
  return {
    tag: draw.oneOf(['exact', 'glob', 'semver']),
    bakeTimeSeconds: draw.oneOf([0, 60, 180]),
    isProvisioned: draw.chance(0.2),
    policy: draw.oneOf(POLICIES),
  };
}

/** How many percent of the tasks must and may be there while ECS deploys. */
const ROOMS: readonly Pick<ServiceOptions, 'minimumHealthyPercent' | 'maximumPercent'>[] = [
  { minimumHealthyPercent: 100, maximumPercent: 200 },
  { minimumHealthyPercent: 50, maximumPercent: 200 },
  { minimumHealthyPercent: 50, maximumPercent: 150 },
  { minimumHealthyPercent: 0, maximumPercent: 100 },
];

function serviceOf(draw: Draw): ServiceOptions {
  return {
    desiredCount: draw.oneOf([0, 1, 1, 2, 2, 2, 3, 4]),
    circuitBreaker: draw.oneOf(['off', 'rollback', 'rollback', 'no-rollback']),
    hasHealthCheck: draw.chance(0.4),
    isPinned: draw.chance(0.3),
    ...draw.oneOf(ROOMS),
    ...(draw.chance(0.3) && { sidecar: sidecarOf(draw) }),
  };
}

/** One that is essential is sound, or the service was never steady. */
function sidecarOf(draw: Draw): SidecarOptions {
  const image = draw.oneOf(['own-repository', 'another-repository', 'another-registry'] as const);
  const essential = draw.oneOf(['main', 'main', 'both', 'both', 'sidecar'] as const);
  if (essential !== 'main' || image === 'another-registry' || draw.chance(0.5)) return { image, essential };
  return { image, essential, behaviour: 'crash', afterSeconds: draw.oneOf([1, 20, 120]) };
}

/** What can be drawn, and how often beside the others. */
const DEEDS: readonly { readonly kind: Deed['kind']; readonly weight: number; readonly draw: (draw: Draw) => Deed }[] =
  [
    { kind: 'push', weight: 10, draw: (draw) => ({ kind: 'push', image: imageOf(draw) }) },
    { kind: 'artifact', weight: 1, draw: () => ({ kind: 'artifact' }) },
    { kind: 'retag', weight: 2, draw: (draw) => ({ kind: 'retag', push: draw.between(0, 3) }) },
    { kind: 'delete', weight: 1, draw: (draw) => ({ kind: 'delete', push: draw.between(0, 2) }) },
    { kind: 'start', weight: 4, draw: startOf },
    { kind: 'stop', weight: 2, draw: () => ({ kind: 'stop' }) },
    { kind: 'redrive', weight: 1, draw: () => ({ kind: 'redrive' }) },
    { kind: 'foreign', weight: 2, draw: () => ({ kind: 'foreign' }) },
    { kind: 'restart', weight: 1, draw: () => ({ kind: 'restart' }) },
    { kind: 'stop-deployment', weight: 2, draw: () => ({ kind: 'stop-deployment' }) },
    { kind: 'wait', weight: 1, draw: () => ({ kind: 'wait' }) },
    {
      kind: 'failed-pulls',
      weight: 1,
      draw: (draw) => ({ kind: 'failed-pulls', lastsSeconds: draw.oneOf([60, 300, 900]) }),
    },
    { kind: 'scale', weight: 2, draw: (draw) => ({ kind: 'scale', desiredCount: draw.oneOf([0, 1, 2, 3, 5]) }) },
    { kind: 'interrupt', weight: 2, draw: interruptionOf },
    { kind: 'kill', weight: 1, draw: (draw) => ({ kind: 'kill', tasks: draw.between(1, 3) }) },
    { kind: 'stack', weight: 1, draw: (draw) => ({ kind: 'stack', bakeTimeSeconds: draw.oneOf([0, 60, 180]) }) },
    { kind: 'fault', weight: 4, draw: faultOf },
    {
      kind: 'trouble',
      weight: 2,
      draw: (draw) => ({ kind: 'trouble', handler: draw.oneOf(HANDLERS), lastsSeconds: draw.oneOf([60, 240, 900]) }),
    },
    { kind: 'forbid', weight: 1, draw: forbiddenOf },
    { kind: 'forge', weight: 2, draw: forgeryOf },
  ];

/** Kinds of deeds that a seed without faults has none of. */
const FAULTY: readonly Deed['kind'][] = ['fault', 'trouble', 'forbid', 'forge'];

/** Every kind of deed. */
export const DEED_KINDS = DEEDS.map(({ kind }) => kind);

/** What executions by hand ask for, as often as it is written here. */
export const REQUESTS: readonly Request[] = [
  'follow',
  'follow',
  'digest',
  'tag',
  'rollback',
  'rollback',
  'rollback-to',
  'force',
  'force-follow',
  'replay',
  'tick',
  'nonsense',
];

const HANDLERS: readonly Handler[] = [
  'AcceptIntent',
  'AwaitTurn',
  'Preflight',
  'RegisterRevision',
  'RollService',
  'WatchRollout',
  'WakeRollout',
  'Conclude',
  'Tick',
];

/** What a handler cannot do its work without. */
const NEEDED: readonly (readonly [handler: Handler, action: string])[] = [
  ['AcceptIntent', 'dynamodb:GetItem'],
  ['AwaitTurn', 'dynamodb:PutItem'],
  ['Preflight', 'ecr:BatchGetImage'],
  ['RegisterRevision', 'iam:PassRole'],
  ['RollService', 'ecs:UpdateService'],
  ['RollService', 'ecs:DescribeServices'],
  ['WatchRollout', 'ecs:DescribeServices'],
  ['WatchRollout', 'states:SendTaskSuccess'],
  ['WakeRollout', 'states:SendTaskSuccess'],
  ['Conclude', 'dynamodb:PutItem'],
  ['Conclude', 'sns:Publish'],
];

function forbiddenOf(draw: Draw): Deed {
  const [handler, action] = draw.oneOf(NEEDED);
  return { kind: 'forbid', handler, action, lastsSeconds: draw.oneOf([60, 300, 900]) };
}

const VERDICTS = ['steady', 'failed', 'staged', 'foreign', 'again', 'unjudged', 'lost', 'superseded', 'error'] as const;
const FAILURES = ['Nobody.Knows', 'AwsRefused', 'States.Timeout', 'States.TaskFailed', 'States.Runtime'] as const;

function forgeryOf(draw: Draw): Deed {
  if (draw.chance(0.3)) return { kind: 'forge', as: 'failure', word: draw.oneOf(FAILURES) };
  return { kind: 'forge', as: 'verdict', word: draw.oneOf(VERDICTS) };
}

function startOf(draw: Draw): Deed {
  return { kind: 'start', request: draw.oneOf(REQUESTS), push: draw.between(0, 3) };
}

function interruptionOf(draw: Draw): Deed {
  return { kind: 'interrupt', cause: draw.oneOf(['retirement', 'host-failure']), tasks: draw.between(1, 3) };
}

const LONGEST_HISTORY = 10;
const WITHOUT_FAULTS = 0.25;
/** Of the seeds without faults: where only pushes happen, the images alone decide the verdicts. */
const WITH_PUSHES_ONLY = 0.4;
/** A kind of deed that is switched off leaves room for the others to meet one another. */
const SWITCHED_ON = 0.6;

/** A quarter of the seeds has no faults, a tenth nothing but pushes; all others have at least one fault. */
function stepsOf(draw: Draw): Step[] {
  const isFaultless = draw.chance(WITHOUT_FAULTS);
  const on = isFaultless && draw.chance(WITH_PUSHES_ONLY) ? PUSHES : switchedOn(isFaultless, draw);
  const tickets = on.flatMap((deed) => Array.from({ length: deed.weight }, () => deed));
  const count = draw.between(2, LONGEST_HISTORY);
  const deeds = Array.from({ length: count }, () => draw.oneOf(tickets).draw(draw));
  if (!isFaultless) deeds.splice(draw.between(0, count), 0, faultOf(draw));
  const first: Step[] = draw.chance(0.6) ? [{ kind: 'push', image: {}, afterSeconds: 0 }] : [];
  return [...first, ...deeds.map((deed): Step => stepOf(deed, draw))];
}

const PUSHES = DEEDS.filter(({ kind }) => OUT_OF_THE_WAY.includes(kind));

/** Each seed switches kinds of deeds on and off; pushes are always on. */
function switchedOn(isFaultless: boolean, draw: Draw): typeof DEEDS {
  return DEEDS.filter(({ kind }) => {
    if (kind === 'fault') return !isFaultless;
    const isOn = draw.chance(SWITCHED_ON);
    return kind === 'push' || (isOn && !(isFaultless && FAULTY.includes(kind)));
  });
}

/** States in which a rollout is for a while, or in which much depends on what happens then. */
const MOMENTS = [
  'AcceptIntent',
  'LetFinish',
  'AwaitTurn',
  'Preflight',
  'RegisterRevision',
  'RollService',
  'AwaitSteadyState',
  'AwaitSteadyState',
  'Bake',
  'LookLater',
  'RollBack',
  'AwaitRollback',
  'AwaitRollback',
  'Conclude',
] as const;
/** What comes in the midst of a rollout is rare by chance; a push seldom needs one. */
const AT_A_MOMENT = { push: 0.1, own: 0.8, others: 0.35 };

/** What finds something to act on then, and seldom at any other time. */
const MOMENTS_OF: Readonly<Partial<Record<Deed['kind'], readonly string[]>>> = {
  forge: ['AwaitTurn', 'AwaitSteadyState', 'Bake', 'AwaitRollback'],
  'stop-deployment': ['AwaitSteadyState', 'AwaitRollback'],
};

function stepOf(deed: Deed, draw: Draw): Step {
  const own = MOMENTS_OF[deed.kind];
  const isAwaited = draw.chance(own ? AT_A_MOMENT.own : deed.kind === 'push' ? AT_A_MOMENT.push : AT_A_MOMENT.others);
  if (!isAwaited) return { ...deed, afterSeconds: pauseOf(draw) };
  return { ...deed, in: draw.oneOf<string>(own ?? MOMENTS), afterSeconds: draw.oneOf([0, 0, 1, 5, 30]) };
}

function faultOf(draw: Draw): Deed {
  return { kind: 'fault', fault: draw.oneOf(FAULTS).name, lastsSeconds: draw.oneOf([60, 180, 400, 900]) };
}

/** At once, in the midst of a rollout, or when most are over. */
function pauseOf(draw: Draw): number {
  const [least, most] = draw.oneOf([
    [0, 3],
    [1, 20],
    [10, 90],
    [30, 200],
    [200, 900],
  ] as const);
  return draw.between(least, most);
}

function imageOf(draw: Draw): ImageOptions {
  const isIndex = draw.chance(0.4);
  const behaviour = draw.oneOf([
    'healthy',
    'healthy',
    'healthy',
    'crash',
    'unpullable',
    'slow-start',
    'never-healthy',
    'out-of-memory',
  ]);
  if (behaviour === 'healthy') return { isIndex };
  const hasTime = ['crash', 'slow-start', 'out-of-memory'].includes(behaviour);
  return { isIndex, behaviour, ...(hasTime && { afterSeconds: draw.oneOf([1, 5, 30, 90, 240]) }) };
}
