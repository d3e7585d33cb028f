import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Terminal } from '../../../cli/terminal/command.ts';
import { main } from '../../../cli/main.ts';
import { estimate } from '../../../cli/verbs/size/estimate.ts';
import type { Footprint } from '../../../cli/verbs/size/footprint.ts';
import { judgeSize, type Share, type Utilisation } from '../../../cli/verbs/size/judge-size.ts';
import { atRest } from '../../../cli/verbs/size/at-rest.ts';
import { monthlyCost } from '../../../cli/verbs/size/monthly-cost.ts';
import { readPrices } from '../../../cli/verbs/size/prices.ts';
import { rolloutCost } from '../../../cli/verbs/size/rollout-cost.ts';
import { estimateLines } from '../../../cli/verbs/size/size-text.ts';
import { documentsIn } from './documents.ts';
import { smallestSize } from '../../../configuration/fargate-sizes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-size-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function written(name: string, content: string): string {
  const file = join(scratch, name);
  writeFileSync(file, content);
  return file;
}

const CONFIGURATION = written(
  'size.config.mjs',
  `export default { services: [
    { repository: 'team/api', container: 'api', provision: {
      port: 8000, desiredCount: 2, loadBalancer: {}, scaling: { minCount: 1, maxCount: 6 } } },
    { repository: 'team/web', container: 'web', cluster: 'prod', service: 'a-service-whose-name-is-rather-long' },
  ] };`,
);

const ADOPTED = 'a-service-whose-name-is-rather-long';

async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env: {},
    interrupted: () => new Promise(() => {}),
  };
  return { code: await main(argv, terminal), out, err };
}

const size = (...flags: string[]) => run('size', '--config', CONFIGURATION, ...flags);

const PRICES = readPrices();
const USAGE = { logGibPerDay: 0.1, lcus: 1 };

/** One vCPU and 2 GiB, twice, and nothing around. */
const PLAIN: Footprint = {
  cpu: 1024,
  memoryMiB: 2048,
  architecture: 'x86_64',
  ephemeralStorageGiB: 20,
  count: 2,
  hasPublicIp: false,
  maximumPercent: 200,
  logRetentionDays: 30,
  tickMinutes: 5,
  dashboardShare: 1,
};

describe('the cost of a month', () => {
  const itemsOf = (changes: Partial<Footprint>, way: 'x86_64' | 'arm64' | 'spot' = 'x86_64', usage = USAGE) =>
    monthlyCost({ ...PLAIN, ...changes }, usage, PRICES, way).items;

  it('is vCPUs, memory and storage times tasks times 730 hours, on either architecture', () => {
    expect(itemsOf({})).toMatchObject({ ephemeralStorage: 0, publicIpv4: 0, loadBalancer: 0 });
    expect(itemsOf({}).vcpu).toBeCloseTo(2 * 730 * 0.04048);
    expect(itemsOf({}).memory).toBeCloseTo(2 * 730 * 2 * 0.004445);
    expect(itemsOf({}, 'arm64').vcpu).toBeCloseTo(2 * 730 * 0.03238);
    expect(itemsOf({}, 'arm64').memory).toBeCloseTo(2 * 730 * 2 * 0.00356);
    expect(itemsOf({ ephemeralStorageGiB: 50 }).ephemeralStorage).toBeCloseTo(2 * 730 * 30 * 0.000111);
  });

  it('is less on Spot by the estimated discount, for CPU and memory of the own architecture only', () => {
    const onDemand = itemsOf({ architecture: 'arm64', hasPublicIp: true }, 'arm64');
    const spot = itemsOf({ architecture: 'arm64', hasPublicIp: true }, 'spot');
    expect(spot.vcpu).toBeCloseTo(0.4 * onDemand.vcpu);
    expect(spot.memory).toBeCloseTo(0.4 * onDemand.memory);
    expect(spot.publicIpv4).toBe(onDemand.publicIpv4);
  });

  it('counts an address per task and per subnet of the load balancer, and its capacity units', () => {
    expect(itemsOf({ hasPublicIp: true }).publicIpv4).toBeCloseTo(2 * 730 * 0.005);
    const { loadBalancer } = itemsOf({ loadBalancer: { addresses: 3 } }, 'x86_64', { ...USAGE, lcus: 2 });
    expect(loadBalancer).toBeCloseTo(730 * (0.0225 + 2 * 0.008 + 3 * 0.005));
  });

  it('counts the share of the dashboard that the service has', () => {
    expect(itemsOf({ dashboardShare: 1 }).dashboard).toBe(3);
    expect(itemsOf({ dashboardShare: 0.25 }).dashboard).toBe(0.75);
    expect(itemsOf({ dashboardShare: 0 }).dashboard).toBe(0);
  });

  it('counts a cell to which nobody pushes as less than a dollar, in parts of which each is known', () => {
    const parts = atRest(5, PRICES);
    expect(parts.alarms).toBeCloseTo(6 * 0.1);
    expect(parts.metrics).toBeCloseTo(0.3);
    expect(parts.traces).toBeCloseTo(12 * 730 * 0.000005);
    const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
    expect(total).toBeGreaterThan(0.9);
    expect(total).toBeLessThan(1);
    expect(itemsOf({}).orchestrator).toBeCloseTo(total);
    // Whatever the tick does grows with how often it comes.
    const often = atRest(1, PRICES);
    for (const part of ['functions', 'traces', 'logs', 'ledger'] as const)
      expect(often[part]).toBeCloseTo(5 * parts[part]);
  });

  it('counts logs as they come and as long as they are kept', () => {
    expect(itemsOf({ logRetentionDays: 30 }).logs).toBeCloseTo(0.1 * (730 / 24) * 0.5 + 0.1 * 30 * 0.03);
    expect(itemsOf({ logRetentionDays: 60 }).logs - itemsOf({ logRetentionDays: 30 }).logs).toBeCloseTo(0.09);
  });
});

