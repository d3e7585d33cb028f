import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfiguration } from '../../../configuration/check-configuration.ts';
import { ConfigurationError, type ConfigurationProblem } from '../../../configuration/configuration-error.ts';
import { branchOf, dockerfileOf, secretIn, settingIn, type AnswerName, type Answers, type Plan } from './answers.ts';

/** What is wrong with one answer. */
export interface Complaint {
  readonly about: AnswerName;
  /** The flag, the value seen and the remedy. */
  readonly message: string;
}

/** Everything that is wrong with the answers, by the rules that the configuration is read with; lacking ones are passed over. */
export function complaintsAbout(answers: Answers, app: string): Complaint[] {
  const found = problemsOf(draftOf(answers)).flatMap((problem) => complaintOf(problem, answers));
  return [...found, ...RULES.flatMap(({ about, refuse }) => refusals(about, refuse(answers, app), answers))];
}

/** The one service that a configuration file would list for the answers, as it is typed there. */
export function serviceOf(answers: Answers): unknown {
  return draftOf(answers).services[0];
}

/** The answers, which lack nothing and are not complained of, with every default. */
export function planOf(answers: Answers): Plan {
  const [service] = checkConfiguration(draftOf(answers)).services;
  return {
    service: service!,
    adopts: answers.adopt === true,
    github: {
      repository: answers.github!,
      branch: branchOf(answers),
      environment: answers.environment,
    },
    region: answers.region!,
    account: answers.account,
    dockerfile: dockerfileOf(answers),
    architecture: answers.architecture === 'arm64' ? 'arm64' : 'x86_64',
  };
}

/** One service of a configuration: what the answers amount to, others standing in for what is lacking. */
function draftOf(answers: Answers): { readonly services: readonly [unknown] } {
  const { repository = 'stand-in', container = 'stand-in', service, cluster, adopt, port = '80' } = answers;
  const { github = 'stand-in/stand-in', environment, architecture } = answers;
  const { 'owner-id': ownerId, 'repository-id': repositoryId } = answers;
  const { notify: emails = [] } = answers;
  const secrets = (answers.secret ?? []).map(secretIn).map(([variable, parameter]) => [variable, { parameter }]);
  const settings = (answers.setting ?? []).map(settingIn);
  const provision = {
    port: numberIn(port),
    architecture,
    environment: settings.length > 0 ? Object.fromEntries(settings) : undefined,
    secrets: secrets.length > 0 ? (Object.fromEntries(secrets) as unknown) : undefined,
  };
  return {
    services: [
      {
        repository,
        container,
        tag: { glob: '*' },
        service,
        cluster,
        github: {
          repository: github,
          environment,
          branch: branchOf(answers),
          ownerId,
          repositoryId,
          waits: answers.wait,
        },
        notify: emails.length > 0 ? { emails } : undefined,
        registry: adopt ? undefined : {},
        provision: adopt ? undefined : provision,
      },
    ],
  };
}

