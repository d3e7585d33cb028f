import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';
import type { CheckedService } from '../../../configuration/configuration.ts';
import { PLACEHOLDER_IMAGE } from '../../../configuration/names.ts';
import { judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';

interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly healthCheck?: unknown;
}

/** Whether the task definition that runs is the one that the configuration speaks of. */
export function checkTaskDefinition(
  looked: Looked<RawTaskDefinition>,
  service: CheckedService,
  hasLoadBalancer: boolean,
): Finding[] {
  return judge('task definition', looked, (definition) => {
    if (!definition) return [];
    const containers = (definition['containerDefinitions'] ?? []) as readonly Container[];
    const ours = containers.filter(({ name }) => service.containers.includes(name ?? ''));
    return [
      checkFamily(definition, service),
      checkContainers(containers, service),
      ...checkRoles(definition, service),
      ...ours.flatMap(checkImage),
      ...checkHealth(containers, hasLoadBalancer),
    ];
  });
}

function checkFamily({ family }: RawTaskDefinition, service: CheckedService): Finding {
  return family === service.family
    ? ok('family', `The service runs the family ${service.family}.`)
    : problem(
        'family',
        `The service runs the family ${String(family)}, and the configuration says ${service.family}.`,
        `set family: '${String(family)}' and deploy the cell`,
      );
}

function checkContainers(containers: readonly Container[], { containers: wanted }: CheckedService): Finding {
  const names = containers.map(({ name = '' }) => name);
  const missing = wanted.filter((name) => !names.includes(name));
  return missing.length === 0
    ? ok('containers', `The task definition has ${wanted.join(', ')}.`)
    : problem(
        'containers',
        `The task definition has no container ${missing.join(', ')}; it has ${names.join(', ')}.`,
        'correct `container` in the configuration and deploy the cell',
      );
}

/** The cell may pass exactly the configured roles on: another one is denied when the revision is registered. */
function checkRoles(definition: RawTaskDefinition, { executionRole, taskRole }: CheckedService): Finding[] {
  const roles = [
    ['executionRole', definition['executionRoleArn'], executionRole],
    ['taskRole', definition['taskRoleArn'], taskRole],
  ] as const;
  const wrong = roles.flatMap(([member, arn, configured]) => {
    const actual = roleIn(arn);
    if (actual === undefined || actual === configured) return [];
    return problem(
      'roles',
      `The task definition's ${member} is ${actual}, and the cell may pass on ${configured ?? 'none'}.`,
      `set ${member}: '${actual}' and deploy the cell`,
    );
  });
  return wrong.length > 0 ? wrong : [ok('roles', "The cell may pass on the task definition's roles.")];
}

function roleIn(arn: unknown): string | undefined {
  return typeof arn === 'string' ? arn.slice(arn.indexOf(':role/') + ':role/'.length) : undefined;
}

function checkImage({ name = '', image = '' }: Container): Finding {
  if (image === PLACEHOLDER_IMAGE) return ok('image', `The container ${name} waits for its image.`);
  return /@sha256:[0-9a-f]{64}$/.test(image)
    ? ok('image', `The container ${name} pins its image by digest.`)
    : warning(
        'image',
        `The container ${name} names its image by tag (${image}): a task that starts later may run another image.`,
        'nothing to do: the first rollout pins it by digest',
      );
}

function checkHealth(containers: readonly Container[], hasLoadBalancer: boolean): Finding[] {
  if (containers.some(({ healthCheck }) => healthCheck)) return [ok('health check', 'A container has a health check.')];
  if (hasLoadBalancer) return [ok('health check', 'The load balancer checks the tasks.')];
  return [
    warning(
      'health check',
      'No container has a health check, and there is no load balancer: "healthy" only means that the process runs.',
      'add a healthCheck to the container in the task definition; later revisions keep it',
    ),
  ];
}
