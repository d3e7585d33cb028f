import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doctor } from '../../cli/verbs/doctor.ts';
import type { ChatbotState } from '../../region/chatbot/model.ts';
import type { SnsState } from '../../region/sns/model.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { CANARIES } from '../../rehearsal/surroundings.ts';
import { listedCalls } from '../cli/verbs/listed-calls.ts';
import { listedPermissions, openSandbox, type Sandbox } from './verbs-setting.ts';

interface Report {
  readonly ready: boolean;
  readonly findings: readonly { readonly level: string; readonly subject: string; readonly message: string }[];
}

/** Of the test that runs. */
let sandbox: Sandbox;

/** Opens the test's own sandbox, in which so many images are proven. */
async function open(images: number, changes: Parameters<typeof openSandbox>[1] = {}): Promise<Sandbox> {
  sandbox = await openSandbox({}, changes, images);
  return sandbox;
}

const examined = async (...flags: string[]): Promise<string[]> => {
  const { findings, ready, ...about } = await sandbox.json<Report>('doctor', ...flags);
  expect(about).toEqual({ schema: 1, service: 'prod/api', account: '123456789012', region: 'us-east-1' });
  expect(ready).toBe(!findings.some(({ level }) => level === 'problem'));
  return findings.filter(({ level }) => level !== 'ok').map(({ level, subject }) => `${level} ${subject}`);
};

/** Deletes a proven image: by default the last one, to which a failed rollout goes back. */
async function loseProvenImage(imageDigest = sandbox.proven.at(-1)): Promise<void> {
  const { region, config } = sandbox.world;
  await operate(region, 'ecr', 'BatchDeleteImage', { repositoryName: config.repository, imageIds: [{ imageDigest }] });
}

/** Somebody deploys that revision; answers once it runs alone. */
async function deployByHand(taskDefinition: string): Promise<void> {
  const { region, config } = sandbox.world;
  const { cluster, serviceName: service } = config;
  await operate(region, 'ecs', 'UpdateService', { cluster, service, taskDefinition });
  await sandbox.pass(300);
}

/** Somebody has a queue hear of outcomes. */
async function subscribeInbox({ world: { region, cell } }: Sandbox): Promise<void> {
  const Endpoint = `arn:aws:sqs:${region.region}:${region.account}:inbox`;
  await operate(region, 'sns', 'Subscribe', { TopicArn: cell.outputs['TopicArn'], Protocol: 'sqs', Endpoint });
}

