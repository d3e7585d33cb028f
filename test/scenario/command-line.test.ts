import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Terminal } from '../../cli/terminal/command.ts';
import { main } from '../../cli/main.ts';
import { hasPassed } from '../../timeline/scenario-report.ts';
import { summary } from '../../timeline/summary.ts';
import { paletteFor } from '../../timeline/palette.ts';
import { playStory, STORIES } from '../../rehearsal/stories.ts';
import { documentsIn } from '../cli/verbs/documents.ts';
import { synthesizeSetting } from './setting.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-command-line-'));

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

function terminal(): Captured {
  const text = { out: '', err: '' };
  return {
    text,
    out: { write: (written) => (text.out += written) },
    err: { write: (written) => (text.err += written) },
    env: {},
    interrupted: () => new Promise(() => {}),
  };
}

describe('rollouts rehearse', () => {
  it('plays a story for every configured service and answers the documented document alone', async () => {
    const captured = terminal();
    const code = await main(['rehearse', '--config', CONFIGURATION, '--scenario', 'bad-push', '--json'], captured);
    const [document] = (await documentsIn(['rehearse'], captured.text.out)) as [
      { scenarios: Record<string, unknown>[] },
    ];

    expect(code).toBe(0);
    expect(document.scenarios.map(({ name, service, outcome, passed }) => [name, service, outcome, passed])).toEqual([
      ['bad-push', 'default/api', 'ROLLED_BACK', true],
      ['bad-push', 'prod/web', 'ROLLED_BACK', true],
    ]);
  });

  it('plays a story under faults, and names them in its document', async () => {
    const captured = terminal();
    const faults = ['--fault', 'events-doubled', '--fault', 'throttling'];
    const code = await main(
      ['rehearse', '--config', CONFIGURATION, '--scenario', 'bad-push', ...faults, '--json'],
      captured,
    );
    const [document] = (await documentsIn(['rehearse'], captured.text.out)) as [{ scenarios: object[] }];

    expect(code).toBe(0);
    expect(document.scenarios).toMatchObject(
      Array(2).fill({ faults: ['events-doubled', 'throttling'], outcome: 'ROLLED_BACK', passed: true }),
    );
  });

  it('tells a person what this is, what happens, and how many scenarios ended as told; progress is wiped', async () => {
    const captured = terminal();
    const screen = { ...captured, out: { ...captured.out, isTTY: true } };
    const code = await main(['rehearse', '--config', CONFIGURATION, '--scenario', 'unpullable-push'], screen);
    const [progress, told = ''] = captured.text.out.split('\r\u001b[2K');
    const lines = told
      .replace(/\u001b\[\d+m/g, '')
      .trimEnd()
      .split('\n');

    expect(code).toBe(0);
    expect(progress).toContain('synthesizing the stack…');
    expect(lines.slice(0, 4).join(' ')).toContain(
      `synthesized from ${CONFIGURATION}, in a simulated region; no AWS account`,
    );
    expect(lines.at(-5)).toBe('2 of 2 scenarios ended as their stories say.');
    expect(lines.slice(-4)).toEqual(
      ['default/api', 'prod/web'].flatMap((service) => [
        expect.stringMatching(
          new RegExp(
            `^${service} unpullable-push: bad image noticed after [\\d.]+ s, proven image back at [\\d.]+ s,$`,
          ),
        ) as unknown,
        '        2 tasks served throughout',
      ]),
    );
    const [noticed, back] = /after ([\d.]+) s, .* at ([\d.]+) s/.exec(lines.at(-2)!)!.slice(1).map(Number);
    expect(noticed).toBeLessThan(back!);
    const decided = (text: string) =>
      Number(
        lines
          .findLast((line) => line.includes(text))!
          .slice(0, 9)
          .replace('s', ''),
      );
    expect(decided('decided WakeRollout: failed')).toBe(noticed);
    expect(decided('decided WakeRollout: steady')).toBe(back);
    expect(lines.filter((line) => / ended {3}/.test(line))).toEqual(
      Array(2).fill(expect.stringMatching(/ended {3}ROLLED_BACK$/)),
    );
    expect(told).toMatch(/back :(\d+) 1 running( 1 pending)?, old :\1 2 running/);
    expect(told).toContain('https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/');
    const counted = lines.filter((line) => / s {2}tasks /.test(line)).map((line) => line.slice(0, 10));
    expect(counted.filter((time, index) => time === counted[index - 1])).toEqual([]);
  });

  it.each([
    ['first-deployment', 'ssm:PutParameter', 'Conclude', /parameter\/rollouts\/api\/image$/, 'AWS_REFUSED'],
    ['good-push', 'ecs:RegisterTaskDefinition', 'RegisterRevision', /task-definition\/api:\*$/, 'NOT_PLAYED'],
    ['bad-push', 'dynamodb:PutItem', 'AcceptIntent', /table\//, 'NOT_PLAYED'],
    ['bad-push', 'states:StartExecution', 'Push', /stateMachine:/, 'NOT_PLAYED'],
  ])('%s without %s names the role and the permission that the stack lacks, once', async (name, action, role, on) => {
    const assembly = await stackWithout(action);
    const report = await playStory(
      STORIES.find((story) => story.name === name)!,
      { assembly },
    );

    expect(hasPassed(report)).toBe(false);
    const told = summary([report], paletteFor({}, {}));
    const sentences = told.filter((line) => line.includes(action));
    expect(sentences).toEqual([
      expect.stringMatching(new RegExp(`^the role \\S*${role}\\S* may not ${action} on \\S`)),
    ]);
    expect(sentences[0]).toMatch(on);
    expect(told.join()).not.toMatch(/trace|is not authorized/);
    expect(told.at(-1)).toBe(`0 of 1 scenarios ended as their stories say; not ${name}.`);
  });
});

/** The assembly of the whole stack, less one permission. */
async function stackWithout(action: string): Promise<string> {
  const whole = await synthesizeSetting(join(scratch, 'whole'));
  const lacking = join(scratch, `without-${action.replace(':', '-')}`);
  cpSync(whole, lacking, { recursive: true });
  const template = join(lacking, 'rollouts-api.template.json');
  writeFileSync(template, readFileSync(template, 'utf8').replaceAll(`"${action}"`, '"ssm:DeleteParameter"'));
  return lacking;
}

it('takes a configuration in TypeScript from a folder that says nothing of modules', () => {
  const file = join(scratch, 'elsewhere.config.ts');
  const service = "{ repository: 'team/api', container: 'api', provision: { port: 8000 } }";
  writeFileSync(file, `export default { services: [${service}] } satisfies object;`);
  const program = join(import.meta.dirname, '..', '..', 'cli', 'rollouts.mjs');
  const told = execFileSync(process.execPath, [program, 'size', '--config', file], { encoding: 'utf8' });
  expect(told).toMatch(/^api\/api, as configured\n/);
});
