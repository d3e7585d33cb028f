import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Terminal } from '../../cli/terminal/command.ts';
import { main } from '../../cli/main.ts';
import { FUNCTION_CALLS, TRANSITIONS } from '../../cli/verbs/size/rollout-cost.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { listedCalls } from '../cli/verbs/listed-calls.ts';
import { setting } from './setting.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-size-live-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function configurationFor(cluster: string, service: string): string {
  const file = join(scratch, `${cluster}-${service}.config.mjs`);
  const only = { repository: 'team/api', container: 'api', cluster, service };
  writeFileSync(file, `export default ${JSON.stringify({ services: [only] })};`);
  return file;
}

const open = setting();

it('a good rollout makes as many transitions and function calls as are counted', async () => {
  const world = await open();
  await proveAnImage(world);
  const { cloudwatch, lambda } = world.region;
  const calls = (): number =>
    lambda.functions
      .map((FunctionName) => cloudwatch.metricValues('AWS/Lambda', 'Invocations', { FunctionName }).length)
      .reduce((total, count) => total + count, 0);
  const before = calls();
  await world.push({ tag: 'live' });
  const rollout = await world.untilRolloutEnds();
  await world.untilIdle();

  expect(rollout.outcome).toBe('SUCCEEDED');
  expect({ transitions: rollout.stateTransitions, calls: calls() - before }).toEqual({
    transitions: TRANSITIONS,
    calls: FUNCTION_CALLS,
  });
});

describe('rollouts size --live', () => {
  it('tells the service that runs, and that nothing is known of what it uses', async () => {
    const world = await open();
    const before = world.region.calls.length;
    const { code, out, err } = await live(world, configurationFor('prod', 'api'));
    expect([code, err]).toEqual([0, '']);
    const calls = world.region.calls.slice(before).filter(({ caller }) => caller?.kind === 'operator');
    const asked = calls.flatMap(({ permissions }) => permissions.map(({ action }) => action));
    expect([...new Set(asked)].sort()).toEqual(listedCalls('size --live').sort());
    expect(out).toContain('prod/api, as it runs\n2 tasks of 0.5 vCPU and 1 GiB, x86_64\n');
    expect(out.replace(/\n +/g, ' ')).toContain(
      'Size: unknown; CloudWatch has no CPU and memory values of this service in 14 days.',
    );
  });

  it.each([
    [
      'a service that is nowhere',
      configurationFor('prod', 'wep'),
      'rollouts: prod/wep is neither in this account and Region nor provisioned here: check cluster, service, AWS_REGION\n',
    ],
    [
      'a cluster that is nowhere',
      configurationFor('prot', 'api'),
      'rollouts: ECS does not have the service in us-east-1 (Cluster not found): mend rollouts.config.ts or AWS_REGION\n',
    ],
  ])('%s is one sentence and exit code 1', async (_, file, message) => {
    expect(await live(await open(), file)).toEqual({ code: 1, out: '', err: message });
  });

  it('says how to get in when the keys are nobody’s, and where AWS is when nobody answers', async () => {
    const file = configurationFor('prod', 'api');
    const stranger = await live(await open(), file, { AWS_ACCESS_KEY_ID: 'NOBODY' });
    expect(stranger).toMatchObject({ code: 1, out: '' });
    expect(stranger.err).toMatch(
      /^rollouts: AWS does not accept these credentials in us-east-1 \(.*\): check the keys/,
    );

    const silence = await live(await open(), file, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    expect(silence.err).toBe(
      'rollouts: http://127.0.0.1:1 does not answer (ECONNREFUSED): check the network and AWS_ENDPOINT_URL\n',
    );

    const mistyped = await live(await open(), file, { AWS_ENDPOINT_URL: 'localhost:4566' });
    expect(mistyped.err).toMatch(/^rollouts: AWS_ENDPOINT_URL is "localhost:4566", which is no URL: write it such as/);
  });
});

async function live({ region }: World, file: string, environment: Readonly<Record<string, string>> = {}) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const variables = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${await region.listen(0)}`,
    AWS_ACCESS_KEY_ID: 'OPERATOR',
    AWS_SECRET_ACCESS_KEY: 'x',
    ...environment,
  };
  const paced = region.runPaced(60, stop.signal);
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env: { AWS_DEFAULT_REGION: region.region, ...variables },
    interrupted: () => new Promise(() => {}),
  };
  const code = await main(['size', '--live', '--config', file], terminal);
  stop.abort();
  await paced;
  return { code, out, err };
}