describe('the doctor', () => {
  it('finds a service that was deployed by hand ready, and says what could be better', async () => {
    await open(0);
    const { code, out } = await sandbox.rollouts(['doctor']);
    expect(code).toBe(0);
    expect(out).toMatch(/^prod\/api in us-east-1, account 123456789012\n\n/);
    expect(out).toMatch(/^warning +circuit breaker: Off/m);
    expect(out).toMatch(/^warning +image: The container api names its image by tag/m);
    expect(out).toMatch(/^warning +health check: /m);
    expect(out).toMatch(/^ok +release: The cell runs this checkout's code/m);
    expect(out).toMatch(/\nReady, with 5 warnings\.\n$/);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    for (const canary of Object.values(CANARIES)) expect(out).not.toContain(canary);
    // No rollout has proven what runs, so its tasks are looked at.
    const { calls } = sandbox.world.region;
    const asked = calls.flatMap(({ caller, permissions }) => (caller?.kind === 'operator' ? permissions : []));
    expect(asked.map(({ action }) => action)).toEqual(expect.arrayContaining(['ecs:ListTasks', 'ecs:DescribeTasks']));
  });

  it('has nothing to say of the image once a rollout has pinned and proven it', async () => {
    await open(1);
    expect(await examined()).toEqual(['warning circuit breaker', 'warning health check', 'warning notifications']);
  });

  it('says who is told of outcomes, and who has yet to confirm that', async () => {
    await open(0, { notify: { emails: ['ops@example.com'] } });
    const doctor = async (): Promise<string> => (await sandbox.rollouts(['doctor'])).out.replace(/\n +/g, ' ');
    expect(await doctor()).toMatch(
      /^warning +notifications: Nobody is told of outcomes and alarms yet: ops@example\.com \(email\) has not confirmed/m,
    );
    await subscribeInbox(sandbox);
    expect(await doctor()).toMatch(
      /^warning +notifications: ops@example\.com \(email\) has not confirmed the subscription, and/m,
    );
  });

  it('says that nobody has authorized the Slack workspace that is to be told, and that someone has', async () => {
    const slack = { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' };
    await open(0, { notify: { slack } });
    const doctor = async (): Promise<string> => (await sandbox.rollouts(['doctor'])).out.replace(/\n +/g, ' ');
    expect(await doctor()).toMatch(/^ok +Slack: The workspace T0123ABCD is authorized for the account\.$/m);
    const { region } = sandbox.world;
    const { workspaces } = region.chatbot.state as ChatbotState;
    workspaces.delete('T0123ABCD');
    workspaces.set('T9', 'Others');
    expect(await doctor()).toMatch(
      /^warning +Slack: Nobody has authorized the workspace T0123ABCD for the account, .*; authorized: T9\. → choose "Configure/m,
    );
    const asked = region.calls.flatMap(({ caller, permissions }) => (caller?.kind === 'operator' ? permissions : []));
    expect(asked).toContainEqual({ action: 'chatbot:DescribeSlackWorkspaces', resource: '*' });
  });

  it('sees that the topic is gone', async () => {
    await open(0);
    const { region, cell } = sandbox.world;
    (region.sns.state as SnsState).topics.delete(cell.outputs['TopicArn']!);
    expect(await examined()).toContain('problem notifications');
    // The audit asks the topic what was told there.
    region.sns.admitTopic(cell.outputs['TopicArn']!);
  });

  it('sees that somebody else deployed since', async () => {
    await open(1);
    await deployByHand('api:1');
    expect(await examined()).toContain('warning drift');
  });

  it('says that a push waits while somebody else deploys', async () => {
    await open(1);
    const { cluster, serviceName: service } = sandbox.world.config;
    const change = { cluster, service, forceNewDeployment: true };
    await operate(sandbox.world.region, 'ecs', 'UpdateService', change);
    await sandbox.pass(5);
    expect((await sandbox.rollouts(['doctor'])).out).toMatch(/^ok +deployment: ECS is replacing tasks: a push waits/m);
    await sandbox.pass(300);
    expect((await sandbox.rollouts(['doctor'])).out).not.toMatch(/^ok +deployment:/m);
  });

  it('sees a proven image that is gone, and then is not ready', async () => {
    await open(2);
    await loseProvenImage();
    const { code, out } = await sandbox.rollouts(['doctor']);
    expect(code).toBe(1);
    // A push is rejected for it, though the tag policy selects nothing now.
    expect(out.replace(/\n +/g, ' ')).toMatch(
      /^problem +rollback image: The rollback target could not be put back, because ECR has no image sha256:[0-9a-f]{12} any more/m,
    );
    expect(out).toMatch(/\nNot ready: 1 problem\.\n$/);
  });

  it('judges what a failed rollout goes back to as the rollout does: what runs, not what was proven last', async () => {
    await open(2);
    await deployByHand('api:3');
    await loseProvenImage();
    sandbox.world.region.events.setDelivery(() => 'never');
    await sandbox.world.push({ behaviour: 'crash' });
    const { code, out } = await sandbox.rollouts(['doctor']);
    expect(out.match(/^problem.*$/gm)).toBeNull();
    expect(code).toBe(0);
    const target = sandbox.proven[0]!.slice(7, 19);
    expect(out.replace(/\n +/g, ' ')).toMatch(
      new RegExp(`^ok +rollback image: api:3 with sha256:${target}, which a failed rollout goes back to, can be`, 'm'),
    );
    // The newest proven image that does not run.
    expect(out.replace(/\n +/g, ' ')).toMatch(
      /^warning +rollback image: .* which rollouts rollback goes back to, is gone/m,
    );
    const { rollout } = await sandbox.json<{ readonly rollout: { readonly outcome: string } }>('start');
    expect(rollout.outcome).toBe('ROLLED_BACK');
    const { running } = await sandbox.json<{ readonly running: { readonly digest: string } }>('status');
    expect(running.digest).toBe(sandbox.proven[0]);
  });

  it('sees that the rule for pushes is disabled', async () => {
    await open(0);
    await operate(sandbox.world.region, 'events', 'DisableRule', { Name: 'rollouts-api-push' });
    expect(await examined()).toContain('problem push rule');
  });

  it('goes on where it may not look, and says so', async () => {
    await open(2);
    await loseProvenImage(sandbox.proven[0]);
    sandbox.world.excuse(
      'permission',
      /^\S*AcceptIntent\S* was refused/,
      'doctor runs as a role that may hardly look at anything',
    );
    const { iam } = sandbox.world.region;
    const roleArn = iam.roles.find((arn) => arn.includes('AcceptIntent'))!;
    const key = iam.issueAccessKey({ kind: 'role', roleArn, sessionName: 'tired' });
    const { code, out } = await sandbox.rollouts(['doctor'], {
      AWS_ACCESS_KEY_ID: key,
      AWS_SECRET_ACCESS_KEY: 'x',
    });
    expect(out).toMatch(/^unknown +task definition: Could not look:/m);
    expect(out).toMatch(/^unknown +push rule: Could not look/m);
    expect(out).toMatch(/^unknown +next image: Could not look/m);
    expect(out).toMatch(/^warning +rollback image: /m);
    expect(out).toMatch(/\nNo problem seen, but 7 things could not be looked at\.\n$/);
    expect(code).toBe(0);
  });

  it('refuses a Terraform folder that is not there', async () => {
    await open(0);
    const { code, err } = await sandbox.rollouts(['doctor', '--terraform', '/nowhere']);
    expect([code, err]).toEqual([2, 'rollouts: --terraform /nowhere: there is no such folder\n']);
  });
});

it('says that nobody answers, once and not for each thing that it looked at', async () => {
  await open(0);
  const elsewhere = await sandbox.rollouts(['doctor'], {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  });
  expect(elsewhere).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^rollouts: http:\/\/127.0.0.1:1 does not answer/),
  });
});

