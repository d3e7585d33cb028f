import { ACTIONS, pinned } from './actions.ts';
import type { Plan } from './answers.ts';
import { partitionOf } from './partition.ts';
import { inYaml as quoted } from './quote.ts';
import { waitStep } from './wait-step.ts';

/** Where the workflow is, seen from the application's folder; each service of a repository has its own. */
export function workflowPath({ service }: Plan): string {
  return `.github/workflows/push-${service.serviceName}.yml`;
}

/** The workflow that builds the image of a commit once and pushes it under the commit's name. */
export function workflowFile(plan: Plan): string {
  const steps = [sources, lookUp, build, report, ...(plan.service.github!.waits ? [waitStep] : [])];
  return [...head(plan), ...job(plan), ...steps.flatMap((lines) => lines(plan)), ''].join('\n');
}

function head({ service, github }: Plan): string[] {
  return [
    `# Builds the image of ${service.serviceName} and pushes it to ECR; the push starts the rollout.`,
    '# Actions are pinned by commit: a tag can be moved, a commit cannot.',
    `name: Push ${service.serviceName}`,
    '',
    'on:',
    '  push:',
    `    branches: [${quoted(github.branch)}]`,
    '  workflow_dispatch:',
    '',
    '# Nothing by default; the one job says what it needs.',
    'permissions: {}',
    '',
    '# One push after the other; one that began is never cut off half way.',
    'concurrency:',
    `  group: push-${service.serviceName}`,
    '  cancel-in-progress: false',
    '',
  ];
}

function job({ service, github, architecture }: Plan): string[] {
  const { environment, branch } = github;
  const origin = [
    '    # The role trusts this environment: let only the branch deploy to it',
    '    # (Settings > Environments > Deployment branches).',
    `    environment: ${quoted(environment ?? '')}`,
  ];
  return [
    'jobs:',
    '  push:',
    '    # A run by hand from another branch would roll out what was not merged.',
    `    if: github.ref == 'refs/heads/${branch}'`,
    `    runs-on: ${architecture === 'arm64' ? 'ubuntu-24.04-arm' : 'ubuntu-24.04'}`,
    `    timeout-minutes: ${service.github!.waits ? 60 : 30}`,
    ...(environment === undefined ? [] : origin),
    '    permissions:',
    '      id-token: write # to assume the push role without stored keys',
    '      contents: read # to check the commit out',
    '    outputs:',
    '      digest: ${{ steps.pushed.outputs.digest }}',
    '    steps:',
  ];
}

function sources({ service, region, account }: Plan): string[] {
  return [
    `      - uses: ${pinned(ACTIONS.checkout)}`,
    '        with:',
    '          persist-credentials: false # the build has no use for the token',
    '',
    `      - uses: ${pinned(ACTIONS.credentials)}`,
    '        with:',
    ...(account === undefined ? ['          # Set it under Settings > Secrets and variables > Actions.'] : []),
    `          role-to-assume: ${roleArn(service.github!.roleName, region, account)}`,
    `          aws-region: ${region}`,
    '',
    '      - id: login',
    `        uses: ${pinned(ACTIONS.login)}`,
    '',
  ];
}

function roleArn(roleName: string, region: string, account = '${{ vars.AWS_ACCOUNT_ID }}'): string {
  return `arn:${partitionOf(region)}:iam::${account}:role/${roleName}`;
}

function lookUp({ service }: Plan): string[] {
  return [
    '      # Tags are immutable: when this commit was pushed before, a second run',
    '      # finds its image and succeeds. The push role may ask just this much.',
    '      - id: existing',
    '        name: Look for the image of this commit',
    '        shell: bash',
    '        env:',
    `          REPOSITORY: ${quoted(service.repository)}`,
    '          TAG: ${{ github.sha }}',
    '        run: |',
    '          answer=$(aws ecr batch-get-image --repository-name "$REPOSITORY" \\',
    '            --image-ids imageTag="$TAG" --output text --accepted-media-types \\',
    '            application/vnd.oci.image.index.v1+json \\',
    '            application/vnd.oci.image.manifest.v1+json \\',
    '            application/vnd.docker.distribution.manifest.list.v2+json \\',
    '            application/vnd.docker.distribution.manifest.v2+json \\',
    "            --query '[images[0].imageId.imageDigest, failures[0].failureCode]')",
    '          read -r digest failure <<< "$answer"',
    '          case "$digest $failure" in',
    '            sha256:*) echo "digest=$digest" >> "$GITHUB_OUTPUT" ;;',
    '            "None ImageNotFound") echo "Not there yet: building it." ;;',
    '            *) echo "::error::ECR answers $answer for $REPOSITORY:$TAG"; exit 1 ;;',
    '          esac',
    '',
  ];
}

function build({ service, dockerfile, architecture }: Plan): string[] {
  return [
    `      - uses: ${pinned(ACTIONS.buildx)}`,
    "        if: steps.existing.outputs.digest == ''",
    '        with:',
    '          cache-binary: false # what other runs could write is not trusted here',
    '',
    '      # No cache from other runs either: this image goes to production.',
    '      - id: build',
    "        if: steps.existing.outputs.digest == ''",
    `        uses: ${pinned(ACTIONS.build)}`,
    '        with:',
    '          context: .',
    `          file: ${quoted(dockerfile)}`,
    `          platforms: ${architecture === 'arm64' ? 'linux/arm64' : 'linux/amd64'}`,
    '          push: true',
    `          tags: \${{ steps.login.outputs.registry }}/${service.repository}:\${{ github.sha }}`,
    '          provenance: mode=min # how it was built, without build arguments',
    '          sbom: true',
    '',
  ];
}

function report({ service }: Plan): string[] {
  return [
    '      - id: pushed',
    '        name: Say which image it is',
    '        shell: bash',
    '        env:',
    `          REPOSITORY: ${quoted(service.repository)}`,
    '          TAG: ${{ github.sha }}',
    '          EXISTING: ${{ steps.existing.outputs.digest }}',
    '          BUILT: ${{ steps.build.outputs.digest }}',
    '        run: |',
    '          digest=${EXISTING:-$BUILT}',
    '          echo "digest=$digest" >> "$GITHUB_OUTPUT"',
    '          {',
    '            echo "Image \\`$REPOSITORY:$TAG\\`, digest \\`$digest\\`."',
    '            if [ -n "$EXISTING" ]; then',
    '              echo "It was pushed before: nothing was built, and no new rollout starts."',
    '            fi',
    '          } >> "$GITHUB_STEP_SUMMARY"',
  ];
}
