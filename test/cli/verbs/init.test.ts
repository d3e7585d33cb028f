import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Interrupted, type Terminal } from '../../../cli/terminal/command.ts';
import type { Answers } from '../../../cli/verbs/init/answers.ts';
import { DEPLOYED_BY_HAND, git, writeFiles } from './application.ts';
import { complaintsAbout, planOf } from '../../../cli/verbs/init/check-answers.ts';
import { withService } from '../../../cli/verbs/init/add-service.ts';
import { configurationFile } from '../../../cli/verbs/init/configuration-file.ts';
import { inTypeScript, inYaml } from '../../../cli/verbs/init/quote.ts';
import { unifiedDiff } from '../../../cli/verbs/init/unified-diff.ts';
import { writeAll } from '../../../cli/verbs/init/write-all.ts';
import { main } from '../../../cli/main.ts';
import { loadConfiguration } from '../../../configuration/load-configuration.ts';
import { parse } from 'yaml';

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-init-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A fresh application's repository, and where its configuration is written. */
let [app, output, count] = ['', '', 0];
beforeEach(() => {
  app = join(scratch, `app-${(count += 1)}`);
  output = join(app, 'rollouts.config.ts');
  mkdirSync(app);
  writeFileSync(join(app, 'Dockerfile'), 'FROM scratch\nEXPOSE 8000\n');
  git(app, 'init', '--quiet', '--initial-branch', 'main');
  git(app, 'remote', 'add', 'origin', 'git@github.com:octo-org/harbour.git');
});

const WORKFLOW = '.github/workflows/push-harbour.yml';
const ALL = {
  repository: 'team/harbour',
  container: 'web',
  github: 'octo-org/harbour',
  environment: 'production',
  region: 'us-east-1',
  port: '8000',
};

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly string[];
}

/** A list is a flag that is repeated. */
type Typed = Readonly<Record<string, string | true | readonly string[]>>;

/** Runs init; with lines, a person at a terminal types these. */
async function init(flags: Typed, lines?: readonly string[]): Promise<Run> {
  let [out, err] = ['', ''];
  const asked: string[] = [];
  const left = [...(lines ?? [])];
  const terminal: Terminal = {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env: { AWS_REGION: 'eu-west-1' },
    interrupted: () => new Promise(() => {}),
    ...(lines && {
      ask: async (question: string) => {
        asked.push(question);
        if (left[0] === '\x03') throw new Interrupted('interrupted; nothing was written');
        return left.shift();
      },
    }),
  };
  const all: Typed = { app, output, ...flags };
  const argv = Object.entries(all).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().flatMap((one) => [`--${name}`, one]),
  );
  return { code: await main(['init', ...argv], terminal), out, err, asked };
}

