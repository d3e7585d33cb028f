import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { PutImageCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterAll, describe, expect, it } from 'vitest';
import type { Terminal } from '../../cli/command.ts';
import { main } from '../../cli/main.ts';
import { hasPassed } from '../../rehearsal/report/scenario-report.ts';
import { summary } from '../../rehearsal/report/summary.ts';
import { paletteFor } from '../../rehearsal/report/palette.ts';
import { playStory, STORIES } from '../../rehearsal/stories.ts';
import { synthesizeSetting } from './setting.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-command-line-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Two services, and a bake time of zero: nothing of the stories may depend on the example's figures. */
const CONFIGURATION = join(scratch, 'two.config.mjs');
writeFileSync(
  CONFIGURATION,
  `export default { services: [
    { repository: 'team/api', container: 'api', tag: { semver: '^2.1.0' }, bakeTimeSeconds: 0 },
    { repository: 'team/web', container: 'web', tag: { exact: 'live' }, cluster: 'prod', service: 'web' },
  ] };`,
);

interface Captured extends Terminal {
  readonly text: { out: string; err: string };
}

function terminal(interrupted: Promise<void> = new Promise(() => {})): Captured {
  const text = { out: '', err: '' };
  return {
    text,
    out: { write: (written) => (text.out += written) },
    err: { write: (written) => (text.err += written) },
    env: {},
    interrupted: () => interrupted,
  };
}

describe('rollouts rehearse', () => {
  it('plays a story for every configured service and answers the documented document alone', async () => {
    const captured = terminal();
    const code = await main(['rehearse', '--config', CONFIGURATION, '--scenario', 'bad-push', '--json'], captured);
    const document = JSON.parse(captured.text.out) as { schema: number; scenarios: Record<string, unknown>[] };

    expect(code).toBe(0);
    expect(document.schema).toBe(1);
    expect(document.scenarios.map(({ name, service, outcome, passed }) => [name, service, outcome, passed])).toEqual([
      ['bad-push', 'default/api', 'ROLLED_BACK', true],
      ['bad-push', 'prod/web', 'ROLLED_BACK', true],
    ]);
    const documented = readFileSync(new URL('../../docs/rehearse-json.md', import.meta.url), 'utf8');
    for (const member of Object.keys(document.scenarios[0]!))
      expect(documented).toMatch(new RegExp(`^\\| \`${member}\` +\\|`, 'm'));
  });

  it('ends with exit code 1 and names the role and the permission that the stack lacks', async () => {
    const whole = await synthesizeSetting(join(scratch, 'whole'));
    const lacking = join(scratch, 'lacking');
    cpSync(whole, lacking, { recursive: true });
    const template = join(lacking, 'rollouts-api.template.json');
    writeFileSync(template, readFileSync(template, 'utf8').replace('"ssm:PutParameter"', '"ssm:GetParameter"'));
    const report = await playStory(
      STORIES.find(({ name }) => name === 'first-deployment')!,
      { assembly: lacking },
    );

    expect(hasPassed(report)).toBe(false);
    expect(summary([report], paletteFor({}, {})).join('\n')).toMatch(
      /the role \S*Conclude\S* may not ssm:PutParameter on \S*parameter\/rollouts\/api\/image/,
    );
  });
});

describe('rollouts sandbox', () => {
  it('rolls what is pushed through its port, says so, and stops when it is interrupted', async () => {
    let interrupt = (): void => {};
    const captured = terminal(new Promise((resolve) => (interrupt = resolve)));
    const ended = main(['sandbox', '--port', '0', '--speed', '3600', '--config', CONFIGURATION], captured);
    await expect.poll(() => captured.text.out, { timeout: 20_000 }).toContain('describe-services');
    const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(captured.text.out)![0];
    const [, tag, file] = /--image-tag (\S+) --image-manifest file:\/\/(\S+good\.json)/.exec(captured.text.out)!;
    const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'REHEARSAL', secretAccessKey: 'x' } };
    await new ECRClient(settings).send(
      new PutImageCommand({ repositoryName: 'team/api', imageTag: tag, imageManifest: readFileSync(file!, 'utf8') }),
    );
    await expect.poll(() => captured.text.out, { timeout: 20_000 }).toContain('ended   SUCCEEDED');
    const { services } = await new ECSClient(settings).send(new DescribeServicesCommand({ services: ['api'] }));
    interrupt();

    expect(await ended).toBe(0);
    expect(services?.[0]?.deployments?.map(({ rolloutState, runningCount }) => [rolloutState, runningCount])).toEqual([
      ['COMPLETED', 2],
    ]);
    expect(captured.text.err).toBe('');
  });
});