it('answers what its schema says, from which its documentation is made', async () => {
  await open(1);
  const document = await sandbox.json<Report>('doctor');
  expect(doctor.document.schema.parse(document)).toEqual(document);
});

describe('the doctor before the first deployment', () => {
  /** What it says of a configured service that is not in the account. */
  async function undeployed(changes: object): Promise<{ readonly code: number; readonly text: string }> {
    await open(0);
    const { code, out } = await sandbox.rollouts(['doctor', '--config', configured({ service: 'web', ...changes })]);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    return { code, text: out.replace(/\n +/g, ' ') };
  }

  it('says "deploy", and what that creates, instead of a problem for each thing that is not there yet', async () => {
    const { code, text } = await undeployed({ ...PROVISIONED, repository: 'team/web', provision: { port: 8000 } });
    expect(code).toBe(1);
    expect(text.match(/^problem.*$/gm)).toEqual([
      "problem     cell: Not deployed yet. The first deployment creates the cell, which follows pushes, the repository team/web, the push role rollouts-web-push, GitHub's identity provider for the account and the service prod/web. Once per account and Region: npx cdk bootstrap. → npx cdk deploy --all",
    ]);
    expect(text.trimEnd().split('\n').at(-1)).toBe('Not deployed yet: npx cdk deploy --all');
  });

  it('still names what no deployment creates: the service to adopt, and the parameters that the containers read', async () => {
    const adopting = await undeployed({ repository: 'team/web' });
    expect(adopting.text.match(/^problem +[\w ]+/gm)).toEqual([
      'problem     cell',
      'problem     service',
      'problem     repository',
    ]);
    expect(adopting.text).toContain('The first deployment creates the cell, which follows pushes.');
    expect(adopting.text).toMatch(/\nNot deployed yet, and 2 problems besides\.\n$/);
    const reading = await undeployed({ ...PROVISIONED, repository: 'team/web' });
    expect(reading.text).toContain('There is no SSM parameter /api/key');
    expect(reading.text).toMatch(/\nNot deployed yet, and 2 problems besides\.\n$/);
  });
});

const PROVISIONED = {
  registry: {},
  github: { repository: 'octo-org/api', environment: 'production' },
  provision: { port: 8000, desiredCount: 2, secrets: { KEY: { parameter: '/api/key' }, DB: { secret: 'api/db' } } },
};

/** A file that configures the sandbox's service otherwise than it was deployed. */
function configured(changes: object): string {
  const file = join(mkdtempSync(join(tmpdir(), 'rollouts-doctor-')), 'other.config.mjs');
  const names = { repository: 'team/api', container: 'api', cluster: 'prod', service: 'api' };
  const service = { ...names, tag: { exact: 'live' }, ...changes };
  writeFileSync(file, `export default { services: [${JSON.stringify(service)}] };`);
  return file;
}