describe('the cost of a rollout', () => {
  it.each([
    ['all tasks doubled', 2, 200, 2],
    ['half of them more', 3, 150, 1],
    ['none more', 2, 100, 0],
  ])('%s', (_, count, maximumPercent, extraTasks) => {
    const cost = rolloutCost({ ...PLAIN, count, maximumPercent }, 6, PRICES);
    expect(cost.extraTasks).toBe(extraTasks);
    expect(cost.tasksUsd).toBeCloseTo(extraTasks * 0.1 * (0.04048 + 2 * 0.004445));
    expect(cost.transitionsUsd).toBeCloseTo(17 * 0.000025);
    expect(cost.totalUsd).toBeCloseTo(cost.tasksUsd + cost.transitionsUsd + cost.functionsUsd);
  });
});

describe('the size', () => {
  const share = (busiestHour: number, peak: number): Share => ({ average: busiestHour / 2, busiestHour, peak });
  const used = (cpu: Share, memory: Share, hours = 336): Utilisation => ({
    hoursAsked: 336,
    hours,
    shares: { cpu, memory },
  });
  const small = { cpu: 512, memoryMiB: 1024 };
  const large = { cpu: 2048, memoryMiB: 8192 };

  it.each([
    ['fits when both are used well', used(share(60, 90), share(70, 75)), small, 'fits', small],
    ['fits up to the limits', used(share(70, 100), share(80, 80)), small, 'fits', small],
    ['fits when bursts reach all of the CPU', used(share(50, 100), share(50, 70)), small, 'fits', small],
    ['is too small for its CPU', used(share(71, 90), share(50, 60)), small, 'under', { cpu: 1024, memoryMiB: 2048 }],
    ['is too small for its memory', used(share(60, 90), share(60, 81)), small, 'under', { cpu: 512, memoryMiB: 2048 }],
    ['is too large', used(share(20, 80), share(15, 20)), large, 'over', { cpu: 1024, memoryMiB: 2048 }],
    ['is too large in memory alone', used(share(60, 80), share(15, 20)), large, 'over', { cpu: 2048, memoryMiB: 4096 }],
    [
      'is too small in one and too large in the other',
      used(share(95, 100), share(5, 10)),
      { cpu: 256, memoryMiB: 2048 },
      'under',
      { cpu: 512, memoryMiB: 1024 },
    ],
    [
      'is the smallest there is, however idle',
      used(share(1, 5), share(2, 3)),
      { cpu: 256, memoryMiB: 512 },
      'fits',
      { cpu: 256, memoryMiB: 512 },
    ],
  ] as const)('%s', (_, utilisation, present, word, fitting) => {
    expect(judgeSize(utilisation, present)).toMatchObject({ word, fitting });
  });

  it('says what was used', () => {
    expect(judgeSize(used(share(20.4, 80), share(15, 19.6)), large).reason).toBe(
      'CPU 20 % in its busiest hour, memory 20 % at its peak',
    );
  });

  it('asks for more tasks when no size is large enough', () => {
    const verdict = judgeSize(used(share(90, 100), share(50, 60)), { cpu: 16_384, memoryMiB: 32_768 });
    expect(verdict).toEqual({ word: 'under', reason: expect.stringMatching(/run more tasks$/) as string });
  });

  it.each([
    [{ hoursAsked: 336, hours: 0 }, 'CloudWatch has no CPU and memory values of this service in 14 days'],
    [used(share(1, 1), share(1, 1), 1), 'CloudWatch knows 1 hour of 14 days; 24 are needed'],
    [used(share(1, 1), share(1, 1), 23), 'CloudWatch knows 23 hours of 14 days; 24 are needed'],
  ])('is unknown with too few hours', (utilisation, reason) => {
    expect(judgeSize(utilisation, large)).toEqual({ word: 'unknown', reason });
  });

  it('that fits a need is the smallest that Fargate offers with both', () => {
    expect(smallestSize(0, 0)).toEqual({ cpu: 256, memoryMiB: 512 });
    expect(smallestSize(256, 1500)).toEqual({ cpu: 256, memoryMiB: 2048 });
    expect(smallestSize(257, 1024)).toEqual({ cpu: 512, memoryMiB: 1024 });
    expect(smallestSize(256, 4097)).toEqual({ cpu: 1024, memoryMiB: 5120 });
    expect(smallestSize(16_385, 0)).toBeUndefined();
  });

  it('that would fit is told with its price', () => {
    const known = {
      service: 'prod/api',
      source: 'account',
      footprint: { ...PLAIN, ...large },
      isPartial: false,
      used: { utilisation: used(share(20, 80), share(15, 20)), size: large },
    } as const;
    const lines = estimateLines(estimate(known, { ...USAGE, rolloutMinutes: 5 }, PRICES)).join('\n');
    expect(lines).toContain('Size: too large; CPU 20 % in its busiest hour, memory 20 % at its peak.');
    expect(lines.replace(/\n +/g, ' ')).toMatch(
      /What would fit: 1 vCPU and 2 GiB \(cpu 1024, memoryMiB 2048\), \$77\.\d\d instead of \$175\.\d\d a month\./,
    );
  });
});

