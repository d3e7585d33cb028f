import { ledgerKey, type CheckedConfiguration, type CheckedService } from '../../configuration/configuration.ts';
import { CPU_RANGE, isFargateSize, MEMORY_RANGE, nearestSizes, TASKS_MAX } from '../../configuration/fargate-sizes.ts';
import { UsageError, wholeNumber, type Answer, type Flags, type Session, type Verb } from '../terminal/command.ts';
import { nearest } from '../terminal/nearest.ts';
import type { AccountView } from './size/account.ts';
import { estimate, type Assumptions, type Estimate, type Known, type Unsized } from './size/estimate.ts';
import { configuredFootprint, toldFootprint, type Footprint } from './size/footprint.ts';
import { readPrices } from './size/prices.ts';
import { sizeJson, sizeSchema, type SizeDocument } from './size/size-json.ts';
import { estimateLines, footnotes, unsizedLines } from './size/size-text.ts';

/** `rollouts size`: what the configured services cost, and whether their size fits. */
export const size: Verb<SizeDocument> = {
  name: 'size',
  summary: 'Tells what your services and their rollouts cost, and whether their size fits.',
  options: {
    live: { type: 'boolean', summary: 'Asks your AWS account what runs and how much of it is used.' },
    config: { type: 'string', placeholder: 'FILE', summary: 'Configuration to read. [rollouts.config.ts]' },
    service: { type: 'string', placeholder: '[CLUSTER/]NAME', summary: 'Only the service of this name.' },
    cpu: { type: 'string', placeholder: 'N', summary: 'Another size: CPU units, 1024 to a vCPU.' },
    memory: { type: 'string', placeholder: 'MIB', summary: 'Another size: memory.' },
    count: { type: 'string', placeholder: 'N', summary: 'Another number of tasks.' },
    'log-gib-per-day': { type: 'string', placeholder: 'N', summary: 'Logs of all tasks together. [0.1]' },
    lcu: { type: 'string', placeholder: 'N', summary: 'Average load, in load balancer capacity units. [1]' },
    'rollout-minutes': { type: 'string', placeholder: 'N', summary: 'How long two sets of tasks run. [5]' },
    prices: { type: 'string', placeholder: 'FILE', summary: "Your Region's prices, like cli/verbs/size/prices.json." },
  },
  document: { schema: sizeSchema, describedIn: 'docs/sizing.md' },
  run,
};

async function run(flags: Flags, session: Session): Promise<Answer<SizeDocument>> {
  const assumptions = assumptionsOf(flags);
  const prices = readPrices(flags['prices'] as string | undefined);
  const told = toldSize(flags);
  // Loaded only now, as the other commands do: the configuration is TypeScript and imports what checks it.
  const { loadConfiguration } = await import('../../configuration/load-configuration.ts');
  const services = chosen(await loadConfiguration(flags['config'] as string | undefined), flags['service']);
  const estimates: Estimate[] = [];
  const unsized: Unsized[] = [];
  for (const service of services) {
    const account = flags['live'] ? await askedNow(service, session) : undefined;
    const found = known(service, told, account);
    if ('refusal' in found) unsized.push(found);
    else estimates.push(estimate(found, assumptions, prices));
  }
  // One adopted service among others must not keep them from being told.
  if (estimates.length === 0) throw unsized[0]!.refusal;
  return {
    document: sizeJson(estimates, unsized, prices, assumptions),
    lines: [...estimates.flatMap(estimateLines), ...unsizedLines(unsized), ...footnotes(prices, assumptions)],
    exitCode: 0,
  };
}

/** What the account says; without --live the SDK is not even loaded. */
async function askedNow(service: CheckedService, { env }: Session): Promise<AccountView> {
  const { askAccount } = await import('./size/account.ts');
  return await askAccount(service, env, new Date());
}

