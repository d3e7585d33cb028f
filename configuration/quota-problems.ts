import { problem, type ConfigurationProblem } from './configuration-error.ts';
import type { ParsedService } from './configuration.ts';
import { RULES_PER_SERVICE, type ParsedQuotas } from './quotas.ts';

/** A quota that is adjustable, and how much of it one service takes. */
interface Quota {
  readonly name: keyof ParsedQuotas;
  /** Completes "take 12 of …". */
  readonly of: string;
  /** As Service Quotas calls it. */
  readonly title: string;
  readonly code: string;
  readonly taken: (service: ParsedService) => number;
}

const ADJUSTABLE: readonly Quota[] = [
  {
    name: 'eventBridgeRules',
    of: 'rules on the event bus',
    title: 'Number of rules',
    code: 'L-244521F2',
    taken: () => RULES_PER_SERVICE,
  },
  {
    name: 'iamRoles',
    of: 'IAM roles of the account',
    title: 'Roles per account',
    code: 'L-FE177D64',
    taken: rolesOf,
  },
  {
    name: 'vpcs',
    of: 'VPCs of the Region',
    title: 'VPCs per Region',
    code: 'L-F678F1CE',
    taken: ({ provision }) => Number(!!provision && provision.network === undefined),
  },
  {
    name: 'loadBalancers',
    of: 'Application Load Balancers of the Region',
    title: 'Application Load Balancers per Region',
    code: 'L-53DA6B97',
    taken: ({ provision }) => Number(!!provision?.loadBalancer),
  },
];

/** One for each function, the state machine and the rules that start it; then the custom resource's, the tasks' and the push role. */
function rolesOf({ registry, github, provision }: ParsedService): number {
  const ground = [registry, github, provision].some((part) => part !== undefined);
  return 11 + Number(ground) + Number(provision !== undefined) + Number(github !== undefined);
}

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: "This quota cannot be adjusted."
const WILDCARD_RULES_MAX = 30;

const ELSEWHERE = 'roll some of them from another account or Region';

/** Quotas that the services of one file exceed by themselves, whatever else the account has. */
export function quotaProblems(
  services: readonly (ParsedService | null)[],
  quotas: ParsedQuotas | null,
): ConfigurationProblem[] {
  const exceeded = ADJUSTABLE.flatMap(({ name, of, title, code, taken }) => {
    const needed = services.reduce((sum, service) => sum + (service === null ? 0 : taken(service)), 0);
    const quota = quotas?.[name];
    if (quota === undefined || quota === null || needed <= quota) return [];
    const message = `take ${needed} ${of}, more than the quota of ${quota} (${title}, ${code})`;
    const remedy = `ask AWS to raise it and state it as quotas.${name}, or ${ELSEWHERE}`;
    return [problem('services', services.length, message, remedy)];
  });
  return [...exceeded, ...wildcardProblems(services)];
}

function wildcardProblems(services: readonly (ParsedService | null)[]): ConfigurationProblem[] {
  const wildcards = services.filter(needsWildcardRule).length;
  if (wildcards <= WILDCARD_RULES_MAX) return [];
  const message = `have globs with "*" inside, more than EventBridge's ${WILDCARD_RULES_MAX} wildcard rules per bus`;
  return [problem('services', wildcards, message, `use globs with a single "*" at one end, or ${ELSEWHERE}`)];
}

/** A single "*" at one end becomes a prefix or suffix match, which is not limited. */
function needsWildcardRule(service: ParsedService | null): boolean {
  const tag = service?.tag;
  return tag?.kind === 'glob' && /.\*.|\*.*\*/.test(tag.pattern);
}
