import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Answers } from '../../../cli/verbs/init/answers.ts';
import { planOf } from '../../../cli/verbs/init/check-answers.ts';
import { absenceOf } from '../../../cli/verbs/init/folder/build-context.ts';
import { readFolder } from '../../../cli/verbs/init/folder/folder.ts';
import { repositoryIn } from '../../../cli/verbs/init/folder/git.ts';
import { noticesOf } from '../../../cli/verbs/init/folder/notices.ts';
import { variablesIn } from '../../../cli/verbs/init/folder/variables.ts';
import { suggestionsFrom } from '../../../cli/verbs/init/suggestions.ts';
import { DEPLOYED_BY_HAND, git, writeFiles } from './application.ts';

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'rollouts-folder-')));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A committed repository of these files. */
function application(files: Readonly<Record<string, string>>, branch = 'main', remote = 'origin'): string {
  const app = mkdtempSync(join(scratch, 'app-'));
  git(app, 'init', '--quiet', '--initial-branch', branch);
  git(app, 'remote', 'add', remote, 'https://github.com/octo-org/tiles.git');
  writeFiles(app, files);
  git(app, 'add', '.');
  git(app, 'commit', '--quiet', '--message', 'first');
  return app;
}

const ANSWERS: Answers = {
  repository: 'tiles',
  container: 'web',
  github: 'octo-org/tiles',
  environment: 'production',
  branch: 'main',
  region: 'us-east-1',
  port: '80',
};

/** Each sentence, with what its level says in front. */
function noticed(app: string, answers: Answers = {}): string[] {
  const notices = noticesOf(planOf({ ...ANSWERS, ...answers }), readFolder(app));
  return notices.map(({ isWarning, text }) => `${isWarning ? 'warning' : 'note'}: ${text}`);
}

const BARE = { Dockerfile: 'FROM scratch\n' };

describe('a service that was deployed by hand', () => {
  const app = application(DEPLOYED_BY_HAND, 'master', 'upstream');

  it('is noticed sentence by sentence, what would fail first', () => {
    expect(noticed(app, { port: '8000', branch: 'master' })).toEqual([
      'warning: Dockerfile, line 12, copies .env, which is not in the Git repository, so the build on GitHub fails: remove the line; settings and secrets, which .github/workflows/deploy.yml wrote there so far, reach the container from --setting and --secret.',
      'warning: Dockerfile exposes 80, and the service takes port 8000: give --port 80, or let the image listen on 8000; otherwise its first rollout fails the health check.',
      'note: The workflow runs in octo-org/tiles, the remote upstream.',
      'note: The default branch is master: pushes to it are built.',
      'note: .github/workflows/deploy.yml pushes images to ECR and deploys to ECS on pushes to deploy1: remove it when the first rollout has succeeded, since two that deploy undo each other.',
      'note: deploy/task-definition.json has several containers: web takes the image, and a new service has no log-router: --adopt takes a service that has.',
      'note: Dockerfile is built, and not Dockerfile_lambda: --dockerfile names another one.',
      'note: docker-compose.yml builds web and worker: each is a service of its own, added by another run with --add.',
      'note: docker-compose.yml also starts cache, which is not created: tell the container where to find it.',
      'note: .github/workflows/deploy.yml and .env.sample name TILES_AUTH_URL, INPUT_PATH, TILES_URL, TILES_KEY, WORKERS and BUCKET_NAME, which the container does not get: give a secret as --secret NAME=/path and anything else as --setting NAME=VALUE.',
      'note: .env.sample names AWS_ACCESS_KEY_ID, which a task on Fargate has no use for: name a taskRole that may do what the container does.',
    ]);
  });

  it('answers what it can, and the .env file is never read', () => {
    const folder = readFolder(app);
    expect(suggestionsFrom(folder, { repository: 'tiles' }, {})).toMatchObject({
      container: 'web',
      github: 'octo-org/tiles',
      branch: 'master',
      port: '80',
      secret: 'TILES_AUTH_URL=/tiles/tiles-auth-url TILES_KEY=/tiles/tiles-key',
      setting: 'INPUT_PATH=data/example.json TILES_URL=https://api.tiles.example/v1 WORKERS=4',
    });
    expect(JSON.stringify(folder)).not.toMatch(/NOT_TO_BE_READ|hunter2/);
  });

  it('says that a workflow deploys from the very branch, and which build arguments get lost', () => {
    const all = noticed(app, { branch: 'deploy1', dockerfile: 'Dockerfile_lambda' });
    expect(all).toContainEqual(
      expect.stringMatching(/^warning: .*deploy\.yml pushes images to ECR and deploys to ECS/),
    );
    expect(all).toContainEqual(expect.stringMatching(/^note: Dockerfile_lambda takes the build argument TILES_URL, /));
    expect(all).toContainEqual(expect.stringMatching(/^warning: Git knows no branch deploy1 here/));
  });

  it('says what would fail before what is good to know', () => {
    const levels = noticed(app, { branch: 'deploy1', port: '8000' }).map((text) => text.split(':')[0]);
    expect(levels).toEqual([...levels].sort().reverse());
    expect(levels.filter((level) => level === 'warning')).toHaveLength(4);
  });

  it('suggests nothing that is given already', () => {
    const given = { repository: 'tiles', secret: ['TILES_KEY=/k', 'TILES_URL=/u'], setting: ['WORKERS=1'] };
    expect(suggestionsFrom(readFolder(app), given, {})).toMatchObject({
      secret: 'TILES_AUTH_URL=/tiles/tiles-auth-url',
      setting: 'INPUT_PATH=data/example.json',
    });
  });

  it('is silent about what is given', () => {
    const secret = ['TILES_AUTH_URL=/a', 'TILES_KEY=/b'];
    const setting = ['INPUT_PATH=x', 'TILES_URL=y', 'WORKERS=4', 'BUCKET_NAME=z'];
    expect(noticed(app, { secret, setting }).filter((text) => text.includes('does not get'))).toEqual([]);
  });
});

