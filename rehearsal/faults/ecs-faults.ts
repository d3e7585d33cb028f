import { imageManifest } from '../../region/ecr/image-manifests.ts';
import type { Disturbance } from '../../region/ecs/ecs.ts';
import type { Region } from '../../region/region.ts';
import type { Acts, FaultyWorld, InjectedFault, NamedFault } from './named-fault.ts';

/** Going back to what was proven is as honest as going on, where the image could not be seen to run. */
const BACK = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'FAILED_NO_ROLLBACK_TARGET'];

/** Some minutes: into a rollout that a push begins now, and out of it again. */
const WHILE_SECONDS = 240;
const BETWEEN_INTERRUPTIONS_SECONDS = 75;
const INTERRUPTIONS = 8;
const INTERRUPTED = 'Every 75 s AWS takes a task back: maintenance, a failed host or, on Spot, an interruption.';

/** How ECS acts up on days that are not most days. */
export const ECS_FAULTS: readonly NamedFault[] = [
  {
    name: 'ecs-completed-too-early',
    title: 'ECS announces and shows every deployment as COMPLETED before its first task runs.',
    inject: (world) => disturb(world, { kind: 'premature-completion' }),
  },
  {
    name: 'ecs-other-image',
    title: 'The first new task runs another image than its task definition names.',
    mayAlsoEnd: BACK,
    inject: (world) => disturb(world, { kind: 'other-image', image: strangeImage(world), tasks: 1 }),
  },
  {
    name: 'ecs-hidden-digests',
    title: 'For some minutes ECS does not show which digests run.',
    acts: forAWhile('ECS does not show which digests run.'),
    inject: (world) => disturbFor(world, WHILE_SECONDS, { kind: 'hidden-digests' }),
  },
  {
    name: 'ecs-unknown-words',
    title: 'For some minutes ECS shows words that no documentation knows yet.',
    acts: forAWhile('ECS shows words that no documentation knows yet.'),
    inject: (world) => disturbFor(world, WHILE_SECONDS, { kind: 'unknown-words', words: WORDS_TO_COME }),
  },
  {
    name: 'ecs-no-capacity',
    title: 'Fargate has no capacity for some minutes: nothing starts, and only service events say so.',
    acts: forAWhile('Fargate has no capacity: nothing starts, and only service events say so.'),
    inject: (world) => disturbFor(world, WHILE_SECONDS, { kind: 'no-capacity' }),
  },
  {
    name: 'ecs-zone-outage',
    title: 'An Availability Zone takes no tasks for some minutes; then ECS moves tasks back into it.',
    acts: forAWhile('An Availability Zone takes no tasks.'),
    inject: (world) => disturbFor(world, WHILE_SECONDS, { kind: 'impaired-zone', zone: `${world.region.region}a` }),
  },
  {
    name: 'ecs-interruptions',
    title: INTERRUPTED,
    acts: {
      afterSeconds: BETWEEN_INTERRUPTIONS_SECONDS,
      lastsSeconds: (INTERRUPTIONS - 1) * BETWEEN_INTERRUPTIONS_SECONDS,
      title: INTERRUPTED,
    },
    inject: ({ region, config }) => interruptions(region, config.cluster, config.serviceName),
  },
];

const WORDS_TO_COME = {
  rolloutState: { IN_PROGRESS: 'VALIDATING' },
  lastStatus: { PENDING: 'PREPARING', ACTIVATING: 'WARMING' },
  healthStatus: { UNKNOWN: 'STARTING', HEALTHY: 'THRIVING' },
  stopCode: { ServiceSchedulerInitiated: 'ReplacedByService' },
  eventName: { SERVICE_DEPLOYMENT_COMPLETED: 'SERVICE_DEPLOYMENT_SETTLED' },
} as const;

function forAWhile(title: string): Acts {
  return { afterSeconds: 0, lastsSeconds: WHILE_SECONDS, title };
}

function disturb({ region }: FaultyWorld, disturbance: Disturbance): InjectedFault {
  const end = region.ecs.disturb(disturbance);
  const begun = region.ecs.disturbances().at(-1)!;
  return { end, hasActed: () => begun.acted > 0 };
}

/** Ends by itself, too. */
function disturbFor(world: FaultyWorld, seconds: number, disturbance: Disturbance): InjectedFault {
  const { end, hasActed } = disturb(world, disturbance);
  const { kernel } = world.region;
  const timer = kernel.after(seconds * 1000, 'timer', `the end of ${disturbance.kind}`, end);
  return {
    end: () => {
      kernel.cancel(timer);
      end();
    },
    hasActed,
  };
}

/** Healthy, in the same repository, and without a tag, so that nobody rolls it. */
function strangeImage({ region, config: { repository: repositoryName } }: FaultyWorld): string {
  const image = imageManifest({ seedText: 'an image that nobody asked for' });
  const digest = region.ecr.pushImage({ repositoryName, image });
  return `${region.account}.dkr.ecr.${region.region}.amazonaws.com/${repositoryName}@${digest}`;
}

/** One after another, so that the service recovers in between; a bounded number of them, so that a world comes to rest. */
function interruptions(region: Region, cluster: string, service: string): InjectedFault {
  let timer: number | undefined;
  let taken = 0;
  const next = (left: number): void => {
    if (left === 0) return;
    timer = region.kernel.after(BETWEEN_INTERRUPTIONS_SECONDS * 1000, 'timer', 'aws takes a task back', () => {
      const cause = causeOf(region, cluster, service, left);
      taken += region.ecs.interrupt(cluster, service, { cause, tasks: 1 }).length;
      next(left - 1);
    });
  };
  next(INTERRUPTIONS);
  return { end: () => region.kernel.cancel(timer), hasActed: () => taken > 0 };
}

function causeOf(
  region: Region,
  cluster: string,
  service: string,
  left: number,
): 'spot' | 'retirement' | 'host-failure' {
  if (left % 2 === 0) return region.ecs.runsOnSpot(cluster, service) ? 'spot' : 'host-failure';
  return 'retirement';
}
