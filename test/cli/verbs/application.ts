import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Runs Git in a folder, under a name of its own. */
export function git(folder: string, ...words: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, '-C', folder, ...words], { stdio: 'ignore' });
}

/** Writes files into a folder, by their paths. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const DOCKERFILE = `FROM python:3.12
EXPOSE 80
COPY ./requirements.txt .
RUN pip install \\
    # what it needs
    -r requirements.txt
COPY <<TEXT /etc/motd
COPY nothing .
TEXT
COPY --from=python:3.12 /nowhere .
COPY ./src .
COPY ./.env .
ENTRYPOINT ["hypercorn", "main:app", "-b", "0.0.0.0:80"]
`;

const WORKFLOW = `name: Deploy to Amazon ECS
on:
  push:
    branches: [deploy1]
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v3
      - uses: SpicyPizza/create-envfile@v2.0
        with:
          envkey_TILES_AUTH_URL: \${{ secrets.TILES_AUTH_URL }}
          envkey_INPUT_PATH: "data/example.json"
          file_name: .env
      - uses: aws-actions/amazon-ecr-login@v2
      - run: |
          docker build --build-arg TILES_URL=\${{ secrets.TILES_URL }} -t $REGISTRY/tiles .
          docker push $REGISTRY/tiles
      - uses: aws-actions/amazon-ecs-deploy-task-definition@v1
`;

const COMPOSE = `services:
  web:
    build: .
  worker:
    build: { context: ., dockerfile: Dockerfile_lambda }
  cache:
    image: redis:7
`;

const SAMPLE = `TILES_URL= https://api.tiles.example/v1
TILES_AUTH_URL= https://..
TILES_KEY= 123
WORKERS="4" # per task

AWS_ACCESS_KEY_ID=
BUCKET_NAME=
`;

const TASK_DEFINITION = {
  family: 'tiles',
  containerDefinitions: [
    { name: 'log-router', image: 'fluent-bit' },
    { name: 'web', image: 'tiles', portMappings: [{ containerPort: 8000 }] },
  ],
};

/**
 * A service that its team deployed by hand: its image holds an `.env` that a workflow writes and Git ignores; the same workflow
 * deploys; the Dockerfile listens on 80, where everything else says 8000.
 */
export const DEPLOYED_BY_HAND: Readonly<Record<string, string>> = {
  Dockerfile: DOCKERFILE,
  Dockerfile_lambda: 'FROM public.ecr.aws/lambda/python:3.12\nARG TILES_URL=""\nARG TARGETARCH\nCOPY ./src .\n',
  'requirements.txt': 'hypercorn\n',
  'src/main.py': 'app = None\n',
  '.gitignore': '*.log\n.env\n',
  '.env': 'NOT_TO_BE_READ=hunter2\n',
  '.env.sample': SAMPLE,
  'docker-compose.yml': COMPOSE,
  'deploy/task-definition.json': JSON.stringify(TASK_DEFINITION),
  '.github/workflows/deploy.yml': WORKFLOW,
  '.github/workflows/check.yml': `on: [push, pull_request]
jobs:
  check:
    steps:
      - run: docker push ghcr.io/octo-org/tiles # aws ecs update-service
`,
};