/** Every file of the application's repository but Git's own. */
function files(): string[] {
  const entries = readdirSync(app, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(app, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('.git/'))
    .sort();
}

const UNTOUCHED = ['Dockerfile'];
const WRITTEN = [WORKFLOW, 'Dockerfile', 'rollouts.config.ts'];

describe('rollouts init without a terminal', () => {
  it('writes who is told, and that they have to confirm it', async () => {
    const { code, out } = await init({ ...ALL, notify: ['us@example.com', "o'h@example.com"], yes: true });
    expect(code).toBe(0);
    expect((await loadConfiguration(output)).services[0]!.notifyEmails).toEqual(['us@example.com', "o'h@example.com"]);
    expect(out).toContain('\n  Confirm the mail from AWS to each address that is notified.\n');
    expect((await init({ ...ALL, force: true, yes: true })).out).not.toContain('Confirm the mail');
  });

  it('builds the default branch, and any other that is named', async () => {
    git(app, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
    expect((await init({ ...ALL, yes: true })).code).toBe(0);
    expect(readFileSync(join(app, WORKFLOW), 'utf8')).toContain('branches: [trunk]');
    expect(readFileSync(output, 'utf8')).toContain("branch: 'trunk'");
    expect((await init({ ...ALL, branch: 'other', force: true, yes: true })).code).toBe(0);
    expect(readFileSync(join(app, WORKFLOW), 'utf8')).toContain('branches: [other]');
  });

  it('writes both files, and the configuration is one that loads', async () => {
    const { code, out, err } = await init({ ...ALL, yes: true });
    expect([code, err]).toEqual([0, '']);
    expect(files()).toEqual(WRITTEN);
    const [service] = (await loadConfiguration(output)).services;
    expect(service).toMatchObject({
      repository: 'team/harbour',
      containers: ['web'],
      cluster: 'harbour',
      serviceName: 'harbour',
      tagPolicy: { kind: 'glob', pattern: '*' },
      github: { owner: 'octo-org', name: 'harbour', origin: 'environment:production' },
      registry: { movingTags: [], imagesKept: 100 },
      provision: { port: 8000 },
    });
    expect(out).toContain('set the variable AWS_ACCOUNT_ID');
    expect(out).toMatch(/rehearse --config \S+\/rollouts\.config\.ts\n.*bootstrap.*\n.*put it there/);
    expect(readFileSync(join(app, WORKFLOW), 'utf8')).toContain(`role/${service!.github!.roleName}\n`);
  });

  it('shows each line of both files before it writes them', async () => {
    const { out } = await init({ ...ALL, yes: true });
    for (const file of [WORKFLOW, 'rollouts.config.ts']) {
      for (const line of readFileSync(join(app, file), 'utf8').trimEnd().split('\n'))
        expect(out).toContain(`\n+${line}\n`);
    }
  });

  it('lets the workflow wait, and the role read what it waits for', async () => {
    expect((await init({ ...ALL, wait: true, yes: true })).code).toBe(0);
    const [service] = (await loadConfiguration(output)).services;
    expect(service!.github).toMatchObject({ waits: true });
    expect(readFileSync(join(app, WORKFLOW), 'utf8')).toContain('Wait for the outcome');
  });

  it('takes secrets, and whoever may push by number too', async () => {
    const secret = ['DATABASE_URL=/team/harbour/database-url', 'API_KEY=/api-key'];
    const ids = { 'owner-id': '1234', 'repository-id': '56789' };
    expect(await init({ ...ALL, ...ids, secret, yes: true })).toMatchObject({ code: 0, err: '' });
    const [service] = (await loadConfiguration(output)).services;
    expect(service!.github).toMatchObject({ ownerId: '1234', repositoryId: '56789' });
    expect(service!.provision!.secrets).toEqual({
      DATABASE_URL: { parameter: '/team/harbour/database-url' },
      API_KEY: { parameter: '/api-key' },
    });
  });

  it('says what comes next: bootstrap, deploy, each parameter once, and the push at last', async () => {
    const long = '/team/harbour/of/the/northern/shore/database-url';
    const { out } = await init({ ...ALL, secret: ['KEY=/key', `URL=${long}`, 'SAME=/key'], yes: true });
    const steps = out.slice(out.indexOf('\nNext:\n')).trimEnd().split('\n').slice(3);
    expect(steps).toEqual([
      '  npx cdk bootstrap       (once per account and Region)',
      '  npx cdk deploy --all    (reads rollouts.config.ts: put it there)',
      '  aws ssm put-parameter --type SecureString --name /key --value …',
      '  aws ssm put-parameter --type SecureString \\',
      `    --name ${long} \\`,
      '    --value …',
      '  On GitHub: protect the environment production.',
      '  On GitHub: set the variable AWS_ACCOUNT_ID.',
      '  Commit the workflow and push.',
    ]);
    for (const step of steps) expect(step.length).toBeLessThanOrEqual(80);
  });

  it('shows where secrets and numbers go, so that taking the comment marks away suffices', async () => {
    await init({ ...ALL, yes: true });
    const text = readFileSync(output, 'utf8');
    const uncommented = text.replace(/^( *)\/\/ ((?: {2})?(?:secrets: |DATABASE_URL: |\},$))/gm, '$1$2');
    expect(uncommented).not.toBe(text);
    const other = join(app, 'uncommented.config.ts');
    writeFileSync(other, uncommented);
    const [service] = (await loadConfiguration(other)).services;
    expect(service!.provision!.secrets).toEqual({ DATABASE_URL: { parameter: '/team/harbour/database-url' } });
  });

  it.each([
    ['EXPOSE 80', '8000', 'Dockerfile exposes 80, and the service takes port 8000: give --port 80,'],
    ['expose 80/tcp 443 53/udp', '8000', 'Dockerfile exposes 80, 443, and the service takes port 8000:'],
    ['EXPOSE 80\nEXPOSE 8000', '8000', ''],
    ['EXPOSE $PORT', '8000', ''],
    ['EXPOSE 8000-8010', '8005', ''],
  ])('of a Dockerfile that says %j and port %s warns: %j', async (line, port, warning) => {
    writeFileSync(join(app, 'Dockerfile'), `FROM scratch\n${line}\n`);
    const { code, err } = await init({ ...ALL, port, yes: true });
    expect(code).toBe(0);
    expect(files()).toEqual(WRITTEN);
    expect(err.replace(/\n */g, ' ').includes('warning:')).toBe(warning !== '');
    expect(err.replace(/\n */g, ' ')).toContain(warning);
    expect(Math.max(...err.split('\n').map((each) => each.length))).toBeLessThanOrEqual(80);
  });

  it('adopts a service: the repository and the service are not created', async () => {
    const { port: _, ...rest } = ALL;
    const { code, out } = await init({ ...rest, adopt: true, cluster: 'prod', account: '123456789012', yes: true });
    expect(code).toBe(0);
    expect(out).toContain('docs/adopting.md');
    expect(out).not.toContain('put-parameter');
    const [service] = (await loadConfiguration(output)).services;
    expect(service).toMatchObject({ cluster: 'prod', serviceName: 'harbour', executionRole: 'ecsTaskExecutionRole' });
    expect([service!.registry, service!.provision]).toEqual([undefined, undefined]);
  });

  it('names every flag that is lacking, and every value that is wrong, and writes nothing', async () => {
    const { code, out, err } = await init({ github: 'octo-org', region: 'mars' });
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      [
        'rollouts: not a terminal, so init cannot prompt: pass --repository, --container, --environment (or --branch), --port (or --adopt), --yes.',
        "--github \"octo-org\": is not the name of a GitHub repository, 'owner/name'. Remedy: write owner and name as GitHub spells them, without wildcards, ids or 'https://github.com/'.",
        '--region "mars": is not the name of an AWS Region. Remedy: write it such as us-east-1.',
        'Nothing was written.\n',
      ].join('\n'),
    );
    expect(files()).toEqual(UNTOUCHED);
  });

  it('without --yes shows what it would write, and writes nothing', async () => {
    const { code, out, err } = await init(ALL);
    expect(code).toBe(2);
    expect(out).toContain("+      repository: 'team/harbour',");
    expect(err).toContain('pass --yes');
    expect(files()).toEqual(UNTOUCHED);
  });

  it('overwrites nothing unless forced, and writes not even the file that is new', async () => {
    writeFileSync(output, 'export default {};\n');
    const refused = await init({ ...ALL, yes: true });
    expect(refused.code).toBe(2);
    expect(refused.out).toContain('\n-export default {};\n');
    expect(refused.err).toContain('overwrite with --force');
    expect(readFileSync(output, 'utf8')).toBe('export default {};\n');
    expect(files()).not.toContain(WORKFLOW);

    expect((await init({ ...ALL, yes: true, force: true })).code).toBe(0);
    expect(readFileSync(output, 'utf8')).toContain("container: 'web'");
  });

  it('has nothing to write the second time', async () => {
    await init({ ...ALL, yes: true });
    const again = await init(ALL);
    expect([again.code, again.err]).toEqual([0, '']);
    expect(again.out).toMatch(/^Nothing to write: /);
  });

  it.each([
    ['an application that is not there', { app: '/nowhere/at/all' }, '--app /nowhere/at/all: there is no such folder'],
    ['a Dockerfile that is not there', { dockerfile: 'docker/File' }, '--dockerfile "docker/File": is no file in'],
    ['a Dockerfile elsewhere', { dockerfile: '../Dockerfile' }, '--dockerfile "../Dockerfile": is no path inside'],
    ['an expression', { dockerfile: '${{ x }}' }, '--dockerfile "${{ x }}": is no path inside'],
    ['an account that is none', { account: '12345' }, '--account "12345": is not the number of an AWS account'],
    ['branches', { branch: 'release/*' }, '--branch "release/*": is more than one branch'],
    ['a branch that is none', { branch: 'a b' }, '--branch "a b": is not a branch'],
    ['a port for an adopted service', { adopt: true as const }, '--port "8000": goes with a service that is created'],
    ['a port out of range', { port: '0' }, '--port 0: is not a whole number from 1 to 65535'],
    ['a number that is none', { 'owner-id': 'octo-org' }, '--owner-id "octo-org": is not'],
    ['a secret without a place', { secret: ['KEY'] }, '--secret "KEY": is not a variable and the path of an SSM'],
    ['a secret itself', { secret: ['KEY=hunter2'] }, '--secret "KEY=…": is not a variable and the path of an SSM'],
    ['a variable that is none', { secret: ['A-B=/a'] }, '--secret "A-B=…": is not a variable'],
    [
      'secrets of an adopted service',
      { adopt: true as const, secret: ['A=/a'] },
      '--secret "A": goes with a service that',
    ],
    ['a secret twice', { secret: ['A=/a', 'A=/b'] }, '--secret "A": is given twice. Remedy: leave one'],
    ['a setting without a value', { setting: ['KEY'] }, '--setting "KEY": is not a variable and its value'],
    ['a setting that is a secret too', { setting: ['A=1'], secret: ['A=/a'] }, '--setting "A": is given twice'],
    [
      'settings of an adopted service',
      { adopt: true as const, setting: ['A=1'] },
      '--setting "A": goes with a service that',
    ],
    ['an address', { notify: ['us@example.com', 'them'] }, '--notify "them": is not an e-mail address'],
    ['an architecture', { architecture: 'sparc' }, '--architecture "sparc": is not'],
    [
      'an image for a repository',
      { repository: 'Api:1' },
      '--repository "Api:1": is not the name of an ECR repository',
    ],
    ['a repository that names no service', { repository: 'a.b' }, '--service (nothing): is missing'],
  ])('refuses %s', async (_, flags, message) => {
    const { code, err } = await init({ ...ALL, yes: true, ...flags });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(files()).toEqual(UNTOUCHED);
  });
});

