import type { CheckedService } from '../../../configuration/configuration.ts';

/** What has to be known, by its flag; as typed. */
export interface Answers {
  readonly repository?: string;
  readonly container?: string;
  readonly service?: string;
  readonly cluster?: string;
  /** The ECS service exists and is adopted; otherwise it is created. */
  readonly adopt?: boolean;
  readonly port?: string;
  /** `NAME=/parameter`, one for each variable that is read from SSM. */
  readonly secret?: readonly string[];
  /** `NAME=value`, one for each variable that is no secret. */
  readonly setting?: readonly string[];
  /** E-mail addresses that are told of outcomes and alarms. */
  readonly notify?: readonly string[];
  /** The workflow waits for the outcome of the rollout. */
  readonly wait?: boolean;
  readonly github?: string;
  readonly 'owner-id'?: string;
  readonly 'repository-id'?: string;
  readonly environment?: string;
  readonly branch?: string;
  readonly region?: string;
  readonly account?: string;
  readonly dockerfile?: string;
  readonly architecture?: string;
}

/** The flag of an answer that is typed. */
export type AnswerName = Exclude<keyof Answers, 'adopt' | 'wait'>;

/** Everything that the files are written from. */
export interface Plan {
  readonly service: CheckedService;
  readonly adopts: boolean;
  readonly github: { readonly repository: string; readonly environment: string | undefined; readonly branch: string };
  readonly region: string;
  /** Undefined: the workflow reads it from a variable of the GitHub repository. */
  readonly account: string | undefined;
  readonly dockerfile: string;
  readonly architecture: 'x86_64' | 'arm64';
}

const DEFAULT_BRANCH = 'main';

/** The branch whose pushes are built. */
export function branchOf({ branch = DEFAULT_BRANCH }: Answers): string {
  return branch;
}

/** Variable and parameter of a secret as it was typed; the parameter is undefined where there is no `=`. */
export function secretIn(text: string): readonly [variable: string, parameter: string | undefined] {
  const [variable, ...rest] = text.split('=');
  return [variable!.trim(), rest.length === 0 ? undefined : rest.join('=').trim()];
}

/** Variable and value of a setting as it was typed. */
export function settingIn(text: string): readonly [variable: string, value: string] {
  const [variable, ...rest] = text.split('=');
  return [variable!.trim(), rest.join('=')];
}

/** The Dockerfile, seen from the application's folder. */
export function dockerfileOf({ dockerfile = 'Dockerfile' }: Answers): string {
  return dockerfile;
}

/** The flags without which nothing can be written, one string for each that is lacking. */
export function lacking(answers: Answers): string[] {
  const names = (['repository', 'container', 'github', 'region'] as const).filter(
    (name) => answers[name] === undefined,
  );
  return [
    ...names.map((name) => `--${name}`),
    ...(answers.environment === undefined && answers.branch === undefined ? ['--environment (or --branch)'] : []),
    ...(answers.port === undefined && !answers.adopt ? ['--port (or --adopt)'] : []),
  ];
}
