import { describe, expect, it } from 'vitest';
import type { RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { messageFor } from '../../../functions/rollout/message.ts';
import { nextCommand } from '../../../functions/rollout/next-command.ts';
import { EVERY_OUTCOME, type Outcome } from '../../../functions/rollout/outcomes.ts';
import { arnElsewhere, ELSEWHERE } from '../../elsewhere.ts';
import { digest, record, revision } from './given.ts';

const FAILED = record({
  outcome: 'ROLLED_BACK',
  reason: 'EssentialContainerExited',
  message: 'Essential container in task exited; container app exited with code 1.',
  trigger: 'push',
  taskDefinition: revision(2),
  runs: { kind: 'revision', taskDefinition: revision(1), digest: digest('a') },
  failedTasks: [
    {
      taskArn: arnElsewhere('ecs', 'task/default/0123'),
      taskDefinition: revision(2),
      container: 'app',
      exitCode: 1,
      stopCode: 'EssentialContainerExited',
      reason: 'Essential container in task exited',
    },
  ],
});

/** The same with what its failed container wrote. */
const saying = ({ failedTasks, ...of }: RolloutRecord, logLines?: readonly string[]): RolloutRecord => ({
  ...of,
  failedTasks: failedTasks?.map((task) => ({ ...task, logLines })),
});

const email = (of: RolloutRecord, logLines?: readonly string[]): string[] =>
  messageFor({ record: saying(of, logLines) }).bodies.email.split('\n');

interface Chat {
  readonly version: string;
  readonly source: string;
  readonly content: { readonly title: string; readonly description: string; readonly nextSteps: readonly string[] };
  readonly metadata: { readonly threadId: string; readonly summary: string };
}
const chat = (of: RolloutRecord, logLines?: readonly string[]): Chat =>
  JSON.parse(messageFor({ record: saying(of, logLines) }).bodies.https) as Chat;

describe('the e-mail', () => {
  it('is ten lines that lead with one sentence, then why, evidence, times, the next command and links', () => {
    const home = 'https://us-gov-east-1.console.amazonaws-us-gov.com';
    const where = `?region=${ELSEWHERE.region}`;
    expect(email(FAILED)).toEqual([
      'The rollout of build-b (sha256:bbbbbbbbbbbb) to default/web was rolled back; web:1 (sha256:aaaaaaaaaaaa) runs again.',
      '',
      'Why: Essential container in task exited; container app exited with code 1. (EssentialContainerExited)',
      'Evidence: container app, exit code 1, EssentialContainerExited: Essential container in task exited; task 0123 of web:2',
      'When: started 2026-01-02T03:03:05.000Z by a push, ended 2026-01-02T03:04:05.000Z',
      'Next: npx rollouts history --rollout r1 --service default/web',
      `Execution: ${home}/states/home${where}#/v2/executions/details/${FAILED.executionArn}`,
      `Service: ${home}/ecs/v2/clusters/default/services/web/health${where}`,
      `Task: ${home}/ecs/v2/clusters/default/tasks/0123/configuration${where}`,
      `Log: ${home}/ecs/v2/clusters/default/tasks/0123/logs${where}`,
    ]);
  });

  it('shows the log lines that it is given, each in its own line and with nothing that steers a terminal', () => {
    expect(email(FAILED, ['starting', '\u001b[2Jno \u202Edatabase']).slice(4, 6)).toEqual([
      '  | starting',
      '  | [2Jno  database',
    ]);
  });

  it('stays one line each, whatever is said', () => {
    const hostile = record({ outcome: 'REJECTED', message: 'one\ntwo\u2028three', runs: { kind: 'unchanged' } });
    expect(email(hostile)[2]).toBe('Why: one two three (EvidenceComplete)');
  });

  const person: Partial<RolloutRecord> = { request: { tag: 'build-b' }, trigger: 'person' };
  it.each<[Outcome, Partial<RolloutRecord>, lead: string, next: string]>([
    ['SUCCEEDED', {}, 'default/web now runs build-b (sha256:bbbbbbbbbbbb), and every task is healthy.', 'status'],
    [
      'SUCCEEDED',
      { request: { rollback: true } },
      'default/web is back on build-b (sha256:bbbbbbbbbbbb), and every task is healthy.',
      'status',
    ],
    ['STAGED', {}, /set to run no tasks: nothing runs/.source, 'status'],
    [
      'HELD',
      { reason: 'Pinned' },
      'build-b (sha256:bbbbbbbbbbbb) is on hold: default/web was not changed and runs what it ran before.',
      'status',
    ],
    ['HELD', { reason: 'OlderThanSeen' }, 'is on hold', 'status'],
    ['HELD', { reason: 'Quarantined' }, 'is on hold', 'history --rollout r1'],
    ['REJECTED', { reason: 'ImageNotFound', image: undefined }, 'was rejected', 'history --rollout r1'],
    [
      'REJECTED',
      { image: undefined },
      'The rollout to default/web was rejected: default/web was not changed',
      'doctor',
    ],
    [
      'ROLLED_BACK_BY_ECS',
      {},
      'was rolled back by ECS. See what runs now: npx rollouts status --service default/web',
      'history --rollout r1',
    ],
    [
      'ABORTED',
      { ...person, reason: 'StoppedByPerson', runs: { kind: 'unchanged' } },
      'was stopped on purpose: default/web was not changed and runs what it ran before.',
      'status',
    ],
    ['ABORTED', { reason: 'ExecutionEnded' }, 'died before its end', 'status'],
    [
      'ABORTED_EXTERNAL',
      {},
      'their change was left alone. See what runs now: npx rollouts status --service default/web',
      'status',
    ],
    [
      'FAILED_NO_ROLLBACK_TARGET',
      { runs: { kind: 'nothing' } },
      'failed with nothing proven to go back to: the service was taken back to zero tasks.',
      'history --rollout r1',
    ],
    [
      'FAILED_NO_ROLLBACK_TARGET',
      { runs: { kind: 'revision', taskDefinition: revision(2) } },
      'failed with nothing proven to go back to; web:2 is still on the service.',
      'history --rollout r1',
    ],
    [
      'FAILED_ROLLBACK',
      { runs: { kind: 'revision', taskDefinition: revision(1), digest: digest('a') } },
      'and so did its rollback; web:1 (sha256:aaaaaaaaaaaa) is on the service. Someone must look.',
      'doctor',
    ],
    [
      'FAILED_ROLLBACK',
      { runs: { kind: 'unchanged' } },
      'and so did its rollback: default/web was not changed and runs what it ran before. Someone must look.',
      'doctor',
    ],
    [
      'FAILED_ROLLBACK',
      { runs: { kind: 'nothing' } },
      'and so did its rollback: the service was taken back to zero tasks. Someone must look.',
      'doctor',
    ],
    ['FAILED_ROLLBACK', {}, 'and so did its rollback: nobody knows what runs now, so someone must look.', 'doctor'],
  ])('of %s with %j says what happened, what runs now, and what to type', (outcome, changes, lead, next) => {
    const lines = email(record({ outcome, ...changes }));
    expect(lines[0]).toContain(lead);
    expect(lines).toContain(`Next: npx rollouts ${next} --service default/web`);
  });

  const reasons = [
    'Pinned',
    'Quarantined',
    'OlderThanSeen',
    'ImageNotFound',
    'StoppedByPerson',
    'ExecutionEnded',
    'Why',
  ];
  it.each(EVERY_OUTCOME)('of %s names a command that only reads, whatever the reason', (outcome) => {
    const commands = reasons.map((reason) => nextCommand(record({ outcome, reason })));
    const acting = commands.filter((command) => !/^npx rollouts (?:status|doctor|history) /.test(command));
    expect(acting).toEqual([]);
  });

  it('quotes the name of an execution that a shell would not take for one word', () => {
    const odd = { ...FAILED, rolloutId: "it's (me)" };
    expect(email(odd)).toContain(String.raw`Next: npx rollouts history --rollout 'it'\''s (me)' --service default/web`);
  });

  it.each([
    ['arn:aws:states:eu-west-1:1:execution:m:r', 'https://eu-west-1.console.aws.amazon.com/'],
    ['arn:aws-cn:states:cn-north-1:1:execution:m:r', 'https://cn-north-1.console.amazonaws.cn/'],
  ])('of %s links into the console of its partition', (executionArn, home) => {
    const links = email({ ...FAILED, executionArn }).slice(-4);
    expect(links.every((line) => line.includes(`: ${home}`))).toBe(true);
  });

  it('links to the pages of the service where no task decided', () => {
    const links = email(record({ outcome: 'REJECTED' })).slice(-2);
    expect(links).toEqual([
      expect.stringMatching(/^Task: .*\/services\/web\/tasks\?/),
      expect.stringMatching(/^Log: .*\/services\/web\/logs\?/),
    ]);
  });
});

describe('the chat notification', () => {
  it('has the schema that a channel takes, and the rollout as its thread', () => {
    expect(chat(FAILED)).toEqual({
      version: '1.0',
      source: 'custom',
      id: 'r1',
      content: {
        textType: 'client-markdown',
        title: 'ROLLED_BACK: default/web',
        description: expect.stringMatching(
          /^The rollout of .* runs again\.\n\*Why:\* .*\n\*Evidence:\* .*\n\*When:\* .*\n\*Execution:\* https:.*\n\*Service:\* https:.*\n\*Task:\* https:.*\n\*Log:\* https:.*$/,
        ) as string,
        nextSteps: ['Run `npx rollouts history --rollout r1 --service default/web`'],
        keywords: ['ROLLED_BACK', 'default/web'],
      },
      metadata: {
        threadId: 'r1',
        summary: email(FAILED)[0],
        eventType: 'Rollout State Change',
        relatedResources: [FAILED.executionArn, FAILED.taskDefinition],
        additionalContext: { rolloutId: 'r1', service: 'default/web', outcome: 'ROLLED_BACK' },
      },
    });
  });

  it.each([
    ['<!channel> & <@U1>', '&lt;!channel&gt; &amp; &lt;@\u200bU1&gt;'],
    ['@here and @Channel', '@\u200bhere and @\u200bChannel'],
    ['team/api@sha256:00', 'team/api@sha256:00'],
  ])('writes %j so that it calls nobody', (message, written) => {
    const { content } = chat({ ...FAILED, message });
    expect(content.description).toContain(`*Why:* ${written} (`);
    expect(chat(FAILED, [message]).content.description).toContain(`> ${written}\n`);
  });

  it.each([
    ['https://evil.example/x?a=b', 'https:\u200b//evil.\u200bexample/x?a=b'],
    ['www.evil.example or evil。example', 'www.\u200bevil.\u200bexample or evil。\u200bexample'],
    ['mailto:me@evil.example', 'mailto:me@evil.\u200bexample'],
    ['[a](https://evil.example) and ![a]: b', '[a]\u200b(https:\u200b//evil.\u200bexample) and ![a]\u200b: b'],
    ['*bold* ~gone~ `code` _slanted_', "∗bold∗ ∼gone∼ 'code' ˍslantedˍ"],
    ['**bold** __bold__ ```code```', "∗∗bold∗∗ ˍˍboldˍˍ '''code'''"],
    ['see #general, @jane :fire:', 'see #\u200bgeneral, @\u200bjane :\u200bfire:'],
    ['# heading', '\u200b# heading'],
    ['- item', '\u200b- item'],
    ['1. item', '\u200b1. item'],
  ])('writes %j so that nothing of it is a link or formatted', (said, written) => {
    expect(chat(FAILED, [said]).content.description).toContain(`> ${written}\n`);
  });

  it.each([
    '1.4.2-rc.1',
    'DATABASE_URL',
    'arn:aws:ecs:eu-west-1:1:task/prod/0b1f',
    '2026-01-02T03:04:05.000Z exit code 1.',
  ])('leaves %j as it is', (said) => {
    expect(chat(FAILED, [said]).content.description).toContain(`> ${said}\n`);
  });

  it('names the command as it is to be typed, whatever the execution is called', () => {
    const { nextSteps } = chat({ ...FAILED, rolloutId: 'web_1.next_' }).content;
    expect(nextSteps).toEqual(['Run `npx rollouts history --rollout web_1.next_ --service default/web`']);
    const long = chat({ ...FAILED, rolloutId: 'r'.repeat(5000) }).content;
    expect(long.nextSteps).toEqual(['Run `npx rollouts status --service default/web`']);
  });

  /** As long as ECS and Step Functions let names be, with as many of the characters that are written long. */
  const service = `${'c'.repeat(255)}/${'s'.repeat(255)}`;
  const executionArn = `${FAILED.executionArn.replace(/[^:]*$/, '')}${'('.repeat(80)}`;
  it.each(['x', '&', '<', '*', '@here ', 'a.b', '🙂'])(
    'fits into one block, with its links whole, full of %j',
    (sign) => {
      const long = sign.repeat(5000);
      const failedTasks = [{ ...FAILED.failedTasks![0]!, reason: long }];
      const of = { ...FAILED, service, executionArn, message: long, failedTasks };
      const { content, metadata } = chat(of, Array(20).fill(long) as string[]);
      expect(content.description.length).toBeLessThan(3000);
      expect(content.description.split('\n').slice(-4)).toEqual(
        email(of)
          .slice(-4)
          .map((line) => line.replace(/^(\w+:)/, '*$1*')),
      );
      expect(content.description).not.toMatch(/&(?!amp;|lt;|gt;)|[\ud800-\udbff](?![\udc00-\udfff])/);
      expect(content.title.length).toBeLessThanOrEqual(250);
      expect(metadata.summary.length).toBeLessThanOrEqual(250);
    },
  );

  it('leaves a link out rather than cut it', () => {
    const odd = { ...FAILED, executionArn: `${FAILED.executionArn}${'('.repeat(3000)}` };
    const names = chat(odd)
      .content.description.split('\n')
      .slice(-3)
      .map((line) => line.slice(0, line.indexOf(' ')));
    expect(names).toEqual(['*Service:*', '*Task:*', '*Log:*']);
  });
});

describe('the body for machines', () => {
  it.each(EVERY_OUTCOME)('of %s is the record, with times in milliseconds as ever', (outcome) => {
    const of = { ...FAILED, outcome };
    expect(messageFor({ record: of }).bodies.default).toBe(JSON.stringify(of, null, 2));
  });

  it('is shortened where the whole message would be more than SNS takes', () => {
    const { bodies } = messageFor({ record: { ...FAILED, message: '"\n'.repeat(200_000) } });
    expect(Buffer.byteLength(JSON.stringify(bodies))).toBeLessThan(262_144 - 2_000);
    expect(JSON.parse(bodies.default)).toMatchObject({ rolloutId: 'r1', outcome: 'ROLLED_BACK' });
  });
});

describe('the subject', () => {
  it('is ASCII and fewer than 100 characters, however long the names are', () => {
    const { subject } = messageFor({ record: { ...FAILED, service: `${'c'.repeat(255)}/${'s'.repeat(255)}` } });
    expect(subject).toMatch(/^ROLLED_BACK: c[\x20-\x7e]{85}$/);
  });
});
