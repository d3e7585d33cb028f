import type { z } from 'zod';
import {
  configurationSchema,
  serviceSchema,
  toRolloutConfig,
  type CheckedConfiguration,
  type CheckedService,
  type DrawnOn,
} from './configuration.ts';
import { SERVICES_PER_DASHBOARD } from './dashboard.ts';
import { ConfigurationError, problem, type ConfigurationProblem } from './configuration-error.ts';
import { parsedPart } from './parsed-fields.ts';
import type { GitHubAccess } from './provisioning.ts';
import {
  chatStackName,
  dashboardName,
  dashboardStackName,
  foundationStackName,
  keepTagPrefix,
  serviceStackName,
  stackName,
} from './names.ts';
import { quotasSchema } from './quotas.ts';
import { REGISTRATION_BYTES_MAX, registrationBytes } from './registration.ts';
import { namesOf, pushRoleOf, type ServiceNames } from './service-names.ts';
import { accountProblems, serviceProblems } from './service-problems.ts';
import { jsonataProblems, shapeProblems } from './shape-problems.ts';
import { followedTag } from './tag-policy.ts';

/** Checks what a configuration file exports and fills in the defaults; throws one {@link ConfigurationError} with all problems. */
export function checkConfiguration(raw: unknown, file = 'rollouts.config.ts'): CheckedConfiguration {
  refuse(file, problemsOf(raw));
  const { services, dashboard = {} } = configurationSchema.parse(raw);
  const created = new Set(services.filter(({ registry }) => registry).map(({ repository }) => repository));
  const named = dashboard && { name: dashboard.name ?? namesOf(services[0]!).name! };
  const checked = services.map((service, index) => ({
    ...resolved(service, created),
    dashboard: named ? drawnOn(named.name, index, services.length) : undefined,
    keepTagPrefixes: created.has(service.repository) ? prefixesBeside(service, services) : [],
  }));
  refuse(file, checked.flatMap(sizeProblems));
  const chat = checked.some(({ notifySlack }) => notifySlack) ? named || { name: checked[0]!.name } : undefined;
  refuse(file, [
    ...(named ? dashboardProblems(named.name, checked) : []),
    ...(chat ? chatProblems(chat.name, checked) : []),
  ]);
  return { services: checked, dashboard: named || undefined, chat };
}

/** What all pages of a dashboard cost is shared by all services. */
function drawnOn(name: string, index: number, services: number): DrawnOn {
  const page = Math.floor(index / SERVICES_PER_DASHBOARD);
  return { name: dashboardName(name, page), share: Math.ceil(services / SERVICES_PER_DASHBOARD) / services };
}

/** The keep tags of a service, then those of the others that follow its repository. */
function prefixesBeside(service: Service, services: readonly Service[]): string[] {
  const siblings = services.filter((other) => other !== service && other.repository === service.repository);
  return [service, ...siblings].map((one) => keepTagPrefix(namesOf(one).name!));
}

/** What no state machine is told: these may hold any text. */
const STAYS_OUTSIDE = /^services\[\d+\]\.(registry|github|provision|notify)\b/;

function problemsOf(raw: unknown): ConfigurationProblem[] {
  const services = servicesOf(raw).map((service) => parsedPart(serviceSchema, service));
  const jsonata = jsonataProblems(raw).filter(({ path }) => !STAYS_OUTSIDE.test(path));
  const others = [
    ...shapeProblems(configurationSchema, raw),
    ...services.flatMap((service, index) => (service === null ? [] : serviceProblems(service, `services[${index}]`))),
    ...accountProblems(services, parsedPart(quotasSchema, quotasOf(raw) ?? {})),
  ].filter(({ path }) => !jsonata.some((problem) => problem.path === path));
  return [...jsonata, ...others];
}

function refuse(file: string, problems: readonly ConfigurationProblem[]): void {
  if (problems.length > 0) throw new ConfigurationError(file, problems);
}

// Lambda allows 4 KB for all variables of a function (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html);
// the others of the tick take less than the rest.
const CONFIG_BYTES_MAX = 3000;