function numberIn(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function problemsOf(draft: unknown): readonly ConfigurationProblem[] {
  try {
    checkConfiguration(draft);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

/** The flags whose names differ from those of the members that they fill. */
const FLAGS: Readonly<Record<string, AnswerName>> = {
  'github.repository': 'github',
  'github.environment': 'environment',
  'github.branch': 'branch',
  'github.ownerId': 'owner-id',
  'github.repositoryId': 'repository-id',
  'notify.emails': 'notify',
  'provision.port': 'port',
  'provision.architecture': 'architecture',
};

function complaintOf({ path, value, message, remedy }: ConfigurationProblem, answers: Answers): Complaint[] {
  const member = path.replace(/^services\[0\]\.?/, '');
  if (/^provision\.(secrets|environment)/.test(member)) return []; // refuseSecret and refuseSetting say which one.
  const about = FLAGS[member.replace(/\[\d+\]$/, '')] ?? (member as AnswerName);
  // Without a value the complaint is about a name that another answer gave by default, or about a stand-in.
  if (answers[about] === undefined && about !== 'service') return [];
  return [{ about, message: `--${about} ${value}: ${message}. Remedy: ${remedy}.` }];
}

interface Refusal {
  /** What was typed. @default the answer */
  readonly seen?: string;
  readonly message: string;
  readonly remedy: string;
}

/** What the configuration does not know, since only the workflow says it. */
const RULES: readonly {
  readonly about: AnswerName;
  refuse(answers: Answers, app: string): Refusal | undefined;
}[] = [
  { about: 'region', refuse: ({ region }) => unless(/^[a-z]{2,4}(-[a-z]+)+-\d$/, region, REGION) },
  { about: 'account', refuse: ({ account }) => unless(/^\d{12}$/, account, ACCOUNT) },
  { about: 'branch', refuse: ({ branch }) => unless(/^[^*]*$/, branch, ONE_BRANCH) },
  { about: 'port', refuse: ({ port, adopt }) => (adopt && port !== undefined ? ADOPTED : undefined) },
  { about: 'secret', refuse: refuseSecret },
  { about: 'setting', refuse: refuseSetting },
  { about: 'dockerfile', refuse: refuseDockerfile },
];

const REGION: Refusal = { message: 'is not the name of an AWS Region', remedy: 'write it such as us-east-1' };
const ACCOUNT: Refusal = {
  message: 'is not the number of an AWS account',
  remedy: 'write its 12 digits, or leave it out to read a variable of the GitHub repository',
};
const ONE_BRANCH: Refusal = { message: 'is more than one branch', remedy: 'name the one whose pushes are built' };
const ADOPTED: Refusal = {
  message: 'goes with a service that is created, and --adopt takes one that exists',
  remedy: 'leave one of the two out',
};

function unless(pattern: RegExp, value: string | undefined, refusal: Refusal): Refusal | undefined {
  return value === undefined || pattern.test(value) ? undefined : refusal;
}

/** The configuration's own rules, one secret at a time; what may be the secret itself is not shown again. */
function refuseSecret({ secret = [], adopt }: Answers): Refusal | undefined {
  const [variables, wrong] = [
    secret.map((text) => secretIn(text)[0]),
    secret.find((text) => problemsOf(draftOf({ secret: [text] })).length > 0),
  ];
  if (wrong !== undefined) return { ...NO_PARAMETER, seen: wrong.replace(/=.*$/s, '=…') };
  const twice = variables.find((variable, index) => variables.indexOf(variable) < index);
  if (twice !== undefined) return { seen: twice, message: 'is given twice', remedy: 'leave one of the two out' };
  return adopt && secret.length > 0 ? { ...ADOPTED, seen: variables.join(', ') } : undefined;
}

/** As above; a variable that is a secret too is one too many. */
function refuseSetting({ setting = [], secret = [], adopt }: Answers): Refusal | undefined {
  const wrong = setting.find((text) => !text.includes('=') || problemsOf(draftOf({ setting: [text] })).length > 0);
  if (wrong !== undefined) return { ...NO_SETTING, seen: wrong };
  const settings = setting.map((text) => settingIn(text)[0]);
  const all = [...secret.map((text) => secretIn(text)[0]), ...settings];
  const twice = settings.find((variable, index) => all.indexOf(variable) < secret.length + index);
  if (twice !== undefined) return { seen: twice, message: 'is given twice', remedy: 'leave one of the two out' };
  return adopt && setting.length > 0 ? { ...ADOPTED, seen: settings.join(', ') } : undefined;
}

const NO_SETTING: Refusal = {
  message: 'is not a variable and its value',
  remedy: 'write it such as LOG_LEVEL=info',
};

const NO_PARAMETER: Refusal = {
  message: 'is not a variable and the path of an SSM parameter',
  remedy: 'write it such as DATABASE_URL=/team/api/database-url',
};

function refuseDockerfile(answers: Answers, app: string): Refusal | undefined {
  const file = dockerfileOf(answers);
  const remedy = 'name it as seen from --app, such as services/api/Dockerfile';
  // In a workflow "${{" would begin an expression, and ".." leaves what is checked out.
  if (!/^(?![/\\])(?!.*\.\.)[\w./@+ -]+$/.test(file)) return { message: 'is no path inside the repository', remedy };
  return existsSync(join(app, file)) ? undefined : { message: `is no file in the folder ${app}`, remedy };
}

function refusals(about: AnswerName, refusal: Refusal | undefined, answers: Answers): Complaint[] {
  if (!refusal) return [];
  const value = JSON.stringify(refusal.seen ?? (about === 'dockerfile' ? dockerfileOf(answers) : answers[about]));
  return [{ about, message: `--${about} ${value}: ${refusal.message}. Remedy: ${refusal.remedy}.` }];
}