it('says nothing of a folder in which nothing is odd', () => {
  expect(noticed(application(BARE))).toEqual([]);
});

it('reads a worktree as the repository it belongs to, and says that the workflow is on another branch there', () => {
  const app = application(BARE);
  const tree = join(scratch, 'tree');
  git(app, 'worktree', 'add', '--quiet', '-b', 'other', tree);
  expect(noticed(tree)).toEqual([
    'note: This worktree is on the branch other: the workflow runs once it has reached main.',
  ]);
  expect(readFolder(tree).git).toMatchObject({ defaultBranch: 'main', remotes: [{ repository: 'octo-org/tiles' }] });
  git(app, 'checkout', '--quiet', '-b', 'another');
  expect(noticed(app)).toEqual([
    'note: The folder is on the branch another: the workflow runs once it has reached main.',
  ]);
});

it('says when the folder is not the root, and then nothing of what the build would find in it', () => {
  const app = application({ 'services/api/Dockerfile': 'FROM scratch\nCOPY nothing .\n' });
  expect(noticed(join(app, 'services/api'))).toEqual([
    expect.stringMatching(/^warning: .* is services\/api in its .* --dockerfile services\/api\/Dockerfile\.$/),
  ]);
});

it('runs nothing that the repository configures', () => {
  const app = application(BARE);
  writeFiles(app, { hook: `#!/bin/sh\ntouch '${join(app, 'ran')}'\n` });
  chmodSync(join(app, 'hook'), 0o755);
  git(app, 'config', 'core.fsmonitor', join(app, 'hook'));
  expect(readFolder(app).git?.files).toEqual(new Set(['Dockerfile', 'hook']));
  expect(existsSync(join(app, 'ran'))).toBe(false);
});

it('says when there is no repository', () => {
  const app = mkdtempSync(join(scratch, 'app-'));
  writeFiles(app, BARE);
  expect(noticed(app)).toEqual([expect.stringMatching(/^note: Git knows no repository here/)]);
});

