import { FAULTS } from '../rehearsal/faults/catalogue.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';
import type { ServiceOptions } from '../rehearsal/surroundings.ts';
import { seededRandom, type Random } from '../region/kernel/random.ts';
import type { Deed, Plan, Request, Setting, Step } from './plan.ts';

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

/** Few, since each is synthesized once for a run. */
function settingOf(draw: Draw): Setting {
  return {
    tag: draw.oneOf(['exact', 'glob', 'semver']),
    bakeTimeSeconds: draw.oneOf([0, 60, 180]),
    isProvisioned: draw.chance(0.2),
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
  };
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
    { kind: 'stack', weight: 1, draw: (draw) => ({ kind: 'stack', bakeTimeSeconds: draw.oneOf([0, 60, 180]) }) },
    { kind: 'fault', weight: 4, draw: faultOf },
  ];

/** Every kind of deed. */
export const DEED_KINDS = DEEDS.map(({ kind }) => kind);

const REQUESTS: readonly Request[] = [
  'follow',
  'follow',
  'digest',
  'rollback',
  'rollback',
  'rollback-to',
  'force',
  'nonsense',
];

function startOf(draw: Draw): Deed {
  return { kind: 'start', request: draw.oneOf(REQUESTS), push: draw.between(0, 3) };
}

function interruptionOf(draw: Draw): Deed {
  return { kind: 'interrupt', cause: draw.oneOf(['retirement', 'host-failure']), tasks: draw.between(1, 3) };
}

const LONGEST_HISTORY = 10;
const WITHOUT_FAULTS = 0.25;
/** A kind of deed that is switched off leaves room for the others to meet one another. */
const SWITCHED_ON = 0.6;

/** Each seed switches kinds of deeds on and off; a quarter has no faults, all others have at least one, and pushes are always on. */
function stepsOf(draw: Draw): Step[] {
  const isFaultless = draw.chance(WITHOUT_FAULTS);
  const on = DEEDS.filter(({ kind }) => {
    if (kind === 'fault') return !isFaultless;
    const isOn = draw.chance(SWITCHED_ON);
    return isOn || kind === 'push';
  });
  const tickets = on.flatMap((deed) => Array.from({ length: deed.weight }, () => deed));
  const count = draw.between(2, LONGEST_HISTORY);
  const deeds = Array.from({ length: count }, () => draw.oneOf(tickets).draw(draw));
  if (!isFaultless) deeds.splice(draw.between(0, count), 0, faultOf(draw));
  const first: Step[] = draw.chance(0.6) ? [{ kind: 'push', image: {}, afterSeconds: 0 }] : [];
  return [...first, ...deeds.map((deed): Step => ({ ...deed, afterSeconds: pauseOf(draw) }))];
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
