import type { ConfigurationProblem } from './configuration.ts';
import { problem, repeatedProblems } from './configuration-problems.ts';
import { stackName } from './names.ts';
import { createdTwice, provisioningProblems } from './provisioning-problems.ts';
import { refuseTagPolicy, tagPolicyOf } from './tag-policy.ts';

// These checks concern several fields, or several services. They read the file as it stands, so that a wrong shape
// elsewhere does not hide them.
type RawService = Readonly<Record<string, unknown>>;

/** What is wrong with one service although each field has the right shape. */
export function serviceProblems(raw: unknown, at: string): ConfigurationProblem[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const service = raw as RawService;
  return [
    ...containerProblems(service, at),
    ...tagProblems(service, at),
    ...defaultNameProblems(service, at),
    ...lengthProblems(service, at),
    ...deadlineProblems(service, at),
    ...repeatedProblems(emailsOf(service), `${at}.notify.emails`),
    ...provisioningProblems(service, at),
  ];
}

/** What is wrong with the services together: they share one account and Region. */
export function accountProblems(services: readonly unknown[]): ConfigurationProblem[] {
  return [
    ...services.flatMap((_, index) => claimProblems(services, index)),
    ...createdTwice(services),
    ...quotaProblems(services),
  ];
}

function containerProblems(service: RawService, at: string): ConfigurationProblem[] {
  const { container, containers } = service;
  if (container === undefined && containers === undefined) {
    return [problem(`${at}.container`, undefined, 'is missing', 'name the container that takes the pushed image')];
  }
  if (container !== undefined && containers !== undefined) {
    return [
      problem(`${at}.container`, container, 'stands beside "containers"', 'list every container in "containers"'),
    ];
  }
  return repeatedProblems(containers, `${at}.containers`);
}

function tagProblems(service: RawService, at: string): ConfigurationProblem[] {
  if (typeof service.tag !== 'object' || service.tag === null) return [];
  const isText = Object.values(service.tag).every((text) => text === undefined || typeof text === 'string');
  const policy = isText ? tagPolicyOf(service.tag) : undefined;
  const refusal = policy && refuseTagPolicy(policy);
  if (!policy || !refusal) return [];
  const value = (service.tag as Record<string, unknown>)[policy.kind];
  return [problem(`${at}.tag.${policy.kind}`, value, refusal.message, refusal.remedy)];
}

function defaultNameProblems(service: RawService, at: string): ConfigurationProblem[] {
  const name = service.service === undefined ? serviceNameOf(service) : undefined;
  if (name === undefined || !name.includes('.')) return [];
  const message = `is missing, and "${name}", the last segment of the repository, is no name of an ECS service`;
  return [problem(`${at}.service`, undefined, message, 'name the ECS service')];
}

/** Registering, replacing tasks and steady state need this long beside the bake; less would end good rollouts. */
const ROLL_SECONDS_MIN = 600;
export const DEFAULT_BAKE_TIME_SECONDS = 60;
export const DEFAULT_DEADLINE_SECONDS = 3600;

function deadlineProblems(service: RawService, at: string): ConfigurationProblem[] {
  const { bakeTimeSeconds = DEFAULT_BAKE_TIME_SECONDS, deadlineSeconds = DEFAULT_DEADLINE_SECONDS } = service;
  if (typeof bakeTimeSeconds !== 'number' || typeof deadlineSeconds !== 'number') return [];
  const needed = bakeTimeSeconds + ROLL_SECONDS_MIN;
  if (deadlineSeconds >= needed) return [];
  const message = `leaves no room to roll before a bake of ${bakeTimeSeconds} s ends`;
  return [problem(`${at}.deadlineSeconds`, deadlineSeconds, message, `give ${needed} or more, or bake shorter`)];
}

/** Compares a service with those before it: one ECS service, or one stack, may be claimed once. */
function claimProblems(services: readonly unknown[], index: number): ConfigurationProblem[] {
  const [mine, ...before] = [services[index], ...services.slice(0, index)].map(claimOf);
  if (!mine) return [];
  const at = `services[${index}].service`;
  const same = before.findIndex((other) => other?.key === mine.key);
  if (same >= 0) {
    const message = `claims the ECS service ${mine.key}, as services[${same}] does`;
    return [
      problem(at, mine.name, message, 'keep one of the two; a service has one tag policy and one set of containers'),
    ];
  }
  const twin = before.findIndex((other) => other?.stack === mine.stack);
  if (twin < 0) return [];
  const message = `would get the stack ${mine.stack}, which services[${twin}] has`;
  const remedy = 'rename one of the ECS services, or roll one of them from another account or Region';
  return [problem(at, mine.name, message, remedy)];
}

/** CloudWatch's limit for a dimension's value, which `cluster/service` becomes. */
const LEDGER_KEY_LENGTH_MAX = 255;

function lengthProblems(service: RawService, at: string): ConfigurationProblem[] {
  const claim = claimOf(service);
  if (!claim || claim.key.length <= LEDGER_KEY_LENGTH_MAX) return [];
  const message = `makes "cluster/service" ${claim.key.length} characters long, more than CloudWatch's ${LEDGER_KEY_LENGTH_MAX}`;
  return [problem(`${at}.service`, claim.name, message, 'shorten the name of the cluster or of the service')];
}

function claimOf(raw: unknown): { readonly key: string; readonly stack: string; readonly name: string } | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const name = serviceNameOf(raw as RawService);
  const { cluster = (raw as RawService).provision === undefined ? 'default' : name } = raw as RawService;
  if (name === undefined || typeof cluster !== 'string') return undefined;
  return { key: `${cluster}/${name}`, stack: stackName(name), name };
}

function serviceNameOf({ service, repository }: RawService): string | undefined {
  if (service !== undefined) return typeof service === 'string' ? service : undefined;
  return typeof repository === 'string' ? repository.split('/').at(-1) : undefined;
}

function emailsOf({ notify }: RawService): readonly unknown[] {
  const emails = typeof notify === 'object' && notify !== null && 'emails' in notify ? notify.emails : undefined;
  return Array.isArray(emails) ? emails : [];
}

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: 300 rules per bus, 30 of them with wildcards.
const RULES_PER_SERVICE = 4;
const SERVICES_MAX = 300 / RULES_PER_SERVICE;
const WILDCARD_RULES_MAX = 30;

function quotaProblems(services: readonly unknown[]): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const remedy = 'roll some of them from another account or Region';
  if (services.length > SERVICES_MAX) {
    const message = `would need more than EventBridge's 300 rules per bus (${RULES_PER_SERVICE} per service)`;
    problems.push(problem('services', services.length, message, remedy));
  }
  const wildcards = services.filter((service) => needsWildcardRule(service)).length;
  if (wildcards > WILDCARD_RULES_MAX) {
    const message = `have globs with "*" inside, more than EventBridge's ${WILDCARD_RULES_MAX} wildcard rules per bus`;
    problems.push(problem('services', wildcards, message, `use globs with a single "*" at one end, or ${remedy}`));
  }
  return problems;
}

/** A single "*" at one end becomes a prefix or suffix match, which is not limited. */
function needsWildcardRule(raw: unknown): boolean {
  const { tag } = (raw ?? {}) as { tag?: { glob?: unknown } };
  return typeof tag?.glob === 'string' && /.\*.|\*.*\*/.test(tag.glob);
}
