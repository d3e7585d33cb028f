import type { Provision } from '../../../configuration/provisioning.ts';
import { parametersRead, secretsRead } from '../../../configuration/secrets-read.ts';
import { judge, ok, problem, type Finding, type Looked } from './finding.ts';

/** What there is of the parameters and secrets that the containers read; of neither is a value known. */
export interface PresentSecrets {
  /** Names of SSM parameters. */
  readonly parameters: Looked<ReadonlySet<string>>;
  /** Secrets by what the configuration calls them; `deleted` ones wait for the end of their recovery window. */
  readonly stored: Looked<ReadonlyMap<string, 'stored' | 'deleted'>>;
}

/** Whether everything is there that the containers of a provisioned service read when they start. */
export function checkSecrets({ parameters, stored }: PresentSecrets, provision: Provision | undefined): Finding[] {
  return [
    ...checkEach('SSM parameter', parametersRead(provision), parameters, (found, name) =>
      found?.has(name) ? undefined : missingParameter(name, variablesOf(provision, name)),
    ),
    ...checkEach('secret', secretsRead(provision), stored, (found, id) =>
      found?.get(id) === 'stored' ? undefined : missingSecret(id, variablesOf(provision, id), found?.has(id) === true),
    ),
  ];
}

function checkEach<T>(
  what: string,
  names: readonly string[],
  looked: Looked<T>,
  complaintOf: (found: T | undefined, name: string) => Finding | undefined,
): Finding[] {
  if (names.length === 0) return [];
  return judge('secrets', looked, (found) => {
    const complaints = names.flatMap((name) => complaintOf(found, name) ?? []);
    if (complaints.length > 0) return complaints;
    const [which, verb] = names.length === 1 ? [`The ${what}`, 'exists'] : [`All ${names.length} ${what}s`, 'exist'];
    return [ok('secrets', `${which} that the containers read ${verb}; no value was read.`)];
  });
}

function missingParameter(name: string, variables: string): Finding {
  return problem(
    'secrets',
    `There is no SSM parameter ${name}, from which the containers read ${variables}: no task starts.`,
    `aws ssm put-parameter --type SecureString --name ${name} --value …`,
  );
}

function missingSecret(id: string, variables: string, isDeleted: boolean): Finding {
  if (isDeleted)
    return problem(
      'secrets',
      `The secret ${id}, from which the containers read ${variables}, is scheduled for deletion: no task starts.`,
      `aws secretsmanager restore-secret --secret-id ${id}`,
    );
  return problem(
    'secrets',
    `There is no secret ${id}, from which the containers read ${variables}: no task starts.`,
    id.startsWith('arn:')
      ? 'a new secret gets an ARN of its own: correct the one under provision.secrets'
      : `aws secretsmanager create-secret --name ${id} --secret-string …`,
  );
}

/** The variables that come from there. */
function variablesOf(provision: Provision | undefined, from: string): string {
  return Object.entries(provision?.secrets ?? {})
    .filter(([, source]) => ('parameter' in source ? source.parameter : source.secret) === from)
    .map(([variable]) => variable)
    .join(', ');
}
