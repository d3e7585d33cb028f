import type { ParsedService } from './configuration.ts';
import { problem, type ConfigurationProblem } from './configuration-error.ts';
import { stackName } from './names.ts';
import { createdTwice, provisioningProblems } from './provisioning-problems.ts';
import { quotaProblems } from './quota-problems.ts';
import type { ParsedQuotas } from './quotas.ts';
import { namesOf } from './service-names.ts';

// These checks concern several fields, or several services. Each reads the fields that it needs as they were parsed, and
// says nothing while one of them is broken; what is broken elsewhere does not hide it.

/** What is wrong with one service although each field has the right shape. */
export function serviceProblems(service: ParsedService, at: string): ConfigurationProblem[] {
  return [
    ...containerProblems(service, at),
    ...defaultNameProblems(service, at),
    ...lengthProblems(service, at),
    ...deadlineProblems(service, at),
    ...notifyProblems(service, at),
    ...provisioningProblems(service, at),
  ];
}

/** What is wrong with the services together: they share one account and Region. */
export function accountProblems(
  services: readonly (ParsedService | null)[],
  quotas: ParsedQuotas | null,
): ConfigurationProblem[] {
  return [
    ...services.flatMap((_, index) => claimProblems(services, index)),
    ...createdTwice(services),
    ...quotaProblems(services, quotas),
  ];
}

function containerProblems({ container, containers }: ParsedService, at: string): ConfigurationProblem[] {
  if (container === undefined && containers === undefined) {
    return [problem(`${at}.container`, undefined, 'is missing', 'name the container that takes the pushed image')];
  }
  if (container === undefined || container === null || containers === undefined) return [];
  return [problem(`${at}.container`, container, 'stands beside "containers"', 'list every container in "containers"')];
}

function defaultNameProblems(service: ParsedService, at: string): ConfigurationProblem[] {
  const { serviceName } = namesOf(service);
  if (service.service !== undefined || !serviceName?.includes('.')) return [];
  const message = `is missing, and "${serviceName}", the last segment of the repository, is no name of an ECS service`;
  return [problem(`${at}.service`, undefined, message, 'name the ECS service')];
}

/** Stacks that share a topic would share its subscriptions, and the first that is deleted would end them for all. */
function notifyProblems({ notify }: ParsedService, at: string): ConfigurationProblem[] {
  const { emails, topicArn } = notify ?? {};
  if (!topicArn || !emails || emails.length === 0) return [];
  const message = 'stands beside "topicArn"';
  return [
    problem(`${at}.notify.emails`, emails, message, 'subscribe the addresses to your topic, or leave "topicArn" out'),
  ];
}

/** Registering, replacing tasks and steady state need this long beside the bake; less would end good rollouts. */
const ROLL_SECONDS_MIN = 600;

function deadlineProblems(service: ParsedService, at: string): ConfigurationProblem[] {
  const { bakeTimeSeconds, deadlineSeconds, progressSeconds } = service;
  if (deadlineSeconds === null) return [];
  const problems: ConfigurationProblem[] = [];
  const needed = (bakeTimeSeconds ?? 0) + ROLL_SECONDS_MIN;
  if (bakeTimeSeconds !== null && deadlineSeconds < needed) {
    const message = `leaves no room to roll before a bake of ${bakeTimeSeconds} s ends`;
    problems.push(
      problem(`${at}.deadlineSeconds`, deadlineSeconds, message, `give ${needed} or more, or bake shorter`),
    );
  }
  if ((progressSeconds ?? 0) > deadlineSeconds) {
    const message = `is longer than deadlineSeconds, ${deadlineSeconds}, which ends a roll before`;
    const remedy = `give ${deadlineSeconds} or less, or raise deadlineSeconds`;
    problems.push(problem(`${at}.progressSeconds`, progressSeconds, message, remedy));
  }
  return problems;
}

/** Compares a service with those before it: one ECS service, or one stack, may be claimed once. */
function claimProblems(services: readonly (ParsedService | null)[], index: number): ConfigurationProblem[] {
  const [mine, ...before] = [services[index]!, ...services.slice(0, index)].map(claimOf);
  if (!mine) return [];
  const at = `services[${index}].service`;
  const same = before.findIndex((other) => other?.key === mine.key);
  if (same >= 0) {
    const message = `claims the ECS service ${mine.key}, as services[${same}] does`;
    return [
      problem(at, mine.name, message, 'keep one of the two; a service has one tag policy and one set of containers'),
    ];
  }
  const twin = before.findIndex((other) => other?.stack.toLowerCase() === mine.stack.toLowerCase());
  if (twin < 0) return [];
  const message = `would get the stack ${mine.stack}, which services[${twin}] has`;
  const remedy = `add the line name: '${mine.key.replace('/', '-')}', or another name that no cell of the account and Region has`;
  return [problem(`services[${index}].${mine.isNamed ? 'name' : 'service'}`, mine.name, message, remedy)];
}

/** CloudWatch's limit for a dimension's value, which `cluster/service` becomes. */
const LEDGER_KEY_LENGTH_MAX = 255;

function lengthProblems(service: ParsedService, at: string): ConfigurationProblem[] {
  const claim = claimOf(service);
  if (!claim || claim.key.length <= LEDGER_KEY_LENGTH_MAX) return [];
  const message = `makes "cluster/service" ${claim.key.length} characters long, more than CloudWatch's ${LEDGER_KEY_LENGTH_MAX}`;
  return [problem(`${at}.service`, claim.name, message, 'shorten the name of the cluster or of the service')];
}

interface Claim {
  readonly key: string;
  readonly stack: string;
  /** What the stack's name derives from. */
  readonly name: string;
  readonly isNamed: boolean;
}

function claimOf(service: ParsedService | null): Claim | undefined {
  const { name, serviceName, cluster } = service === null ? {} : namesOf(service);
  if (name === undefined || serviceName === undefined || cluster === undefined) return undefined;
  const isNamed = typeof service?.name === 'string';
  return { key: `${cluster}/${serviceName}`, stack: stackName(name), name, isNamed };
}
