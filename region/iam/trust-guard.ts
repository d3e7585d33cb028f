import { Fault, NotModelled } from '../service.ts';
import { GITHUB_ISSUER } from './oidc-providers.ts';
import { listOf } from './policy-document.ts';

const EVALUATING_OPERATORS: ReadonlySet<string> = new Set(['StringEquals', 'StringLike', 'StringEqualsIgnoreCase']);
const SUBJECT_CLAIMS = ['sub', 'job_workflow_ref'];

/**
 * IAM's identity-provider control: a role that trusts GitHub, which everybody's workflows share, must say whose. It looks at
 * how the condition is written, not at what it lets in: `repo:*` passes, and so does a policy that names no audience.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
export function guardTrustPolicy(policy: object): void {
  for (const statement of [(policy as { Statement?: unknown }).Statement].flat() as TrustStatement[]) {
    if (statement.Effect !== 'Allow') continue;
    for (const principal of federatedPrincipals(statement)) guardStatement(statement, principal);
  }
}

interface TrustStatement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function federatedPrincipals({ Principal }: TrustStatement): readonly string[] {
  if (typeof Principal !== 'object' || Principal === null || !('Federated' in Principal)) return [];
  return listOf('Federated', Principal.Federated);
}

function guardStatement(statement: TrustStatement, principal: string): void {
  const issuer = principal.replace(/^.*:oidc-provider\//, '');
  if (issuer !== GITHUB_ISSUER && !issuer.startsWith(`${GITHUB_ISSUER}/`)) return;
  const keys = SUBJECT_CLAIMS.map((claim) => `${issuer}:${claim}`);
  const lines = Object.entries(statement.Condition ?? {}).flatMap(([operator, block]) =>
    Object.entries(block)
      .filter(([key]) => keys.includes(key.toLowerCase()))
      .map(([, values]) => ({ operator, values: [values].flat().map(String) })),
  );
  const evaluating = lines.filter(({ operator }) => EVALUATING_OPERATORS.has(operator));
  if (evaluating.some(({ values }) => values.length > 0 && !values.some(isScopedToAll))) return;
  refuseUndocumented(evaluating.length === 0 ? lines[0]?.operator : undefined);
  const wanted = `${keys.join(' or ')} which is not scoped to all`;
  throw new Fault(
    'MalformedPolicyDocument',
    `Trust policy with trusted principal ${principal} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, ${wanted}.`,
  );
}

/** Empty, or nothing but wildcards. */
function isScopedToAll(value: string): boolean {
  return /^[*?\s]*$/.test(value);
}

/** AWS names three operators; what it makes of `ForAllValues:StringLike` and the like, its documentation does not say. */
function refuseUndocumented(operator: string | undefined): void {
  if (operator === undefined || !/:|IfExists$/.test(operator)) return;
  throw new NotModelled(`a GitHub trust policy that evaluates its subject only by ${operator}`);
}