it('takes the branch that the remote names, and a repository that is another one for a mistake', () => {
  const app = application(BARE, 'main');
  git(app, 'update-ref', 'refs/remotes/origin/trunk', 'HEAD');
  git(app, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk');
  expect(noticed(app)).toEqual(['note: The default branch is trunk, and pushes to main are built.']);
  expect(noticed(app, { github: 'octo-org/other', branch: 'trunk' })[0]).toBe(
    'warning: No remote is octo-org/other, which alone may push images: Git knows octo-org/tiles (origin).',
  );
  expect(noticed(app, { github: 'Octo-Org/Tiles' })).toHaveLength(1);
  git(app, 'remote', 'add', 'fork', 'git@github.com:someone/tiles.git');
  expect(suggestionsFrom(readFolder(app), {}, {}).github).toBe('octo-org/tiles');
  expect(noticed(app, { github: 'someone/tiles' })[0]).toBe(
    'note: The workflow runs in someone/tiles, the remote fork, and not in octo-org/tiles (origin).',
  );
});

it('warns of a branch that is nowhere here, though nobody knows which one is the default', () => {
  const app = application(BARE, 'develop');
  git(app, 'branch', 'deploy');
  expect(readFolder(app).git?.defaultBranch).toBeUndefined();
  expect(noticed(app)[0]).toBe('warning: Git knows no branch main here, and only pushes to it are built.');
  expect(noticed(app, { branch: 'deploy' })).toEqual([expect.stringMatching(/^note: The folder is on .* develop/)]);
});

it('takes the branch of a repository without a commit for the default', () => {
  const app = mkdtempSync(join(scratch, 'app-'));
  git(app, 'init', '--quiet', '--initial-branch', 'trunk');
  writeFiles(app, BARE);
  expect(readFolder(app).git).toMatchObject({
    defaultBranch: 'trunk',
    files: new Set(['Dockerfile']),
    untracked: new Set(['Dockerfile']),
  });
});

it.each([
  ['git@github.com:octo-org/tiles.git', 'octo-org/tiles'],
  ['https://someone:token@github.com/octo-org/tiles', 'octo-org/tiles'],
  ['ssh://git@ssh.github.com:443/octo-org/tiles.git', 'octo-org/tiles'],
  ['git@github.com:1234/tiles', '1234/tiles'],
  ['https://gitlab.com/octo-org/tiles.git', undefined],
  ['https://github.com.example.net/octo-org/tiles', undefined],
])('of the address %s knows the repository %s', (url, expected) => {
  expect(repositoryIn(url)).toBe(expected);
});

describe('what the Dockerfile copies', () => {
  const copying = (files: Readonly<Record<string, string>>, ...lines: string[]): string[] =>
    noticed(application({ ...files, Dockerfile: ['FROM scratch', ...lines, ''].join('\n') }));

  const app = application(BARE);
  /** In a repository that holds nothing else. */
  const rewritten = (...lines: string[]): string[] => {
    writeFiles(app, { Dockerfile: ['FROM scratch', ...lines, ''].join('\n') });
    return noticed(app);
  };

  it('is not in the build either where .dockerignore keeps it out', () => {
    const files = { 'dist/app.js': '', '.dockerignore': '# dist\ndist\n' };
    expect(copying(files, 'COPY dist /app')).toEqual([
      'warning: Dockerfile, line 2, copies dist, which the line "dist" of .dockerignore keeps out, so the build on GitHub fails: let it in with a line that begins with "!".',
    ]);
    expect(copying({ ...files, 'Dockerfile.dockerignore': '*.md\n' }, 'COPY dist /app')).toEqual([]);
  });

  it('is not committed, though it could be, where it is an .env file', () => {
    const app = application({ Dockerfile: 'FROM scratch\nCOPY .env new.txt ./\n' });
    writeFiles(app, { '.env': 'A=b\n', 'new.txt': '' });
    expect(noticed(app)).toEqual([
      'warning: Dockerfile, line 2, copies .env, which is not in the Git repository, so the build on GitHub fails: remove the line; settings and secrets reach the container from --setting and --secret.',
    ]);
    const { port: _, ...adopted } = ANSWERS;
    const [notice] = noticesOf(planOf({ ...adopted, adopt: true }), readFolder(app));
    expect(notice!.text).toMatch(/settings and secrets reach the container through the task definition\.$/);
  });

  it.each([
    ['the body of a here-document', 'RUN <<EOF cat', 'COPY nothing .', 'EOF'],
    ['a stage', 'COPY --link --from=0 nothing .'],
    ['an address', 'ADD https://example.com/nothing git@github.com:octo-org/nothing.git ./'],
    ['a variable', 'COPY ${NOTHING} $NOTHING/a ./'],
    ['a comment', '# COPY nothing .'],
    ['the context itself', 'COPY . /app/', 'COPY ./ /app/', 'ADD / /app/'],
    ['a pattern', 'COPY nothing* [nothing] ./'],
  ])('is never missing where it is %s', (_what, ...lines) => {
    expect(rewritten(...lines)).toEqual([]);
  });

  it.each([
    ['behind a shift', 'RUN echo $((A<<BITS ))', 'COPY nothing .'],
    ['in JSON', 'COPY --chown=1:1 ["Dockerfile", "./nothing/", "/app/"]'],
    ['on a continued line', 'COPY Dockerfile \\', '  # and', '', '  nothing ./'],
    ['in small letters', 'copy nothing ./'],
  ])('is missed %s', (_where, ...lines) => {
    expect(rewritten(...lines)).toEqual([expect.stringMatching(/line \d, copies nothing, which is not in the Git/)]);
  });
});

it.each([
  ['src', '', undefined],
  ['src/a/b.txt', '', undefined],
  ['sr', '', 'not-committed'],
  ['src/*.py', '', 'not-committed'],
  ['src/*/b.txt', '', undefined],
  ['*.py', '', undefined],
  ['[z-a]/x', '', undefined],
  ['src/[', '', 'not-committed'],
  ['src', 'source\n#src\n\n', undefined],
  ['src', 'src/', 'src/'],
  ['src', '/src', '/src'],
  ['src', '**/b.txt', '**/b.txt'],
  ['src', '*\n!src/a', undefined],
  ['src', '*\n!**/*.txt', undefined],
  ['src', '!src\n*', '*'],
  ['src', 'src/?/b.txt', 'src/?/b.txt'],
  ['src', 'src/[b-c]', undefined],
  ['src', 'src/[', undefined],
])('of %s and the .dockerignore %j knows what keeps it out: %s', (source, dockerignore, expected) => {
  const absence = absenceOf(source, ['src/a/b.txt', 'requirements.txt'], dockerignore);
  expect(typeof absence === 'object' ? absence.ignoringLine : absence).toBe(expected);
});

describe('a workflow of the application', () => {
  /** What is noticed of one with these steps, started by that. */
  const app = application(BARE);
  const withSteps = (steps: string, on = 'push', files: Readonly<Record<string, string>> = {}): string[] => {
    const text = `on: ${on}\njobs:\n  one:\n    steps:\n${steps.replace(/^/gm, '      ')}\n`;
    writeFiles(app, { ...files, '.github/workflows/x.yaml': text });
    return noticed(app);
  };
  const UPDATE = '- run: aws ecs update-service --force-new-deployment';

  it.each([
    ['push', 'warning', ' on every push'],
    ['[pull_request, push]', 'warning', ' on every push'],
    ['{ push: { paths: [src] } }', 'warning', ' on every push'],
    ['{ push: { branches: main } }', 'warning', ' on pushes to main'],
    ["{ push: { branches: ['**', '!main'] } }", 'note', ' on every push but those to main'],
    ['{ push: { branches-ignore: [main, old] } }', 'note', ' on every push but those to main and old'],
    ["{ push: { tags: ['v*'] } }", 'note', ''],
    ["{ push: { tags-ignore: ['v*'] } }", 'note', ''],
    ['workflow_dispatch', 'note', ''],
    ["{ push: { branches: ['release/**', 'm*'] } }", 'warning', ' on pushes to release/** and m*'],
  ])('that deploys on %s is a %s', (on, level, when) => {
    expect(withSteps(UPDATE, on)).toEqual([
      `${level}: .github/workflows/x.yaml deploys to ECS${when}: remove it when the first rollout has succeeded, since two that deploy undo each other.`,
    ]);
  });

  const LOGIN = '- uses: docker/login-action@v3\n  with: { registry: 1.dkr.ecr.us-east-1.amazonaws.com }\n';
  const PUSHES =
    'note: .github/workflows/x.yaml pushes images to ECR on every push: remove it unless it pushes elsewhere, since whatever is pushed to tiles is rolled out.';

  it.each([
    ['an action', `${LOGIN}- uses: docker/build-push-action@v6\n  with: { push: true }`, [PUSHES]],
    [
      'a command',
      '- run: |\n    aws ecr get-login-password | docker login\n    docker buildx build . \\\n      --push',
      [PUSHES],
    ],
    ['nobody', `${LOGIN}- uses: docker/build-push-action@v6\n  with: { push: false }`, []],
    ['somebody to another registry', '- run: docker push ghcr.io/octo-org/tiles', []],
    ['a comment', `${LOGIN}- run: |\n    true # docker push\n    # aws ecs update-service`, []],
  ])('that pushes by %s', (_who, steps, expected) => {
    expect(withSteps(steps)).toEqual(expected);
  });

  it('is read with the actions that the repository holds itself', () => {
    const action = 'runs:\n  using: composite\n  steps:\n    - run: ecspresso deploy\n';
    const files = { 'ci/deploy/action.yml': action };
    expect(withSteps('- uses: ./ci/deploy', 'push', files)).toEqual([expect.stringContaining(' deploys to ECS ')]);
    const itself = { 'ci/deploy/action.yml': 'runs: { steps: [{ uses: ./ci/deploy }] }' };
    expect(withSteps('- uses: ./ci/deploy', 'push', itself)).toEqual([]);
  });

  it('is read with the workflows that it calls', () => {
    const own = application({
      ...BARE,
      '.github/workflows/a.yml': 'on: push\njobs: { ship: { uses: ./.github/workflows/b.yml } }\n',
      '.github/workflows/b.yml': `on: workflow_call\njobs:\n  one:\n    steps:\n      ${UPDATE}\n`,
      '.github/workflows/c.yml': 'on: push\njobs: { again: { uses: ./.github/workflows/c.yml } }\n',
    });
    expect(noticed(own)).toEqual([
      expect.stringMatching(/^warning: .*a\.yml deploys to ECS on every push: /),
      expect.stringMatching(/^note: .*b\.yml deploys to ECS: /),
    ]);
  });

  it('is passed over where it is no YAML, or none of GitHub’s', () => {
    const strange = {
      '.github/workflows/a.yml': 'jobs: [',
      '.github/workflows/b.yml': '- 1',
      '.github/workflows/c.md': '',
    };
    expect(noticed(application({ ...BARE, ...strange }))).toEqual([]);
  });

  it('says which variables it writes, and passes', () => {
    const steps = `- run: |
    echo "URL=https://tiles.example" >> .env
    echo KEY=\${{ secrets.KEY }} > ./.env
    echo "REGION=\${{ vars.REGION }}" >> .env
    echo "PATH=/opt" >> $GITHUB_ENV
    docker build --build-arg AWS_ACCESS_KEY_ID=\${{ secrets.ID }} .`;
    const app = application({
      Dockerfile: 'FROM scratch\nARG AWS_ACCESS_KEY_ID\n',
      '.env.example': 'REGION=eu-west-1\n',
      '.github/workflows/x.yml': `jobs:\n  one:\n    steps:\n${steps.replace(/^/gm, '      ')}\n`,
    });
    const from = '.github/workflows/x.yml';
    expect(readFolder(app).variables).toEqual([
      { name: 'URL', from, kind: 'setting', value: 'https://tiles.example' },
      { name: 'KEY', from, kind: 'secret' },
      { name: 'REGION', from: '.env.example', kind: 'setting', value: 'eu-west-1' },
      { name: 'AWS_ACCESS_KEY_ID', from, kind: 'credentials' },
    ]);
    expect(noticed(app).filter((text) => text.includes('build argument'))).toEqual([]);
  });
});

it.each([
  ['A=b', 'setting', 'b'],
  ['export A = "b # c" # d', 'setting', 'b # c'],
  ["A='b'", 'setting', 'b'],
  ['A=b # c', 'setting', 'b'],
  ['A=', 'open', undefined],
  ['A=<your name>', 'open', undefined],
  ['A=changeme', 'open', undefined],
  ['CLIENT_SECRET=x1', 'secret', undefined],
  ['API_KEY=x1', 'secret', undefined],
  ['KEYBOARD=x1', 'setting', 'x1'],
  ['URL=postgres://app:pass@db/app', 'secret', undefined],
  ['AWS_SECRET_ACCESS_KEY=x1', 'credentials', undefined],
])('takes the sample %j for a %s', (line, kind, value) => {
  const [variable, ...others] = variablesIn(`# A=z\n${line}\n`, 'sample');
  expect([variable!.kind, variable!.value, others]).toEqual([kind, value, []]);
});

it('reads a Compose file that merges, and one of a format that it does not know', () => {
  const compose = 'x-base: &base { build: . }\nservices:\n  web: { <<: *base }\n  db: { image: !reset null }\n';
  expect(readFolder(application({ ...BARE, 'compose.yaml': compose })).compose).toEqual({
    file: 'compose.yaml',
    built: ['web'],
    others: ['db'],
  });
  expect(noticed(application({ ...BARE, 'compose.yml': 'services: 7\n' }))).toEqual([]);
});

it('warns of a container that the task definition to adopt does not have', () => {
  const app = application({
    ...BARE,
    'ecs/taskdef.json': JSON.stringify({
      taskDefinition: { containerDefinitions: [{ name: 'api' }, { name: 'proxy' }] },
    }),
  });
  const { port: _, ...adopted } = { ...ANSWERS, adopt: true };
  const said = (container: string): string[] =>
    noticesOf(planOf({ ...adopted, container }), readFolder(app)).map(({ text }) => text);
  expect(said('web')).toEqual(['ecs/taskdef.json has no container web: it has api and proxy.']);
  expect(said('api')).toEqual([
    'ecs/taskdef.json has several containers: api takes the image, and nothing changes for proxy.',
  ]);
});
