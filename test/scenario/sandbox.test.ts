import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeImagesCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { expect, it, onTestFinished } from 'vitest';
import { main } from '../../cli/main.ts';
import type { Terminal } from '../../cli/terminal/command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-sandbox-test-'));

/** A service with subscribers, and two in one cluster that share a repository. */
const CONFIGURATION = join(scratch, 'three.config.mjs');
writeFileSync(
  CONFIGURATION,
  `export default { services: [
    { repository: 'team/api', container: 'api', tag: { semver: '^2.1.0' }, bakeTimeSeconds: 0, notify: { emails: ['a@example.com', 'b@example.com'] } },
    { repository: 'team/web', container: 'web', tag: { exact: 'live' }, cluster: 'prod', service: 'blue', bakeTimeSeconds: 0 },
    { repository: 'team/web', container: 'web', tag: { exact: 'next' }, cluster: 'prod', service: 'green', bakeTimeSeconds: 0 },
  ] };`,
);

interface Opened {
  readonly text: { out: string; err: string };
  readonly endpoint: string;
  readonly ended: Promise<number>;
  stop(): void;
}

/** Opens a sandbox in this process; it is stopped when the test ends at the latest. */
async function open(...flags: readonly string[]): Promise<Opened> {
  let stop = (): void => {};
  const interrupted = new Promise<void>((resolve) => (stop = resolve));
  const text = { out: '', err: '' };
  const terminal: Terminal = {
    out: { write: (written) => (text.out += written) },
    err: { write: (written) => (text.err += written) },
    env: {},
    interrupted: () => interrupted,
  };
  const ended = main(['sandbox', '--config', CONFIGURATION, ...flags], terminal);
  onTestFinished(async () => {
    stop();
    await ended;
  });
  await expect.poll(() => text.out + text.err, { timeout: 50_000 }).toMatch(/messages\n|rollouts:/);
  return { text, endpoint: /http:\/\/127\.0\.0\.1:\d+/.exec(text.out)?.[0] ?? '', ended, stop };
}

const settingsFor = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'x' },
});

/** Does what a line of the welcome says. */
async function put({ text, endpoint }: Opened, line: RegExp): Promise<void> {
  const [, repositoryName, imageTag, file] = new RegExp(
    `--repository-name (\\S+) --image-tag (${line.source}) --image-manifest file://(\\S+good.json)`,
  ).exec(text.out)!;
  const request = { repositoryName, imageTag, imageManifest: readFileSync(file!, 'utf8') };
  await new ECRClient(settingsFor(endpoint)).send(new PutImageCommand(request));
}

/** When the newest image of a repository was pushed, by the region's clock. */
async function pushedAt(endpoint: string, repositoryName: string): Promise<number> {
  const { imageDetails = [] } = await new ECRClient(settingsFor(endpoint)).send(
    new DescribeImagesCommand({ repositoryName }),
  );
  return Math.max(...imageDetails.map(({ imagePushedAt }) => imagePushedAt!.getTime()));
}

it('loads every configured service, shows what happens to each under its name, and leaves what subscribers got', async () => {
  const directory = join(scratch, 'files');
  const opened = await open('--port', '0', '--speed', '3600', '--directory', directory);
  const { text, endpoint, ended, stop } = opened;
  expect(text.out.match(/^\S+:$/gm)).toEqual(['default/api:', 'prod/blue:', 'prod/green:']);
  expect(text.out).toContain(`  npx rollouts status --config ${CONFIGURATION} --service`);

  const ecs = new ECSClient(settingsFor(endpoint));
  const before = await ecs.send(new DescribeServicesCommand({ services: ['api'] }));
  expect(before.services?.[0]?.deployments?.[0]?.updatedAt?.getTime()).toBeLessThan(Date.now());
  await put(opened, /2\S+/);
  expect(Math.abs((await pushedAt(endpoint, 'team/api')) - Date.now())).toBeLessThan(60_000);
  await put(opened, /next/);
  for (const name of ['api', 'green'])
    await expect.poll(() => text.out, { timeout: 50_000 }).toMatch(new RegExp(` s {2}${name} +ended {3}SUCCEEDED`));
  // What others deploy takes no longer than a rollout, which is minutes of the region's time.
  await ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'blue', forceNewDeployment: true }));
  await expect.poll(() => text.out, { timeout: 50_000 }).toMatch(/ blue +ecs +ECS deployment \S+ completed/);
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['green'] }));
  const messages = readdirSync(join(directory, 'messages'));
  stop();

  expect(await ended).toBe(0);
  expect(text.err).toBe('');
  const rolled = services?.[0]?.deployments?.map(({ rolloutState, runningCount }) => [rolloutState, runningCount]);
  expect(rolled).toEqual([['COMPLETED', 2]]);
  const lines = text.out.split('\n');
  // Nobody pushed to it: at most a tick has found, for the first time, that there is nothing to roll.
  const ofBlue = lines
    .filter((line) => / s {2}blue +(?:decided|ended) /.test(line))
    .map((line) => line.replace(/^.* s {2}/, ''));
  expect(
    ofBlue.filter((line) => !/decided Tick: start \(FirstLook\)|NothingSelected|ended +NO_CHANGE/.test(line)),
  ).toEqual([]);
  expect(lines.filter((line) => / s {2}api {4}ecs +ECS deployment/.test(line))).toHaveLength(2);
  const told = lines.filter((line) => / message /.test(line)).map((line) => line.replace(/^.* s {2}/, ''));
  expect(told.sort()).toEqual([
    'api    message SUCCEEDED: default/api (to a@example.com, b@example.com)',
    'green  message SUCCEEDED: prod/green (nobody is subscribed)',
  ]);
  expect(messages.map((name) => name.slice(16))).toEqual([
    '-001-email-a@example.com.txt',
    '-002-email-b@example.com.txt',
  ]);
  const letter = readFileSync(join(directory, 'messages', messages[0]!), 'utf8');
  expect(letter).toMatch(
    /^To: a@example.com \(email\)\nSubject: SUCCEEDED: default\/api\nDate: \S+Z\n\ndefault\/api now runs /,
  );
  // Messages are kept where somebody said that they should be; images, which only the sandbox takes, are not.
  expect(readdirSync(directory)).toEqual(['messages']);
});

it('says what it does before it does it, and that the port is taken before it synthesizes anything', async () => {
  const { text, ended } = await open('--port', String(await takenPort()));
  expect(await ended).toBe(1);
  expect(text.out).toBe('Opening a simulated region; this takes some seconds.\n');
  expect(text.err).toMatch(/^rollouts: port \d+ of 127\.0\.0\.1 is already in use: stop what listens there, or /);
});

it('refuses a folder that is none before it takes the port, and ends', async () => {
  const { text, ended } = await open('--port', '0', '--directory', CONFIGURATION);
  expect(await ended).toBe(1);
  expect(text.err).toMatch(
    /^rollouts: --directory \S+ cannot be used: ENOTDIR.*; name a folder that you may write to\n$/,
  );
});

async function takenPort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  return await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}