describe('rollouts init beside services that the configuration lists', () => {
  const LISTED = `import type { RolloutsConfiguration } from './configuration/configuration.ts';

export default {
  services: [
    {
      repository: 'team/quay', // services: [ {
      container: 'quay',
    }, // the old one
  ],
} satisfies RolloutsConfiguration;
`;
  const names = async (file: string): Promise<string[]> =>
    (await loadConfiguration(file)).services.map(({ serviceName }) => serviceName);
  /** Node keeps what it imported under a name. */
  const copied = (name: string): string => {
    writeFileSync(join(app, name), readFileSync(output, 'utf8'));
    return join(app, name);
  };

  it('adds the service to them, and changes not a line of theirs', async () => {
    writeFileSync(output, LISTED);
    const flags = { ...ALL, setting: ['LOG=info, all'], add: true as const, yes: true as const };
    const { code, out, err } = await init(flags);
    expect(code).toBe(0);
    expect(out).not.toMatch(/^-(?!--)/m);
    expect(err.replace(/\n +/g, ' ')).toMatch(
      /lists quay already: harbour is written beside it, and nothing else changes/,
    );
    const added = copied('added.config.ts');
    expect(await names(added)).toEqual(['quay', 'harbour']);
    const [, harbour] = (await loadConfiguration(added)).services;
    expect(harbour!.provision!.environment).toEqual({ LOG: 'info, all' });
    const again = await init({ ...flags, output: added });
    expect([again.code, again.out]).toEqual([0, expect.stringMatching(/^Nothing to write: /)]);
    const changed = await init({ ...ALL, output: added, add: true, yes: true });
    expect([changed.code, changed.err]).toEqual([2, expect.stringContaining('overwrite with --force')]);
    expect((await init({ ...ALL, output: added, add: true, force: true, yes: true })).code).toBe(0);
    expect(readFileSync(added, 'utf8')).toContain('}, // the old one\n    {\n');
    expect(readFileSync(added, 'utf8')).not.toContain("LOG: 'info, all'");
  });

  it('asks whether they stay, and otherwise whether they are overwritten', async () => {
    writeFileSync(output, LISTED);
    const rest = { ...ALL, secret: ['A=/a'], setting: ['B=b'], branch: 'main', account: '123456789012' };
    const flags = { ...rest, 'owner-id': '1', 'repository-id': '2', notify: ['us@example.com'] };
    const kept = await init(flags, ['y', 'y']);
    expect(kept.asked.map((question) => question.replace(/^\S+ lists/, 'It lists'))).toEqual([
      'It lists quay: add harbour to it? [y/N] ',
      'Write this? [y/N] ',
    ]);
    expect(await names(copied('kept.config.ts'))).toEqual(['quay', 'harbour']);
    writeFileSync(output, LISTED);
    const { asked, err } = await init(flags, ['n', 'n']);
    expect(err.replace(/\n +/g, ' ')).toMatch(/lists quay, and what is written does not: --add keeps it\.\n/);
    expect(asked[1]).toMatch(/^Overwrite \S+rollouts\.config\.ts\? \[y\/N\] $/);
    expect(readFileSync(output, 'utf8')).toBe(LISTED);
  });

  it('shows what to add where their list is not written out, and refuses two that would share a name', async () => {
    writeFileSync(
      output,
      "const services = [{ repository: 'quay', container: 'quay' }];\nexport default { services };\n",
    );
    const { code, err } = await init({ ...ALL, add: true, yes: true });
    expect(code).toBe(2);
    expect(err).toMatch(/are not written out as one list, so add this one yourself:\n {4}\{\n[^]*'team\/harbour'/);
    const other = LISTED.replaceAll('quay', 'harbour').replace("container: 'harbour'", "$&, cluster: 'other'");
    writeFileSync(join(app, 'same.config.ts'), other);
    const same = await init({ ...ALL, output: join(app, 'same.config.ts'), add: true, yes: true });
    expect([same.code, same.err]).toEqual([expect.any(Number), expect.stringContaining('services[1]')]);
    expect(same.code).not.toBe(0);
    expect(files()).not.toContain(WORKFLOW);
  });

  it.each([
    ['without a comma at the end', '[{ a: 1 }]', '[{ a: 1 },\n    NEW,]'],
    ['behind texts and comments', "[{ a: '}]' /* ] */ }, // }\n]", "[{ a: '}]' /* ] */ }, // }\n    NEW,\n]"],
    ['that is spread', '[...others, { a: 1 }]', undefined],
    ['of calls', '[service()]', undefined],
    ['of another length', '[{ a: 1 }, { b: 2 }]', undefined],
  ])('knows where a list ends %s', (_what, list, expected) => {
    const file = (text: string): string => `export default {\n  other: { services: [{}] },\n  services: ${text},\n};\n`;
    expect(withService(file(list), 'NEW', { index: undefined, count: 1 })).toBe(expected && file(expected));
  });
});

describe('rollouts init at a terminal', () => {
  it('asks for what the flags leave open, suggests what it finds, and writes after a yes', async () => {
    const { code, asked } = await init({ repository: 'team/harbour' }, [
      '',
      '',
      '',
      'A=/a B=/b',
      '',
      '',
      '501',
      '',
      '',
      '',
      '',
      '',
      'us@example.com them@example.com',
      'y',
    ]);
    expect(asked).toEqual([
      'Does the ECS service exist already? [y/N] ',
      'Container in the task definition [harbour]: ',
      'Port that the container listens on [8000]: ',
      'Secrets from SSM parameters, NAME=/path (several: spaces; none: -): ',
      'Other variables, NAME=value (several: spaces; none: -): ',
      'GitHub repository (owner/name) [octo-org/harbour]: ',
      'Id of its owner (gh api repos/OWNER/NAME --jq .owner.id; empty: whoever has the name): ',
      'Id of the repository (gh api repos/OWNER/NAME --jq .id; empty: whoever has the name): ',
      'GitHub environment that may push [production]: ',
      'Branch whose pushes are built [main]: ',
      'AWS Region [eu-west-1]: ',
      'AWS account (empty: read from a GitHub variable): ',
      'E-mail addresses to notify of outcomes (several: spaces; empty: none): ',
      'Write this? [y/N] ',
    ]);
    expect(code).toBe(0);
    expect(files()).toEqual(WRITTEN);
    const [service] = (await loadConfiguration(output)).services;
    expect(service!.provision!.secrets).toEqual({ A: { parameter: '/a' }, B: { parameter: '/b' } });
    expect(service!.github).toMatchObject({ ownerId: '501', ref: 'refs/heads/main' });
    expect(service!.github).not.toHaveProperty('repositoryId');
    expect(service!.notifyEmails).toEqual(['us@example.com', 'them@example.com']);
  });

  it('takes the folder of a service that was deployed by hand at its word, and says what will not work', async () => {
    writeFiles(app, DEPLOYED_BY_HAND);
    const { code, asked, err } = await init({ repository: 'tiles' }, [...Array<string>(13).fill(''), 'y']);
    expect(code).toBe(0);
    expect(asked.slice(1, 5)).toEqual([
      'Container in the task definition [web]: ',
      'Port that the container listens on [80]: ',
      'Secrets from SSM parameters, NAME=/path (several: spaces; none: -) [TILES_AUTH_URL=/tiles/tiles-auth-url TILES_KEY=/tiles/tiles-key]: ',
      'Other variables, NAME=value (several: spaces; none: -) [INPUT_PATH=data/example.json TILES_URL=https://api.tiles.example/v1 WORKERS=4]: ',
    ]);
    expect(asked.at(-1)).toBe('Write this all the same? [y/N] ');
    expect(err).toMatch(/^Here is what I noticed:\n- warning: Dockerfile, line 12, copies \.env, /);
    expect(Math.max(...err.split('\n').map((each) => each.length))).toBeLessThanOrEqual(80);
    const [service] = (await loadConfiguration(output)).services;
    expect(service!.containers).toEqual(['web']);
    expect(service!.provision).toMatchObject({
      port: 80,
      environment: { INPUT_PATH: 'data/example.json', TILES_URL: 'https://api.tiles.example/v1', WORKERS: '4' },
      secrets: { TILES_AUTH_URL: { parameter: '/tiles/tiles-auth-url' }, TILES_KEY: { parameter: '/tiles/tiles-key' } },
    });
    expect(readFileSync(output, 'utf8')).not.toContain('hunter2');
  });

  it('declines what is suggested with a dash', async () => {
    writeFiles(app, DEPLOYED_BY_HAND);
    const { secret: _, setting: __, ...rest } = KNOWN;
    expect((await init(rest, ['-', '-', 'y'])).code).toBe(0);
    const [service] = (await loadConfiguration(output)).services;
    expect(service!.provision).toMatchObject({ environment: {}, secrets: {} });
  });

  it('asks whether a port that the Dockerfile does not expose is meant', async () => {
    const { code, err, asked } = await init({ ...KNOWN, port: '9000' }, ['n']);
    expect([code, asked]).toEqual([1, ['Write this all the same? [y/N] ']]);
    expect(err).toContain('Dockerfile exposes 8000');
    expect(files()).toEqual(UNTOUCHED);
  });

  it('asks which service to adopt, instead of a port', async () => {
    const { code, asked } = await init(ADOPTABLE, ['y', 'web', 'prod', 'y']);
    expect(asked.slice(1, 3)).toEqual(['ECS service [harbour]: ', 'ECS cluster [default]: ']);
    expect(code).toBe(0);
    const [service] = (await loadConfiguration(output)).services;
    expect(service).toMatchObject({ cluster: 'prod', serviceName: 'web' });
    expect(service!.provision).toBeUndefined();
  });

  it('asks again whether the service exists unless the answer is yes or no', async () => {
    const { code, err, asked } = await init(ADOPTABLE, ['ye', 'ja', 'y', 'web', 'prod', 'y']);
    expect([code, err]).toEqual([0, 'Answer y or n.\nAnswer y or n.\n']);
    expect(asked.slice(0, 4).map((question) => question.split(' ')[0])).toEqual(['Does', 'Does', 'Does', 'ECS']);
    const none = await init(ADOPTABLE, ['1', '2', '3', 'y']);
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/no usable answer for --adopt after 3 tries/)]);
  });

  it.each([
    ['at the first question', []],
    ['at the last', ['n', '']],
  ])('Ctrl-C %s ends with 130 and writes nothing', async (_, lines) => {
    const { port: _port, ...rest } = KNOWN;
    const { code, err } = await init(rest, [...lines, '\x03']);
    expect([code, err]).toEqual([130, 'rollouts: interrupted; nothing was written\n']);
    expect(files()).toEqual(UNTOUCHED);
  });

  const KNOWN = {
    ...ALL,
    secret: ['A=/a'],
    setting: ['B=b'],
    branch: 'main',
    account: '123456789012',
    notify: ['me@example.com'],
    'owner-id': '1',
    'repository-id': '2',
  };
  const { github: _, ...UNKNOWN } = KNOWN;
  const { port: __, secret: ___, setting: ____, ...ADOPTABLE } = KNOWN;

  it('asks again after a wrong answer, saying why, and takes another one than it suggests', async () => {
    const { code, err, asked } = await init(UNKNOWN, ['octo', 'octo-org/other', 'y']);
    expect(code).toBe(0);
    expect(err).toMatch(
      /^--github "octo": is not .*\nHere is what I noticed:\n- warning: No remote is octo-org\/other, which/,
    );
    expect(asked).toHaveLength(3);
    expect(readFileSync(output, 'utf8')).toContain("repository: 'octo-org/other'");
  });

  it('gives up after three wrong answers', async () => {
    const { code, err } = await init(UNKNOWN, ['a', 'b', 'c', 'octo-org/other', 'y']);
    expect(code).toBe(1);
    expect(err).toMatch(/no usable answer for --github after 3 tries; nothing was written\n$/);
  });

  it('writes nothing after a no', async () => {
    const { code, out } = await init(KNOWN, ['']);
    expect([code, out.endsWith('Nothing was written.\n')]).toEqual([1, true]);
    expect(files()).toEqual(UNTOUCHED);
  });

  it('asks by name whether to overwrite', async () => {
    writeFileSync(output, 'export default {};\n');
    const run = await init(KNOWN, ['yes']);
    expect(run.asked).toEqual([expect.stringMatching(/^Overwrite .*rollouts\.config\.ts\? \[y\/N\] $/)]);
    expect(run.code).toBe(0);
    expect(readFileSync(output, 'utf8')).toContain("container: 'web'");
  });

  it('stops when the input ends', async () => {
    const { code, err } = await init({}, ['n', 'team/harbour']);
    expect([code, err]).toEqual([1, 'rollouts: the input ended; nothing was written\n']);
    expect(files()).toEqual(UNTOUCHED);
  });
});