function sizeProblems(service: CheckedService, index: number): ConfigurationProblem[] {
  const message = tooLong(service);
  if (message === undefined) return [];
  return [
    problem(`services[${index}].containers`, service.containers, message, 'use fewer containers or shorter names'),
  ];
}

function tooLong(service: CheckedService): string | undefined {
  const [told, registered] = [JSON.stringify(toRolloutConfig(service)).length, registrationBytes(service)];
  if (told > CONFIG_BYTES_MAX)
    return `makes a configuration of ${told} bytes, more than a function can be told (${CONFIG_BYTES_MAX})`;
  return registered > REGISTRATION_BYTES_MAX
    ? `makes a registration of up to ${registered} bytes, more than Parameter Store keeps (${REGISTRATION_BYTES_MAX})`
    : undefined;
}

/** The service of the file that has a stack of that name; CloudFormation takes names that differ only by case for one. */
function twinOf(stack: string, services: readonly CheckedService[]): number {
  const stacksOf = ({ name }: CheckedService): string[] =>
    [stackName, foundationStackName, serviceStackName].map((named) => named(name).toLowerCase());
  return services.findIndex((service) => stacksOf(service).includes(stack.toLowerCase()));
}

function chatProblems(name: string, services: readonly CheckedService[]): ConfigurationProblem[] {
  const stack = chatStackName(name);
  const twin = twinOf(stack, services);
  if (twin < 0) return [];
  const message = `gives the service the stack ${stack}, which the Slack channels of the file get`;
  return [problem(`services[${twin}].name`, services[twin]!.name, message, 'give the service another name')];
}

function dashboardProblems(name: string, services: readonly CheckedService[]): ConfigurationProblem[] {
  const stack = dashboardStackName(name);
  const twin = twinOf(stack, services);
  if (twin < 0) return [];
  const message = `gives the dashboard the stack ${stack}, which services[${twin}] has`;
  return [problem('dashboard.name', name, message, 'name the dashboard otherwise, or write dashboard: false')];
}

function quotasOf(raw: unknown): unknown {
  return typeof raw === 'object' && raw !== null && 'quotas' in raw ? raw.quotas : undefined;
}

function servicesOf(raw: unknown): readonly unknown[] {
  const services = typeof raw === 'object' && raw !== null && 'services' in raw ? raw.services : undefined;
  return Array.isArray(services) ? services : [];
}

type Service = z.output<typeof serviceSchema>;

/** Adds what follows from several fields; `created` holds the repositories that some service of the file creates. */
function resolved(
  fields: Service,
  created: ReadonlySet<string>,
): Omit<CheckedService, 'keepTagPrefixes' | 'dashboard'> {
  const { container, service: _service, containers = [container!], tag, notify, registry, github, ...others } = fields;
  // No field is broken any more, so that none of the names is undefined.
  const names = namesOf(fields) as ServiceNames;
  return {
    ...others,
    ...names,
    containers,
    tagPolicy: tag,
    notifyEmails: notify?.emails ?? [],
    notifyTopicArn: notify?.topicArn,
    notifySlack: notify?.slack,
    notifiedLogLines: notify?.logLines ?? 0,
    notifiesStart: notify?.started ?? false,
    keepsImages: created.has(fields.repository),
    // The one tag that a policy follows has to move.
    registry: registry && {
      ...registry,
      movingTags: [...new Set([followedTag(tag) ?? [], registry.movingTags].flat())],
    },
    github: github && accessOf(github, names.name),
  };
}

function accessOf(github: NonNullable<Service['github']>, cell: string): GitHubAccess {
  const { repository, environment, branch, tag, roleName, ...others } = github;
  const [owner = '', name = ''] = repository.split('/');
  const ref = branch === undefined ? tag && `refs/tags/${tag}` : `refs/heads/${branch}`;
  const from = environment === undefined ? { origin: `ref:${ref}` } : { origin: `environment:${environment}`, ref };
  return { ...others, owner, name, ...from, roleName: pushRoleOf(roleName, cell)! };
}
