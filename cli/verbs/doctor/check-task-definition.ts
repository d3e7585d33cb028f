import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';
import { digestIn } from '../../../functions/rollout/identifiers.ts';
import { isChecked } from '../../../functions/rollout/bake.ts';
import { cautionsAbout } from '../../../functions/rollout/cautions.ts';
import { refuseBase } from '../../../functions/rollout/preflight.ts';
import {
  containersIn,
  taskDefinitionFacts,
  type ContainerDefinition,
} from '../../../functions/rollout/task-definition-facts.ts';
import type { ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import { PLACEHOLDER_IMAGE, type RolloutConfig } from '../../../functions/rollout/config.ts';
import type { CellService } from '../../account/deployed-cell.ts';
import { checkLogs } from './check-logs.ts';
import { judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';
import { refused } from './refused.ts';

/** A service with what its state machine is told. */
interface JudgedService extends Pick<CellService, 'family' | 'containers' | 'executionRole' | 'taskRole'> {
  readonly config: RolloutConfig;
}

/** Whether the task definition that runs is the one that the configuration speaks of, as Preflight judges it, and what its tasks lack. */
export function checkTaskDefinition(
  looked: Looked<RawTaskDefinition>,
  service: JudgedService,
  facts: ServiceFacts,
): Finding[] {
  return judge('task definition', looked, (definition) => {
    const refusal = refuseBase(definition && taskDefinitionFacts(definition), service.config);
    if (!definition) return refusal ? [refused(refusal)] : [];
    const containers = containersIn(definition);
    const ours = containers.filter(({ name }) => service.containers.includes(name ?? ''));
    return [
      ...(refusal ? [refused(refusal)] : fits(service)),
      ...checkRoles(definition, service),
      ...ours.flatMap(checkImage),
      ...ours.flatMap((container) => checkLogs(container, service.config)),
      ...checkHealth(definition, service, facts),
    ];
  });
}

function fits({ family, containers }: JudgedService): Finding[] {
  return [
    ok('family', `The service runs the family ${family}.`),
    ok('containers', `The task definition has ${containers.join(', ')}.`),
  ];
}

/** The cell may pass exactly the configured roles on: another one is denied when the revision is registered. */
function checkRoles(definition: RawTaskDefinition, { executionRole, taskRole }: JudgedService): Finding[] {
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

function checkImage({ name = '', image = '' }: ContainerDefinition): Finding {
  if (image === PLACEHOLDER_IMAGE) return ok('image', `The container ${name} waits for its image.`);
  return digestIn(image)
    ? ok('image', `The container ${name} pins its image by digest.`)
    : warning(
        'image',
        `The container ${name} names its image by tag (${image}): a task that starts later may run another image.`,
        'nothing to do: the first rollout pins it by digest',
      );
}

function checkHealth(definition: RawTaskDefinition, { config }: JudgedService, facts: ServiceFacts): Finding[] {
  const base = taskDefinitionFacts(definition);
  const cautions = cautionsAbout({ service: facts, base }, config);
  const found = cautions.map(({ subject, found, remedy }) => warning(subject, `${found}.`, remedy));
  if (cautions.some(({ subject }) => subject === 'health check')) return found;
  const said = isChecked({ base }, config) ? 'A container has a health check.' : 'The load balancer checks the tasks.';
  return [ok('health check', said), ...found];
}
