import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { ImageOptions } from '../../rehearsal/pushed-image.ts';
import type { World } from '../../rehearsal/world.ts';
import { openSandbox, type Sandbox } from './verbs-setting.ts';

interface Answer {
  readonly word: string;
  readonly reason: string;
  readonly message: string;
}

interface Difference {
  readonly push: Answer;
  readonly start: Answer;
}

const BY_NEWEST: Partial<ServiceConfiguration> = { tag: { glob: '*' }, bakeTimeSeconds: 0 };

function sandboxOf(changes: Partial<ServiceConfiguration> = { bakeTimeSeconds: 0 }): Promise<Sandbox> {
  return openSandbox({}, changes);
}

/** Pushes an image whose event nobody gets: the flow's own answer to it is asked for later. */
async function pushUnseen({ world, pass }: Sandbox, image: ImageOptions = {}): Promise<object> {
  const { region, config } = world;
  region.events.setDelivery(() => 'never');
  const tag = image.tag ?? 'live';
  const digest = await world.push({ ...image, tag });
  const time = new Date(region.kernel.now).toISOString();
  await pass(5);
  region.events.setDelivery(() => 'once');
  const detail = {
    'action-type': 'PUSH',
    result: 'SUCCESS',
    'repository-name': config.repository,
    'image-digest': digest,
    'image-tag': tag,
  };
  return { source: 'aws.ecr', 'detail-type': 'ECR Image Action', time, detail };
}

async function prove({ world, pass }: Sandbox, image: ImageOptions = {}): Promise<string> {
  const digest = await world.push(image);
  await pass(300);
  expect((await world.ledgerState())!.verified[0]!.digest).toBe(digest);
  return digest;
}

/** What a handler of the flow answers when an execution is started with this input. */
async function flowAnswers({ world, pass }: Sandbox, input: object, handler = 'AcceptIntent'): Promise<Answer> {
  const executionArn = await world.start(input);
  await pass(15);
  return answerOf(world, executionArn, handler);
}

async function answerOf({ region }: World, executionArn: string, handler: string): Promise<Answer> {
  const { events = [] } = await operate<GetExecutionHistoryOutput>(region, 'states', 'GetExecutionHistory', {
    executionArn,
    maxResults: 1000,
    includeExecutionData: true,
  });
  const entered = events.findIndex(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === handler);
  const output = events.slice(entered).find(({ type }) => type === 'TaskSucceeded')?.taskSucceededEventDetails?.output;
  const { word, reason, message } = (JSON.parse(output!) as { Payload: Answer }).Payload;
  return { word, reason, message };
}

const foreseen = (sandbox: Sandbox, ...flags: string[]): Promise<Difference> => sandbox.json('diff', ...flags);