function assumptionsOf(flags: Flags): Assumptions {
  return {
    logGibPerDay: amount(flags, 'log-gib-per-day', 0.1, 100_000),
    lcus: amount(flags, 'lcu', 1, 100_000),
    rolloutMinutes: amount(flags, 'rollout-minutes', 5, 10_080),
  };
}

function chosen({ services }: CheckedConfiguration, name: Flags[string]): readonly CheckedService[] {
  if (typeof name !== 'string') return services;
  const found = services.filter((service) => [service.serviceName, ledgerKey(service)].includes(name));
  if (found.length > 0) return found;
  const names = services.map(({ serviceName }) => serviceName);
  const close = nearest(name, names);
  throw new UsageError(
    `--service ${name}: no such service is configured; ${close ? `did you mean "${close}"?` : `there are ${names.join(', ')}`}`,
  );
}

/** Size and count as the flags give them. */
type Told = { readonly [Name in 'cpu' | 'memoryMiB' | 'count']: number | undefined };

function toldSize(flags: Flags): Told {
  const told = (name: string, { from, to }: { readonly from: number; readonly to: number }): number | undefined =>
    flags[name] === undefined ? undefined : wholeNumber(flags, name, 0, from, to);
  return {
    cpu: told('cpu', CPU_RANGE),
    memoryMiB: told('memory', MEMORY_RANGE),
    count: told('count', { from: 0, to: TASKS_MAX }),
  };
}

/** The flags come first, then what runs, then what is configured. */
function known(service: CheckedService, told: Told, account: AccountView | undefined): Known | Unsized {
  const name = `${service.cluster}/${service.serviceName}`;
  const { provision } = service;
  const configured = provision && configuredFootprint(service, provision);
  const found = account?.footprint ?? configured;
  const footprint = found ? withTold(found, told) : onlyTold(service, told, account !== undefined);
  if ('refusal' in footprint) return footprint;
  if (told.cpu !== undefined || told.memoryMiB !== undefined) checkSize(footprint);
  const isTold = !found || Object.values(told).some((value) => value !== undefined);
  return {
    service: name,
    source: isTold ? 'flags' : account?.footprint ? 'account' : 'configuration',
    footprint,
    isPartial: !found,
    used: account && { utilisation: account.utilisation, size: account.footprint ?? footprint },
  };
}

function withTold(found: Footprint, { cpu, memoryMiB, count }: Told): Footprint {
  return { ...found, cpu: cpu ?? found.cpu, memoryMiB: memoryMiB ?? found.memoryMiB, count: count ?? found.count };
}

function onlyTold(service: CheckedService, { cpu, memoryMiB, count }: Told, isLive: boolean): Footprint | Unsized {
  if (cpu !== undefined && memoryMiB !== undefined && count !== undefined) {
    return toldFootprint(service, { cpu, memoryMiB }, count);
  }
  const name = `${service.cluster}/${service.serviceName}`;
  const refusal = isLive
    ? new Error(
        `${name} is neither in this account and Region nor provisioned here: check cluster, service, AWS_REGION`,
      )
    : new UsageError(
        `${name} exists already, so its size is not configured: give --live, or --cpu, --memory and --count`,
      );
  return { service: name, refusal };
}

function checkSize({ cpu, memoryMiB }: Footprint): void {
  if (isFargateSize(cpu, memoryMiB)) return;
  throw new UsageError(
    `Fargate does not offer cpu ${cpu} with memoryMiB ${memoryMiB}: ${nearestSizes(cpu, memoryMiB)}`,
  );
}

/** The flag as an amount that need not be whole, or the default when it is absent. */
function amount(flags: Flags, name: string, byDefault: number, max: number): number {
  const text = flags[name];
  if (text === undefined) return byDefault;
  const number = Number(text);
  if (String(text).trim() !== '' && number >= 0 && number <= max) return number;
  throw new UsageError(`--${name} ${String(text)}: give a number from 0 to ${max}`);
}