describe('the files', () => {
  it('are all written or none, and what was there stays as it was', () => {
    writeFileSync(output, 'old\n');
    const [first, blocked] = [join(app, 'new', 'folder', 'a.txt'), join(app, 'blocked')];
    mkdirSync(blocked);
    const drafts = [
      { path: output, text: 'new\n', old: 'old\n' },
      { path: first, text: 'a\n', old: undefined },
    ];
    const before = readdirSync(app).sort();
    for (const path of [join(app, 'Dockerfile', 'b.txt'), blocked]) {
      expect(() => writeAll([...drafts, { path, text: 'b\n', old: undefined }])).toThrow(/; nothing was written$/);
      expect(readdirSync(app).sort()).toEqual(before);
      expect(readFileSync(output, 'utf8')).toBe('old\n');
    }
    writeAll(drafts);
    expect(readFileSync(output, 'utf8') + readFileSync(first, 'utf8')).toBe('new\na\n');
  });

  it('keep their mode, and a link stays one', () => {
    const real = join(app, 'real.ts');
    writeFileSync(real, 'old\n');
    chmodSync(real, 0o640);
    symlinkSync('real.ts', output);
    writeAll([{ path: output, text: 'new\n', old: 'old\n' }]);
    expect(lstatSync(output).isSymbolicLink()).toBe(true);
    expect([readFileSync(real, 'utf8'), lstatSync(real).mode & 0o777]).toEqual(['new\n', 0o640]);
  });

  it('name what they import wherever they are, and quote what was typed', () => {
    const answers: Answers = { ...ALL, environment: "it's" };
    expect(complaintsAbout(answers, app)).toEqual([]);
    const text = configurationFile(planOf(answers), './configuration/configuration.ts');
    expect(text).toContain("from './configuration/configuration.ts';");
    expect(text).toContain('environment: "it\'s",');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(80);
  });
});

