import { arnElsewhere } from '../../elsewhere.ts';
import { repositoryElsewhere } from '../../elsewhere.ts';
import type { Caution } from '../../../functions/rollout/cautions.ts';
import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import type { Plan, PreflightFacts, RefusalReason } from '../../../functions/rollout/preflight.ts';
import type { TaskDefinitionFacts } from '../../../functions/rollout/task-definition-facts.ts';
import type { ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import { deploymentFacts, digest, revision, service, target } from './given.ts';

export const pinned = (digit: string, repository = 'team/web'): string =>
  `${repositoryElsewhere(repository)}@${digest(digit)}`;
export const definition = (changes: Partial<TaskDefinitionFacts> = {}): TaskDefinitionFacts => ({
  taskDefinitionArn: revision(1),
  status: 'ACTIVE',
  family: 'web',
  containers: [
    { name: 'app', image: pinned('a'), stopSeconds: 30 },
    { name: 'proxy', image: 'public.ecr.aws/envoy:1', stopSeconds: 30 },
  ],
  operatingSystemFamily: 'LINUX',
  cpuArchitecture: 'X86_64',
  ...changes,
});
export const AMD = { digest: digest('c'), os: 'linux', architecture: 'amd64' };
export const ARM = { digest: digest('d'), os: 'linux', architecture: 'arm64' };
export const index = (...children: (typeof AMD)[]): PreflightFacts['manifest'] & object => ({
  digest: digest('b'),
  children,
});
export const READY: PreflightFacts = {
  repositoryUri: repositoryElsewhere('team/web'),
  service: service({ deployments: [deploymentFacts(1)] }),
  base: definition(),
  target: definition(),
  imageStatus: { [digest('b')]: 'ACTIVE', [digest('a')]: 'ACTIVE' },
  unseen: {},
  manifest: { digest: digest('b') },
};
export const PLAN: Plan = { image: { digest: digest('b') }, rollbackTarget: target('a', 1) };

export const without = (name: keyof PreflightFacts): PreflightFacts => {
  const { [name]: _dropped, ...rest } = READY;
  return rest as PreflightFacts;
};
export const onService = (changes: Partial<ServiceFacts>): PreflightFacts => ({
  ...READY,
  service: service({ deployments: [deploymentFacts(1)], ...changes }),
});

/** A container beside the configured one, whose image is in another repository of the same registry. */
export const withSidecar = definition({
  containers: [
    { name: 'app', image: pinned('a') },
    { name: 'proxy', image: `${repositoryElsewhere('team/proxy')}:1` },
  ],
});

/** What Preflight sees when it refuses {@link PLAN}, for each reason that it can have. */
export const REFUSED: Readonly<Record<RefusalReason, PreflightFacts>> = {
  ServiceMissing: without('service'),
  ServiceNotActive: onService({ status: 'DRAINING' }),
  ShortServiceArn: onService({ shortArn: arnElsewhere('ecs', 'service/web') }),
  ControllerNotSupported: onService({ deploymentController: 'CODE_DEPLOY' }),
  StrategyNotSupported: onService({ strategy: 'BLUE_GREEN' }),
  NoPrimaryDeployment: onService({ deployments: [] }),
  NoRoomToRoll: onService({ desiredCount: 1, minimumHealthyPercent: 100, maximumPercent: 100 }),
  TaskDefinitionMissing: without('base'),
  FamilyMismatch: { ...READY, base: definition({ family: 'other' }) },
  ContainerMissing: { ...READY, base: definition({ containers: [{ name: 'x', image: 'y' }] }) },
  SiblingByTag: {
    ...READY,
    base: definition({
      containers: [
        { name: 'app', image: 'x' },
        { name: 'worker', image: `${repositoryElsewhere('team/web')}:live` },
      ],
    }),
  },
  SiblingImageMissing: { ...READY, base: withSidecar },
  SiblingImageNotActive: {
    ...READY,
    base: withSidecar,
    imageStatus: { ...READY.imageStatus, 'team/proxy:1': 'ARCHIVED' },
  },
  ImageMissing: { ...READY, imageStatus: { [digest('a')]: 'ACTIVE' } },
  ImageNotActive: { ...READY, imageStatus: { [digest('b')]: 'ARCHIVED' } },
  ManifestMissing: without('manifest'),
  ManifestUnreadable: { ...READY, manifest: { digest: digest('b'), unreadable: 'ECR cannot read it (KmsError)' } },
  NotAnImage: { ...READY, manifest: { digest: digest('b'), artifactType: 'application/vnd.cncf.helm.config.v1+json' } },
  WrongPlatform: { ...READY, manifest: index(ARM) },
  RollbackTargetInactive: { ...READY, target: definition({ status: 'DELETE_IN_PROGRESS' }) },
  RollbackTargetImageMissing: { ...READY, imageStatus: { [digest('b')]: 'ACTIVE' } },
  RollbackTargetImageNotActive: { ...READY, imageStatus: { [digest('b')]: 'ACTIVE', [digest('a')]: 'ARCHIVED' } },
};

const ofApp = (members: Partial<TaskDefinitionFacts['containers'][number]>): PreflightFacts => ({
  ...READY,
  base: definition({ containers: [{ name: 'app', image: pinned('a'), ...members }] }),
});
const UNCHECKED = onService({ hasTargets: false });
const SLOW = onService({ desiredCount: 20, maximumPercent: 105, graceSeconds: 700 });

/** What Preflight sees when it lets {@link PLAN} go and says something beside, for each subject that it can have. */
export const CAUTIONED: Readonly<
  Record<Caution['subject'], { readonly facts: PreflightFacts; readonly config: Partial<RolloutConfig> }>
> = {
  'health check': { facts: UNCHECKED, config: {} },
  'bake time': { facts: UNCHECKED, config: { bakeTimeSeconds: 0 } },
  'restart policy': { facts: ofApp({ restarts: true }), config: {} },
  credentials: { facts: ofApp({ hasCredentials: true }), config: {} },
  images: { facts: { ...READY, base: withSidecar, unseen: { 'team/proxy:1': 'AccessDeniedException' } }, config: {} },
  progress: { facts: SLOW, config: { progressSeconds: 600 } },
  deadline: { facts: SLOW, config: { deadlineSeconds: 6000 } },
};
