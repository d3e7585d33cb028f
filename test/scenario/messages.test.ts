import { expect, it } from 'vitest';
import type { HistoryEntry, RolloutRecord } from '../../functions/rollout/ledger.ts';
import type { CellMessage } from '../../rehearsal/cell/cell-messages.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { roleArnOf } from '../../rehearsal/faults/handler-roles.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, openAuditedTogether, setting } from './setting.ts';

const EMAIL = 'ops@example.com';
const HOOK = 'https://global.sns-api.chatbot.amazonaws.com/';
const open = setting({ notify: { emails: [EMAIL] } });

/** A bad push to a service whose topic has a reader of each kind; what is said of it. */
async function badPush() {
  const world = await open();
  await proveAnImage(world);
  const queueArn = await subscribeAll(world);
  const told = listen(world);
  const digest = await world.push({ behaviour: 'crash', afterSeconds: 5 });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
  await world.untilIdle();
  const record = (await world.history()).at(-1)! as RolloutRecord;
  const [message] = told.filter(({ subject }) => subject === 'ROLLED_BACK: prod/api');
  const bodies = Object.fromEntries(message!.deliveries.map(({ protocol, body }) => [protocol, body]));
  return { world, queueArn, digest, record, message: message!, bodies };
}

function listen(world: World): CellMessage[] {
  const told: CellMessage[] = [];
  world.onMessage((message) => told.push(message));
  return told;
}

/** What e-mails said since then, alarms included: none may repeat what a message tells. */
function emailsOf(told: readonly CellMessage[]): readonly (readonly [subject: string, lead: string])[] {
  return told.flatMap(({ subject = '', deliveries }) =>
    deliveries
      .filter(({ protocol }) => protocol === 'email')
      .map(({ body }) => [subject, body.split('\n')[0]!] as const),
  );
}

async function subscribeAll({ region, cell }: World): Promise<string> {
  const queueArn = `arn:aws:sqs:us-east-1:${region.account}:inbox`;
  await region.resources['AWS::SQS::Queue']!('Inbox', { QueueName: 'inbox' }, 'readers');
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: queueArn };
  await region.resources['AWS::SQS::QueuePolicy']!(
    'Open',
    {
      Queues: [`https://sqs.us-east-1.amazonaws.com/${region.account}/inbox`],
      PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    },
    'readers',
  );
  const TopicArn = cell.outputs['TopicArn'];
  const Attributes = { RawMessageDelivery: 'true' };
  await operate(region, 'sns', 'Subscribe', { TopicArn, Protocol: 'https', Endpoint: HOOK, Attributes });
  await operate(region, 'sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: queueArn, Attributes });
  return queueArn;
}

it('tells a bad push to people by e-mail, to chat by its schema, and to queues as the record', async () => {
  const { world, queueArn, digest, record, message, bodies } = await badPush();
  const [proven] = (
    (await world.ledgerState()) as unknown as { verified: { taskDefinition: string; digest: string }[] }
  ).verified;
  const short = (of: string): string => of.slice(0, 19);
  const revision = proven!.taskDefinition.split('/')[1]!;

  const lines = bodies['email']!.split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe(
    `The rollout of live (${short(digest)}) to prod/api was rolled back; ${revision} (${short(proven!.digest)}) runs again.`,
  );
  expect(lines[2]).toMatch(/^Why: .*exited with code 1/);
  expect(lines[3]).toMatch(/^Evidence: container api, exit code 1, EssentialContainerExited: .*; task \w+ of /);
  expect(lines[4]).toContain(`ended ${new Date(record.endedAt).toISOString()}`);
  expect(lines[5]).toBe(`Next: npx rollouts history --rollout ${record.rolloutId} --service prod/api`);
  expect(lines[6]).toContain(record.executionArn);
  expect(bodies['email']).not.toMatch(/\b\d{13}\b/);

  expect(JSON.parse(bodies['https']!)).toMatchObject({
    version: '1.0',
    source: 'custom',
    content: { textType: 'client-markdown' },
    metadata: { threadId: record.rolloutId, summary: lines[0] },
  });

  // The history's key is none of the record, nor is how the rollout went.
  const { entry: _entry, course: _course, ...stored } = record as HistoryEntry & { readonly entry: string };
  expect(JSON.parse(bodies['sqs']!)).toEqual(stored);
  const queued = world.region.sqs.messagesOf(queueArn).map(({ body }) => body);
  expect(queued).toContain(bodies['sqs']);
  expect(message.message).toBe(bodies['sqs']);
});