it.each(['production', 'null', 'On', '1e3', '0123', "it's", 'a: b #c', '"', '\\', '\u0085\u2028é', '-', ''])(
  'quoting %j changes nothing, in TypeScript and in YAML',
  (text) => {
    const inModule: unknown = JSON.parse(
      inTypeScript(text).replace(/^'(.*)'$/, (_, inner: string) => JSON.stringify(inner)),
    );
    expect([inModule, parse(`key: ${inYaml(text)}`)]).toEqual([text, { key: text }]);
    expect((parse(`key: ${inYaml(text)}`, { version: '1.1' }) as { key: unknown }).key).toBe(text);
  },
);

describe('the unified diff', () => {
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`).join('');

  it.each([
    ['of the same text is empty', 'a\n', 'a\n', ''],
    ['of a new file is all of it', undefined, 'a\nb\n', '--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n'],
    ['of an emptied file', 'a\n', '', '--- f\n+++ f\n@@ -1,1 +0,0 @@\n-a\n'],
    [
      'says when a last line does not end',
      'a\nb',
      'a\nb\n',
      '--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n',
    ],
    [
      'shows three lines around a change, and parts what is far away',
      lines(1, 20),
      lines(1, 4) + 'five\n' + lines(6, 18) + lines(20, 20),
      '--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -16,5 +16,4 @@\n 16\n 17\n 18\n-19\n 20\n',
    ],
    [
      'joins what is near',
      lines(1, 9),
      `x\n${lines(2, 7)}y\n${lines(9, 9)}`,
      '--- f\n+++ f\n@@ -1,9 +1,9 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n 9\n',
    ],
  ])('%s', (_, old, now, expected) => {
    expect(unifiedDiff('f', old, now)).toBe(expected);
  });
});