describe('what diff says is what the flow answers', () => {
  it('when the newest image is gone and the one before it is older than what was seen', async () => {
    const sandbox = await sandboxOf(BY_NEWEST);
    const older = await pushUnseen(sandbox, { tag: 'web-1' });
    const imageDigest = await prove(sandbox, { tag: 'web-2' });
    const { repository: repositoryName } = sandbox.world.config;
    await operate(sandbox.world.region, 'ecr', 'BatchDeleteImage', { repositoryName, imageIds: [{ imageDigest }] });
    const { push, start } = await foreseen(sandbox);
    expect(push).toMatchObject({ word: 'stale', reason: 'OlderThanSeen' });
    expect(start).toMatchObject({ word: 'rejected', reason: 'RollbackTargetImageMissing' });
    expect(await flowAnswers(sandbox, older)).toEqual(push);
    const refused = await flowAnswers(sandbox, {}, 'Preflight');
    expect(refused).toEqual({ ...start, word: 'reject' });
  });

  it('when the tasks of a revision that no rollout proved show the image already', async () => {
    const sandbox = await sandboxOf(BY_NEWEST);
    const { push, start } = await foreseen(sandbox, '--tag', 'by-hand');
    expect([push, start]).toEqual([
      expect.objectContaining({ word: 'nothing', reason: 'AlreadyRunning' }),
      expect.objectContaining({ word: 'nothing', reason: 'AlreadyRunning' }),
    ]);
    expect(await flowAnswers(sandbox, { image: { tag: 'by-hand' } })).toEqual(start);
  });

  it('when the tag policy does not select the tag, by which a person may name it all the same', async () => {
    const sandbox = await sandboxOf();
    const event = await pushUnseen(sandbox, { tag: 'feature' });
    const { push, start } = await foreseen(sandbox, '--tag', 'feature');
    expect(push).toMatchObject({ word: 'nothing', reason: 'TagNotSelected' });
    expect(await flowAnswers(sandbox, event)).toEqual(push);
    expect(await flowAnswers(sandbox, { image: { tag: 'feature' } })).toEqual(start);
  });

  it('when the person names another image than the one that a push of it would roll', async () => {
    const sandbox = await sandboxOf(BY_NEWEST);
    await prove(sandbox, { tag: 'web-0' });
    const event = await pushUnseen(sandbox, { tag: 'web-1' });
    await pushUnseen(sandbox, { tag: 'web-2', isIndex: true, platform: 'linux/arm64' });
    const { push, start } = await foreseen(sandbox, '--tag', 'web-1');
    expect(push).toMatchObject({ word: 'rejected', reason: 'WrongPlatform' });
    expect(start).toMatchObject({ word: 'roll' });
    expect(await flowAnswers(sandbox, event, 'Preflight')).toEqual({ ...push, word: 'reject' });
    expect(await flowAnswers(sandbox, { image: { tag: 'web-1' } })).toEqual(start);
    await sandbox.pass(300);
    const ended = (await sandbox.world.history()).map(({ outcome, image }) => `${image?.tag} ${outcome}`);
    expect(ended).toContain('web-1 SUCCEEDED');
  });

  it('when a person has pinned another image', async () => {
    const sandbox = await sandboxOf();
    const digest = await prove(sandbox);
    await prove(sandbox);
    await sandbox.world.start({ image: { digest } });
    await sandbox.pass(300);
    const event = await pushUnseen(sandbox);
    const { push, start } = await foreseen(sandbox);
    expect(push).toMatchObject({ word: 'held', reason: 'Pinned' });
    expect(await flowAnswers(sandbox, event)).toEqual(push);
    expect(await flowAnswers(sandbox, {})).toEqual(start);
  });

  it('when the image failed before', async () => {
    const sandbox = await sandboxOf();
    await prove(sandbox);
    await sandbox.world.push({ behaviour: 'crash' });
    await sandbox.pass(300);
    const { push, start } = await foreseen(sandbox);
    expect(push).toMatchObject({ word: 'held', reason: 'Quarantined' });
    expect(await flowAnswers(sandbox, { tick: true })).toEqual(push);
    expect(await flowAnswers(sandbox, {})).toEqual(start);
  });

  it('while another image is rolled', async () => {
    const sandbox = await sandboxOf();
    await sandbox.world.push({ tag: 'live' });
    await sandbox.pass(5);
    const event = await pushUnseen(sandbox);
    const { push, start } = await foreseen(sandbox);
    expect([push.word, start.word]).toEqual(['busy', 'busy']);
    expect(await flowAnswers(sandbox, event)).toEqual(push);
  });

  it('while somebody else deploys', async () => {
    const sandbox = await sandboxOf();
    await prove(sandbox);
    const { cluster, serviceName: service } = sandbox.world.config;
    const event = await pushUnseen(sandbox);
    await operate(sandbox.world.region, 'ecs', 'UpdateService', { cluster, service, forceNewDeployment: true });
    await sandbox.pass(2);
    const { push, start } = await foreseen(sandbox);
    expect(push).toMatchObject({ word: 'let-finish', reason: 'DeploymentUnderWay' });
    expect(start.word).toBe('roll');
    expect(await flowAnswers(sandbox, event)).toEqual(push);
  });

  it('when Preflight refuses, and then the doctor says it too', async () => {
    const sandbox = await sandboxOf();
    const event = await pushUnseen(sandbox, { isIndex: true, platform: 'linux/arm64' });
    const { push } = await foreseen(sandbox);
    expect(push).toMatchObject({ word: 'rejected', reason: 'WrongPlatform' });
    expect((await sandbox.rollouts(['diff'])).code).toBe(1);
    const { findings } = await sandbox.json<{ findings: { level: string; message: string; remedy: string }[] }>(
      'doctor',
    );
    const problems = findings.filter(({ level }) => level === 'problem');
    expect(problems.map(({ message, remedy }) => `${message.slice(0, -1)}: ${remedy}.`)).toEqual([push.message]);
    expect(await flowAnswers(sandbox, event, 'Preflight')).toEqual({ ...push, word: 'reject' });
  });
});