it('sends one e-mail about a rollout that was stopped on purpose, which says so and what runs again', async () => {
  const world = await open({ hasTicks: true });
  await proveAnImage(world);
  const told = listen(world);
  await world.push();
  await world.advance(20);
  const { executionArn } = world.rollouts().at(-1)!;
  await operate(world.region, 'states', 'StopExecution', { executionArn, cause: 'rollouts abort: wrong one' });
  await world.advance(600);
  await world.untilIdle();
  expect(
    (await world.history())
      .slice(-2)
      .map(({ outcome }) => outcome)
      .sort(),
  ).toEqual(['ABORTED', 'ROLLED_BACK']);
  expect(emailsOf(told)).toEqual([
    ['ABORTED: prod/api', expect.stringMatching(/was stopped on purpose; \S+:\d+ \(sha256:\w{12}\) runs again\.$/)],
  ]);
  const [email] = told
    .flatMap(({ deliveries }) => deliveries.map(({ body }) => body))
    .filter((body) => /^Why:/m.test(body));
  expect(email).toMatch(
    /^Why: A person stopped it \(rollouts abort: wrong one\); .*After the rollback: 2 of 2 tasks /m,
  );
});

it('tells whoever follows a topic that two services share, of each its own', async () => {
  const topicArn = 'arn:aws:sns:us-east-1:123456789012:deployments';
  const web = {
    repository: 'team/web',
    container: 'web',
    cluster: 'prod',
    tag: { exact: 'live' },
    notify: { topicArn },
  };
  const worlds = await openAuditedTogether({ assembly: await assemblyOf({ notify: { topicArn } }, [web]) });
  for (const world of worlds) {
    await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    await world.untilIdle();
  }
  const told = worlds[0]!.region.sns.messagesOf(topicArn).map(({ subject }) => subject);
  expect(told).toEqual(['SUCCEEDED: prod/api', 'SUCCEEDED: prod/web']);
});

it('tells a Slack channel what becomes of every service that names it, by the schema that Slack is told in', async () => {
  const slack = { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' };
  const topicArn = 'arn:aws:sns:us-east-1:123456789012:deployments';
  const web = {
    repository: 'team/web',
    container: 'web',
    cluster: 'prod',
    tag: { exact: 'live' },
    notify: { slack, topicArn },
  };
  const worlds = await openAuditedTogether({ assembly: await assemblyOf({ notify: { slack } }, [web]) });
  const { region } = worlds[0]!;
  const texts: string[] = [];
  region.sns.onPublished((_topic, _message, deliveries) => {
    for (const { protocol, body } of deliveries)
      if (protocol === 'https') texts.push((JSON.parse(body) as { Message: string }).Message);
  });
  for (const world of worlds) {
    await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    await world.untilIdle();
  }
  expect(region.chatbot.channels().map(({ channelId, topicArns }) => [channelId, topicArns])).toEqual([
    ['C0123ABCD', [worlds[0]!.cell.outputs['TopicArn'], topicArn]],
  ]);
  expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual(
    ['prod/api', 'prod/web'].map((service) =>
      expect.objectContaining({
        version: '1.0',
        source: 'custom',
        content: expect.objectContaining({ title: expect.stringContaining(service) }),
      }),
    ),
  );
});

/** What the cell puts on the bus from now on. */
function hear({ region }: World) {
  const heard: { readonly source: string; readonly resources: readonly string[]; readonly detail: Detail }[] = [];
  region.events.onEvent((event) => event['detail-type'] === 'Rollout State Change' && heard.push(event));
  return heard;
}

type Detail = Readonly<Record<string, unknown>>;

it('puts every start and every end on the bus, where a rule of anybody can choose by its detail', async () => {
  const world = await open();
  await proveAnImage(world);
  const heard = hear(world);
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  const isWatched = (): boolean => world.rollouts().at(-1)?.path.at(-1) === 'AwaitSteadyState';
  await world.region.kernel.runUntil(isWatched, 'the watch', 600_000);
  await world.advance(2);
  expect(heard.map(({ detail }) => detail['state'])).toEqual(['STARTED']);
  await world.untilRolloutEnds();
  await world.start({ image: { tag: 'nowhere' } });
  await world.untilIdle();
  const [rolledBack, rejected] = (await world.history()).slice(-2);
  const { executionArn } = rolledBack!;
  const { account, region } = world.region;
  expect(heard).toMatchObject([
    {
      detail: {
        rolloutId: rolledBack!.rolloutId,
        state: 'STARTED',
        outcome: null,
        image: rolledBack!.image && { digest: rolledBack!.image.digest },
        taskDefinition: rolledBack!.taskDefinition,
        deploymentId: rolledBack!.deploymentId,
      },
    },
    {
      source: 'fargate-rollouts',
      resources: [executionArn, `arn:aws:ecs:${region}:${account}:service/prod/api`],
      detail: {
        rolloutId: rolledBack!.rolloutId,
        state: 'ENDED',
        outcome: 'ROLLED_BACK',
        runs: { kind: 'revision' },
        failedTasks: [{ exitCode: 1 }],
      },
    },
    { detail: { rolloutId: rejected!.rolloutId, outcome: 'REJECTED', trigger: 'person', runs: { kind: 'unchanged' } } },
  ]);
});

it('sends one e-mail about a bad push, and one about a good one', async () => {
  const world = await open({ hasTicks: true });
  await proveAnImage(world);
  const told = listen(world);
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
  await world.advance(1800);
  await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  await world.untilIdle();
  expect(emailsOf(told).map(([subject]) => subject)).toEqual(['ROLLED_BACK: prod/api', 'SUCCEEDED: prod/api']);
});

/** What readers of e-mails were told since, and whether someone is needed, after a bad push and seven hours. */
async function afterABadPush(world: World) {
  await proveAnImage(world);
  const told = listen(world);
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  await world.advance(7 * 3600);
  const outcomes = world.rollouts().map(({ outcome, error }) => outcome ?? error);
  return { subjects: emailsOf(told).map(([subject]) => subject), outcomes };
}

it('a bus that refuses our events rings no alarm, fails no execution and leaves nobody untold', async () => {
  const world = await open({ hasTicks: true });
  world.removePermission({ role: 'Conclude', action: 'events:PutEvents' });
  world.excuse('event', /No event tells of rollout/, 'the bus takes none for as long as records wait');
  const { subjects, outcomes } = await afterABadPush(world);
  expect(subjects).toEqual(['ROLLED_BACK: prod/api']);
  expect(new Set(outcomes)).toEqual(new Set(['ROLLED_BACK', 'HELD']));
  expect(await world.ledgerState()).toMatchObject({ outbox: [] });
});

it('the message waits for no bus that is silent', async () => {
  const world = await open({ hasTicks: true });
  world.region.faults.start({
    at: 'call',
    match: { service: 'events', operation: 'PutEvents' },
    does: { kind: 'lost', connection: 'silent', isApplied: false },
    when: { lastsSeconds: 3 * 3600 },
  });
  const { subjects, outcomes } = await afterABadPush(world);
  expect(subjects).toEqual(['ROLLED_BACK: prod/api']);
  expect(new Set(outcomes)).toEqual(new Set(['ROLLED_BACK', 'HELD']));
});

it('people hear of a proven image whose name nobody may write down', async () => {
  const world = await open({ hasTicks: true });
  await proveAnImage(world);
  world.removePermission({ role: 'Conclude', action: 'ssm:PutParameter' });
  const told = listen(world);
  world.excuse('outbox', /SUCCEEDED\) still waits/, 'its name is still to be written down');
  await world.push();
  await world.advance(1800);
  const subjects = emailsOf(told).map(([subject]) => subject);
  expect(subjects.filter((subject) => subject.startsWith('SUCCEEDED'))).toEqual(['SUCCEEDED: prod/api']);
});