describe('rollouts size', () => {
  it('tells a provisioned service in a table, within 80 columns', async () => {
    const { code, out, err } = await size('--service', 'api');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('api/api, as configured\n2 tasks of 0.5 vCPU and 1 GiB, x86_64\n');
    expect(out).toMatch(/^vCPU +29\.55 +23\.64 +11\.82$/m);
    expect(out).toMatch(/^public IPv4 addresses +7\.30 +7\.30 +7\.30$/m);
    expect(out).toMatch(/^load balancer +29\.57 /m);
    expect(out).not.toContain('storage beyond');
    expect(out).toContain('Autoscaling from 1 to 6 tasks: $55.33 to $163.68 a month (x86_64).');
    expect(out).toContain('Prices of us-east-1 only');
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('takes another size and count from the flags, also of an adopted service', async () => {
    const { code, out } = await size('--cpu', '1024', '--memory', '2048', '--count', '3', '--log-gib-per-day', '0');
    expect(code).toBe(0);
    expect(out).toContain('api/api, as the flags say\n3 tasks of 1 vCPU and 2 GiB, x86_64\n');
    expect(out).toContain('prod/a-service-whose-name-is-rather-long, as the flags say\n3 tasks of 1 vCPU and 2 GiB');
    expect(out).not.toMatch(/^logs/m);
    expect(out.match(/Not counted, because only --live tells: public addresses, a load balancer\./g)).toHaveLength(1);
  });

  it('answers one documented document', async () => {
    const { code, out } = await size('--json', '--service', 'api');
    const [document] = (await documentsIn(['size'], out)) as [{ services: Record<string, Record<string, object>>[] }];
    const [service] = document.services;
    expect(code).toBe(0);
    expect(document).toMatchObject({
      schema: 1,
      currency: 'USD',
      prices: { region: 'us-east-1' },
      assumptions: { logGibPerDay: 0.1, lcus: 1, rolloutMinutes: 5 },
      services: [{ service: 'api/api', source: 'configuration', cpu: 512, count: 2, size: null }],
    });
    expect(service!['monthly']!['x86_64']).toMatchObject({ total: 77.001184, items: { vcpu: 29.5504 } });
  });

  it('counts with the prices of a file', async () => {
    const own = structuredClone(PRICES);
    own.region = 'eu-west-1';
    own.prices.fargateX86VcpuHour.usd = 1;
    const { out } = await size('--service', 'api/api', '--prices', written('own.json', JSON.stringify(own)));
    expect(out).toMatch(/^vCPU +730\.00 +23\.64 +292\.00$/m);
    expect(out).toContain('Prices of eu-west-1 only');
  });

  it('goes on past an adopted service, saying what it lacks', async () => {
    const { code, out, err } = await size();
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^api\/api, as configured$/m);
    expect(out.replace(/\n +/g, ' ')).toMatch(
      /^prod\/a-service-\S+ exists already, .*: give --live, or --cpu.* --count\.$/m,
    );
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const document = JSON.parse((await size('--json')).out) as { services: object[]; unsized: object[] };
    expect(document.services).toHaveLength(1);
    expect(document.unsized).toEqual([
      { service: `prod/${ADOPTED}`, message: expect.stringContaining('give --live') as string },
    ]);
  });

  const lacking = { ...PRICES, prices: { ...PRICES.prices, alarmMonth: undefined } };
  it.each([
    ['a price file that is not there', ['--prices', 'no.json'], /^--prices no\.json: there is no such file/],
    [
      'one that is no JSON',
      ['--prices', written('no-json', '{')],
      /is not a price file, .*JSON.*cli\/size\/prices\.json$/,
    ],
    [
      'one that lacks a price',
      ['--prices', written('lacking.json', JSON.stringify(lacking))],
      /is not a price file, prices\.alarmMonth: .*cli\/size\/prices\.json$/,
    ],
    [
      'no size of an adopted service',
      ['--service', ADOPTED],
      /^prod\/a-service-\S+ exists already.*give --live, or --cpu, --memory and/,
    ],
    ['a service that is not configured', ['--service', 'apy'], /no such service is configured; did you mean "api"\?$/],
    ['one like none', ['--service', 'x'], /there are api, a-service-whose-name-is-rather-long$/],
    [
      'a size that Fargate does not offer',
      ['--cpu', '256', '--memory', '4096', '--count', '1'],
      /^Fargate does not offer cpu 256 with memoryMiB 4096: with cpu 256 take memoryMiB 2048; memoryMiB 4096 goes with/,
    ],
    [
      'CPU units that Fargate does not offer',
      ['--cpu', '300', '--memory', '1024', '--count', '1'],
      /^Fargate does not offer cpu 300 with memoryMiB 1024: take cpu 256 or 512$/,
    ],
    ['no number', ['--lcu', 'many'], /^--lcu many: give a number from 0 to 100000$/],
    ['a negative number', ['--rollout-minutes=-1'], /^--rollout-minutes -1: give a number from 0 to 10080$/],
  ])('%s ends in one message and exit code 2', async (_, flags, message) => {
    const { code, out, err } = await size(...flags);
    expect([code, out]).toEqual([2, '']);
    expect(err.replace(/^rollouts: /, '').trimEnd()).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});

it('bears a date and a source with every price', () => {
  for (const { asOf, source } of [...Object.values(PRICES.prices), PRICES.spot]) {
    expect(asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(source).toMatch(/^https:\/\//);
  }
});
