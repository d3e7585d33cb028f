import type { WayBack } from '../timeline/scenario-report.ts';
import type { World } from './world.ts';

/** Looks at what serves while an image is rolled that may fail. */
interface WayBackFollower {
  /** To be called when tasks may have changed. */
  look(): void;
  /** Takes a verdict of the flow, so many seconds after the story began. */
  hear(word: string, atSeconds: number): void;
  /** Undefined while no image has failed and been taken back. */
  wayBack(): WayBack | undefined;
}

interface Deployment {
  readonly revision: string;
  readonly healthy: number;
}

/** Follows how an image fails and the one before comes back: the flow's own verdicts, and what the service shows beside them. */
export function followWayBack({ region, config }: Pick<World, 'region' | 'config'>): WayBackFollower {
  const view = () => region.ecs.serviceView(config.cluster, config.serviceName);
  const looks: (readonly Deployment[])[] = [];
  let desiredCount = 0;
  let failed: { readonly at: number; readonly revision: string } | undefined;
  let backAt: number | undefined;
  const look = (): void => {
    const service = view();
    desiredCount = Math.max(desiredCount, service.desiredCount);
    looks.push(service.deployments.map(({ revision, healthy }) => ({ revision, healthy })));
  };
  look();
  return {
    look,
    hear(word, atSeconds) {
      if (word === 'failed') failed ??= { at: atSeconds, revision: view().deployments[0]!.revision };
      else if (word === 'steady' && failed) backAt ??= atSeconds;
    },
    wayBack() {
      if (!failed || backAt === undefined) return undefined;
      const { at, revision } = failed;
      const serving = looks.map((deployments) => healthyWithout(revision, deployments));
      return { noticedSeconds: at, backSeconds: backAt, fewestServing: Math.min(...serving), desiredCount };
    },
  };
}

function healthyWithout(revision: string, deployments: readonly Deployment[]): number {
  return deployments
    .filter((deployment) => deployment.revision !== revision)
    .reduce((sum, { healthy }) => sum + healthy, 0);
}