it('tells of a start, where that is wished, in the thread of the end', async () => {
  const world = await setting({ notify: { emails: [EMAIL], started: true } })();
  await proveAnImage(world);
  await subscribeAll(world);
  const told = listen(world);
  await world.push();
  const isWatched = (): boolean => world.rollouts().at(-1)?.path.at(-1) === 'AwaitSteadyState';
  await world.region.kernel.runUntil(isWatched, 'the watch', 600_000);
  await world.advance(2);
  expect(emailsOf(told)).toEqual([
    ['STARTED: prod/api', expect.stringMatching(/^prod\/api is rolling out live \(sha256:\w+\) as \S+; if it fails, /)],
  ]);
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  // Of what never takes the service only the end is told.
  await world.start({ image: { tag: 'nowhere' } });
  await world.untilIdle();
  const subjects = told.map(({ subject }) => subject);
  expect(subjects).toEqual(['STARTED: prod/api', 'SUCCEEDED: prod/api', 'REJECTED: prod/api']);
  const threads = told.slice(0, 2).map(({ deliveries }) => {
    const { body } = deliveries.find(({ protocol }) => protocol === 'https')!;
    return (JSON.parse(body) as { readonly metadata: { readonly threadId: string } }).metadata.threadId;
  });
  expect(new Set(threads).size).toBe(1);
});

it.each([
  ['bus', { service: 'events', operation: 'PutEvents' }],
  ['topic', { service: 'sns', operation: 'Publish' }],
])('a %s that does not answer holds no rollout up, and its start is told before its end', async (_which, called) => {
  const played = async (isDown: boolean) => {
    const world = await setting({ notify: { started: true } })();
    await proveAnImage(world);
    const heard = hear(world);
    const match = { ...called, roleArn: roleArnOf([world.cell], 'WatchRollout') };
    const does = { kind: 'lost', connection: 'silent', isApplied: false } as const;
    const rule = isDown ? world.region.faults.start({ at: 'call', match, does }) : undefined;
    await world.push();
    const { path, outcome, virtualSeconds: seconds } = await world.untilRolloutEnds();
    if (rule) expect(rule.acted).toBeGreaterThan(0);
    await world.untilIdle();
    return { path, outcome, seconds, told: heard.map(({ detail }) => detail['state']) };
  };
  const { seconds, ...calm } = await played(false);
  const { seconds: disturbed, ...trouble } = await played(true);
  expect(calm).toMatchObject({ outcome: 'SUCCEEDED', told: ['STARTED', 'ENDED'] });
  expect(trouble).toEqual(calm);
  // A second for each watch that begins, of which there are two.
  expect(disturbed - seconds).toBeLessThan(3);
});