describe('the doctor of a provisioned service', () => {
  const openProvisioned = (images: number): Promise<Sandbox> => open(images, PROVISIONED);

  it('says that it waits for its image before the first push, and has nothing to mend then or after it', async () => {
    const provisioned = await openProvisioned(0);
    await subscribeInbox(provisioned);
    const before = await provisioned.rollouts(['doctor']);
    expect([before.code, before.out.trimEnd().split('\n').at(-1)]).toEqual([0, 'Ready.']);
    expect(before.out).toMatch(/^ok +service: The service is ACTIVE and has no image yet/m);
    expect(before.out).toMatch(/^ok +image: The container api waits for its image\.$/m);
    await provisioned.world.push();
    await provisioned.pass(300);
    const { code, out } = await provisioned.rollouts(['doctor']);
    expect([code, out.trimEnd().split('\n').at(-1)]).toEqual([0, 'Ready.']);
    // In lines of their own, to be compared with what a workflow shows.
    expect(out).toMatch(/^ +repo:octo-org\/api:environment:production$/m);
    expect(out).toMatch(/^ +repo:octo-org@OWNER_ID\/api@REPOSITORY_ID:environment:production$/m);
  });

  it('needs the permissions that README lists, and no other', async () => {
    const provisioned = await openProvisioned(1);
    const before = provisioned.world.region.calls.length;
    await provisioned.rollouts(['doctor']);
    const calls = provisioned.world.region.calls.slice(before).filter(({ caller }) => caller?.kind === 'operator');
    const asked = new Set(calls.flatMap(({ permissions }) => permissions.map(({ action }) => action)));
    const listed = new Set([
      ...listedCalls('doctor'),
      ...listedPermissions((verbs) => verbs.startsWith('`--service`')),
    ]);
    // Only while somebody owns the service does it look at an execution, at tasks where no rollout proved what runs, and at the
    // rules of the pull through cache where the image of a sidecar is gone, and at Slack's workspaces where a channel is named.
    const seldom = [
      'states:DescribeExecution',
      'ecs:ListTasks',
      'ecs:DescribeTasks',
      'ecr:DescribePullThroughCacheRules',
      'chatbot:DescribeSlackWorkspaces',
    ];
    for (const action of seldom) listed.delete(action);
    expect(asked).toEqual(listed);
    // Nobody needs a value to know that it is there.
    expect([...asked].filter((action) => /GetSecretValue|GetParameters$/.test(action))).toEqual([]);
  });

  it('names each secret that is missing, and what creates it, so that a first push need not fail', async () => {
    const provisioned = await openProvisioned(1);
    const { region } = provisioned.world;
    await operate(region, 'ssm', 'DeleteParameter', { Name: '/api/key' });
    const secrets = { KEY: { parameter: '/api/key' }, DB: { secret: 'api/db' }, OTHER: { secret: 'api/nothing' } };
    const config = configured({ ...PROVISIONED, provision: { port: 8000, desiredCount: 2, secrets } });
    const { code, out } = await provisioned.rollouts(['doctor', '--config', config]);
    expect(code).toBe(1);
    expect(out.match(/^problem.*$/gm)).toEqual([
      'problem     secrets: There is no SSM parameter /api/key, from which the',
      'problem     secrets: There is no secret api/nothing, from which the containers',
    ]);
    const joined = out.replace(/\n +/g, ' ');
    expect(joined).toContain('→ aws ssm put-parameter --type SecureString --name /api/key --value …');
    expect(joined).toContain('→ aws secretsmanager create-secret --name api/nothing --secret-string …');
  });

  it('finds a parameter among more than one page of them', async () => {
    const provisioned = await openProvisioned(1);
    const { ssm } = provisioned.world.region;
    for (let count = 0; count < 60; count++) ssm.admitParameter(`/other/${count}`);
    ssm.admitParameter('/api/key');
    const { out } = await provisioned.rollouts(['doctor']);
    expect(out).toMatch(/^ok +secrets: The SSM parameter that the containers read exists/m);
  });

  it('says which secrets it may not look at', async () => {
    const provisioned = await openProvisioned(1);
    provisioned.world.excuse(
      'permission',
      /^\S*AcceptIntent\S* was refused/,
      'doctor runs as a role that may hardly look at anything',
    );
    const { iam } = provisioned.world.region;
    const roleArn = iam.roles.find((arn) => arn.includes('AcceptIntent'))!;
    const key = iam.issueAccessKey({ kind: 'role', roleArn, sessionName: 'tired' });
    const { out } = await provisioned.rollouts(['doctor'], { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: 'x' });
    expect(out.match(/^unknown +secrets: Could not look:/gm)).toHaveLength(2);
  });
});
