import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../infra/temporary.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { CANARIES } from '../../rehearsal/surroundings.ts';
import { deleteAgent, deployBesideAgent } from './beside-agent.ts';
import { listedPermissions, openSandbox, shareSandbox, type Sandbox } from './verbs-setting.ts';

/** Of the test that runs. */
let sandbox: Sandbox;

/** Opens the test's own sandbox, in which so many images are proven. */
async function open(images: number, options: Parameters<typeof openSandbox>[0] = {}): Promise<Sandbox> {
  sandbox = await openSandbox(options, {}, images);
  printed = '';
  onTestFinished(() => {
    for (const canary of Object.values(CANARIES)) expect(printed).not.toContain(canary);
  });
  return sandbox;
}

interface Status {
  readonly running: { readonly digest: string | null; readonly taskDefinition: string; readonly proven: boolean };
  readonly rollout: { readonly rolloutId: string; readonly executionStatus: string; readonly phase: string } | null;
  readonly pending: { readonly rolloutId: string } | null;
  readonly pin: { readonly rolloutId: string } | null;
  readonly quarantine: readonly { readonly digest: string; readonly reason: string }[];
  readonly last: { readonly outcome: string } | null;
}

interface Told {
  readonly rollout: { readonly rolloutId: string; readonly outcome: string | null; readonly message: string };
  readonly timeline: readonly { readonly seconds: number; readonly kind: string; readonly text: string }[];
}

/** Everything that the test's command lines printed. */
let printed = '';

/** Verbs that tell what happens, in a pipe in whole lines. */
const TELLING = new Set(['watch', 'wait', 'start', 'rollback', 'release', 'abort']);

async function rollouts(...argv: string[]) {
  const ran = await sandbox.rollouts(argv);
  printed += ran.out + ran.err;
  const isFolded = !argv.includes('--json') && !TELLING.has(argv[0]!);
  // A command is there to be copied, whole.
  const lines = ran.out.split('\n').filter((line) => !/^ {12}aws logs /.test(line));
  for (const line of lines) if (isFolded) expect(line.length).toBeLessThanOrEqual(80);
  return ran;
}

/** As often as the state machine tries: time passes here while a command runs, and a retry would go on. */
const RETRIED = 6;

/** Starts an image that only a person selects, and does not wait; answers the rollout's id. */
async function startNext(): Promise<string> {
  await sandbox.world.push({ tag: 'next' });
  return (await sandbox.json<Told>('start', '--tag', 'next', '--no-wait')).rollout.rolloutId;
}

/** Starts the next image and has a handler die at one of its calls; answers once it is dead. */

async function startAndKill(handler: string, operation: string, phase: 'arrive' | 'answer', times = 1) {
  const kill = sandbox.world.killHandler({ function: handler, operation, phase, times });
  const rolloutId = await startNext();
  await sandbox.until(kill.hasHappened);
  return { kill, rolloutId };
}

/** Has a first image fail while nothing proven runs. */
async function needSomeone({ world, pass }: Sandbox): Promise<void> {
  const { cluster, serviceName: service } = world.config;
  await operate(world.region, 'ecs', 'UpdateService', {
    cluster,
    service,
    taskDefinition: 'api:1',
    forceNewDeployment: true,
  });
  const digest = await world.push({ tag: 'next', behaviour: 'crash', afterSeconds: 5 });
  await world.start({ image: { digest } });
  await pass(600);
}

const arnOf = (rolloutId: string): string =>
  `arn:aws:states:us-east-1:123456789012:execution:rollouts-api:${rolloutId}`;
const status = () => sandbox.json<Status>('status');

describe('an operator', () => {
  it('sees what runs before any rollout', async () => {
    await open(0);
    const { code, out, err } = await rollouts('status');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Service +prod\/api in us-east-1, account 123456789012$/m);
    expect(out).toMatch(/^Runs +api:1, image not pinned, not proven by a rollout\n +2 of 2 tasks running/m);
    expect(out).toMatch(/^Last +no rollout has ended yet$/m);
    expect(await rollouts('watch')).toEqual({ code: 0, out: 'No rollout runs, and none has ended yet.\n', err: '' });
    expect((await rollouts('history')).out).toBe('No rollout has ended yet.\n');
    // No rollout proved what runs, but its tasks show it.
    expect((await rollouts('diff', '--tag', 'by-hand')).out).toMatch(
      /^Would roll +nothing: by-hand \(\S+\) runs already$/m,
    );
  });

  it('watches a push to its end, in the order in which things happened', async () => {
    await open(0);
    await sandbox.world.push();
    await sandbox.pass(3);
    const { code, out } = await rollouts('watch');
    expect(code).toBe(0);
    expect(out).toMatch(/^Rollout [0-9a-f-]{36}$/m);
    expect(out.split('\n').flatMap((line) => / s {2}(?:state|ended) +(.*)/.exec(line)?.[1] ?? [])).toEqual(
      expect.arrayContaining(['AcceptIntent', 'RollService', 'AwaitSteadyState', 'Bake', 'Conclude', 'SUCCEEDED']),
    );
    expect(out).toMatch(/tasks +new :3 2 running, old :1 2 running[\s\S]*tasks +new :3 2 running$/m);
    const seconds = out.split('\n').flatMap((line) => /^ *([\d.]+) s /.exec(line)?.[1] ?? []);
    expect(seconds.map(Number)).toEqual(seconds.map(Number).sort((a, b) => a - b));
    expect(out).toContain('\n\n2 of 2 tasks run exactly the expected digest and are healthy.\n');
  });

  it('sees who owns the service while it is rolled, and what runs once it was', async () => {
    await open(1);
    const better = await sandbox.world.push();
    await sandbox.pass(3);
    const during = await rollouts('status');
    expect(during.out).toMatch(/^Rollout +rolling live \(sha256:[0-9a-f]{12}\): waits for the steady state\n/m);
    expect((await status()).rollout).toMatchObject({ executionStatus: 'RUNNING', phase: 'waiting' });
    await sandbox.pass(300);
    const after = await status();
    expect(after).toMatchObject({ rollout: null, running: { digest: better, proven: true } });
    expect(after.last?.outcome).toBe('SUCCEEDED');
  });

  it('sees a bad image fail, why, and that it is quarantined', async () => {
    await open(1);
    const bad = await sandbox.world.push({ behaviour: 'crash' });
    await sandbox.pass(3);
    const { code, out } = await rollouts('watch');
    expect(code).toBe(21);
    expect(out).toMatch(/decided AwaitSteadyState: failed \(EssentialContainerExited\)/);
    expect(out).toMatch(/ended +ROLLED_BACK$/m);
    expect((await rollouts('status')).out).toContain(`Quarantine  live (${bad.slice(0, 19)}) EssentialContainerExited`);
    expect((await status()).quarantine).toEqual([expect.objectContaining({ digest: bad })]);
    expect((await rollouts('diff')).out).toMatch(/^Would roll +nothing: live \(sha256:\w{12}\) is held: quarantined$/m);
    const { decision } = await sandbox.json<{ decision: object }>('diff', '--tag', 'live');
    expect(decision).toMatchObject({ word: 'roll', reason: 'PersonsChoice' });
  });

  it('starts what the tag selects: held, as it is quarantined', async () => {
    await open(1);
    await sandbox.world.push({ behaviour: 'crash' });
    await sandbox.pass(300);
    const { code, out } = await rollouts('start');
    expect(code).toBe(12);
    expect(out).toMatch(/^Rollout [0-9a-f-]{36} of prod\/api started\.$/m);
    expect(out).toMatch(/ended +HELD$/m);
  });

  it('starts an image by its first digits, which pins the service, and releases it', async () => {
    const good = (await open(2)).proven[0]!;
    const { rollout, timeline } = await sandbox.json<Told>('start', '--digest', good.slice(0, 16));
    expect(rollout.outcome).toBe('SUCCEEDED');
    expect(timeline.at(-1)).toMatchObject({ kind: 'ended', text: 'SUCCEEDED' });
    expect((await status()).running.digest).toBe(good);
    expect((await rollouts('status')).out).toMatch(/^Pin +a person chose the image/m);
    const mended = await sandbox.world.push();
    await sandbox.pass(60);
    expect(await status()).toMatchObject({
      last: { outcome: 'HELD', intent: 'push', message: expect.stringContaining('rollouts release') as string },
      running: { digest: good },
      held: { digest: mended, tag: 'live' },
    });
    const waits = `live (${mended.slice(0, 19)}), held until rollouts release`;
    expect((await rollouts('status')).out).toContain(`Waits       ${waits}\n`);
    const held = await sandbox.json<{ decision: object }>('diff');
    expect(held.decision).toMatchObject({ word: 'held', reason: 'Pinned' });
    const released = await rollouts('release');
    expect(released.code).toBe(0);
    expect(await status()).toMatchObject({ pin: null, held: null, running: { digest: mended } });
  });

  it('acknowledges what needs someone, once, and status and history say who and why', async () => {
    await open(0);
    expect((await rollouts('acknowledge', '--reason', 'mine')).out).toBe(
      'Nothing to acknowledge: nothing asks for anybody.\n',
    );
    await needSomeone(sandbox);
    expect((await rollouts('status')).out).toMatch(/^Needs you +FAILED_NO_ROLLBACK_TARGET .*[^]*rollouts acknowledge/m);
    const { code, out } = await rollouts('acknowledge', '--reason', 'I am on it');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Acknowledged\. The alarm NeedsSomeone ends within 6 min/)]);
    const { out: inHand } = await rollouts('status');
    expect(inHand).toMatch(/^In hand +arn:[^]*has been on it\s+since[^]*I\s+am\s+on\s+it/m);
    expect(inHand).toMatch(/^Last +FAILED_NO_ROLLBACK_TARGET /m);
    expect(inHand).not.toContain('Needs you');
    const again = await rollouts('acknowledge', '--reason', 'me too');
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('has done it')]);
    const { rollouts: records } = await sandbox.json<{ rollouts: { intent: string; request: object }[] }>('history');
    expect(records[0]).toMatchObject({ intent: 'acknowledge', request: { reason: 'I am on it' } });
    expect(records.filter(({ intent }) => intent === 'acknowledge')).toHaveLength(1);
    const without = await rollouts('acknowledge');
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('needs a --reason')]);
  });

  it('releases although the newest image is quarantined: pushes are followed again, and nothing failed', async () => {
    const [good] = (await open(2)).proven as [string, string];
    const { digest } = (await status()).running;
    await sandbox.world.push({ behaviour: 'crash' });
    await sandbox.pass(300);
    expect((await rollouts('start', '--digest', good)).code).toBe(0);
    const { code, out } = await rollouts('release');
    expect([code, (await status()).pin]).toEqual([0, null]);
    expect(out).toContain('Pushes are followed again; the newest image is quarantined');
    expect((await rollouts('start', '--digest', digest!)).code).toBe(0);
    const again = await sandbox.json<Told & { pin: unknown }>('release');
    expect(again).toMatchObject({ rollout: { outcome: 'HELD' }, pin: null });
  });

  it('starts a tag without waiting, and is told which rollout it is', async () => {
    await open(1);
    const { rollout } = await sandbox.json<Told>('start', '--tag', 'live', '--no-wait');
    expect(rollout.outcome).toBe(null);
    await sandbox.pass(30);
    const ended = await rollouts('history', '--rollout', rollout.rolloutId.slice(0, 8));
    expect(ended.out).toMatch(new RegExp(`^Rollout +${rollout.rolloutId}\nOutcome +NO_CHANGE \\(AlreadyRunning\\)`));
  });

  it('names an image that does not exist: ECR is asked before anything starts', async () => {
    await open(0);
    const { code, out, err } = await rollouts('start', '--tag', 'no-such-tag');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^rollouts: team\/api in ECR has no image tagged no-such-tag: push it first, or name another one/,
    );
    expect((await rollouts('history')).out).toBe('No rollout has ended yet.\n');
  });

  it('ends watching with Ctrl-C; the rollout goes on', async () => {
    await open(1);
    await sandbox.world.push();
    await sandbox.pass(3);
    const { code, out } = await sandbox.rollouts(['watch'], {}, / AwaitSteadyState$/m);
    expect(code).toBe(130);
    expect(out).toContain('the rollout goes on');
    expect((await status()).rollout).toMatchObject({ executionStatus: 'RUNNING' });
    const followed = await sandbox.rollouts(['watch', '--follow'], {}, / ended /);
    expect(followed.code).toBe(0);
    expect(followed.out).toMatch(/ended +SUCCEEDED$/m);
  });

  it('lists what has been, the newest first', async () => {
    await open(1);
    await rollouts('start', '--tag', 'live');
    await sandbox.world.start({ image: { tag: 'no-such-tag' } });
    await sandbox.pass(30);
    await sandbox.world.push();
    await sandbox.pass(300);
    const { out } = await rollouts('history', '--limit', '4');
    const [head, ...rows] = out.trimEnd().split('\n');
    expect(head).toMatch(/^ENDED +OUTCOME +IMAGE +ROLLOUT +FOR +REASON$/);
    expect(rows.map((row) => /[A-Z_]{4,}/.exec(row)?.[0])).toEqual(['SUCCEEDED', 'REJECTED', 'NO_CHANGE', 'SUCCEEDED']);
    const { rollouts: all } = await sandbox.json<{ rollouts: { endedAt: string }[] }>('history');
    const ends = all.map(({ endedAt }) => endedAt);
    expect(ends).toEqual([...ends].sort().reverse());
    expect((await rollouts('history', '--rollout', 'ffffffffff')).code).toBe(1);
  });

  it('sees what the next rollout would change: the image and its tag, and nothing else', async () => {
    await open(1);
    const running = (await status()).running.digest!;
    const same = (await rollouts('diff')).out;
    expect(same).toMatch(/^Would roll +nothing: live \(sha256:[0-9a-f]{12}\) runs already$/m);
    expect(same).toMatch(/^Changes +none: nothing would be registered$/m);
    const { code, out } = await rollouts('diff', '--tag', 'by-hand');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Images +api: team/api@${running.slice(0, 19)}\n +becomes team/api@sha256:`, 'm'));
    expect(out).toMatch(/^Changes +containerDefinitions\[api\]\.image\n +all else stays as it is$/m);
    expect((await rollouts('diff', '--tag', 'gone')).err).toBe('rollouts: ECR has no image tagged gone: push one\n');
  });

  it('goes back to the image before, by name or without, and says why', async () => {
    const good = (await open(3)).proven[0]!;
    const now = (await status()).running.digest;
    const { rollout } = await sandbox.json<Told>('rollback', '--reason', 'slow queries');
    expect(rollout).toMatchObject({ outcome: 'SUCCEEDED', message: expect.stringContaining('slow queries') as string });
    const back = (await status()).running.digest;
    expect(back).not.toBe(now);
    expect((await rollouts('history', '--rollout', rollout.rolloutId)).out).toMatch(
      /^Asked for +back to the image before: slow queries$/m,
    );
    expect((await rollouts('rollback', '--to', good.slice(7, 20), '--no-wait')).code).toBe(0);
    await sandbox.pass(5);
    expect((await rollouts('status')).out).toMatch(
      new RegExp(`^Rollout +rolling ${good.slice(0, 19)}: .*\\n +asked for by a person: ${good.slice(0, 19)}$`, 'm'),
    );
    expect((await rollouts('watch')).code).toBe(0);
    expect((await status()).running.digest).toBe(good);
  });

  it('forces what runs already', async () => {
    const good = (await open(1)).proven[0]!;
    const { rollout } = await sandbox.json<Told>('start', '--digest', good, '--force', '--reason', 'new secret');
    expect(rollout.outcome).toBe('SUCCEEDED');
    const { rollouts: all } = await sandbox.json<{ rollouts: { request: object }[] }>('history', '--limit', '1');
    expect(all[0]!.request).toEqual({ digest: good, force: true, reason: 'new secret' });
  });

  it('stops a rollout that changed the service: what was proven comes back, and the stopped one is ABORTED', async () => {
    await open(1);
    const before = (await status()).running.digest;
    const rolloutId = await startNext();
    await sandbox.pass(20);
    const { digest, taskDefinition: stopped } = (await status()).running;
    expect(digest).not.toBe(before);
    const { code, out } = await rollouts('abort', '--reason', 'wrong one');
    expect(code).toBe(0);
    expect(out).toContain(`Rollout ${rolloutId} stopped.\n`);
    expect(out).toMatch(/decided AcceptIntent: recover \(RolloutStopped\)/);
    expect(out).not.toContain('which waited');
    expect(out).toMatch(
      new RegExp(`^Runs +api:\\d+, live \\(${before!.slice(0, 19)}\\), proven\n +2 of 2 tasks running`, 'm'),
    );
    expect(await status()).toMatchObject({ rollout: null, running: { digest: before } });
    const ended = await rollouts('history', '--rollout', rolloutId);
    expect(ended.out).toMatch(
      /^Outcome +ABORTED \(StoppedByPerson\)\n +A person stopped it \(rollouts abort: wrong one\);/m,
    );
    expect(ended.out).toContain(`Revision    ${stopped}\n`);
    expect(sandbox.world.region.states.view(arnOf(rolloutId)).cause).toContain('rollouts abort: wrong one');
  });

  it('stops what was pushed: it stays selected and is not rolled, and whoever asks learns that it does not come again', async () => {
    await open(1);
    const before = (await status()).running.digest;
    const pushed = await sandbox.world.push();
    await sandbox.pass(20);
    const { out } = await rollouts('abort');
    const label = `^Selected +live (${pushed.slice(0, 19)}), which does not run`.replaceAll(/[()]/g, '\\$&');
    const [told, shown] = [out, (await rollouts('status')).out].map((lines) => lines.replaceAll(/\n +/g, ' '));
    expect(told).toMatch(
      new RegExp(`${label} It does not come again by itself: push it again, or run rollouts start\\.`, 'm'),
    );
    expect(shown).toMatch(
      new RegExp(`${label}: rollout \\S+ ended ROLLED_BACK .* It does not come again by itself`, 'm'),
    );
    await sandbox.pass(3600);
    expect((await status()).running.digest).toBe(before);
  });

  it('stops a rollout that changed nothing yet: nothing has to come back', async () => {
    await open(1);
    const before = (await status()).running;
    const { kill, rolloutId } = await startAndKill('Preflight', 'ecs:DescribeServices', 'arrive', RETRIED);
    expect((await status()).rollout).toMatchObject({ rolloutId, phase: 'preparing' });
    const { code, out } = await rollouts('abort');
    kill.stop();
    expect([kill.hasHappened(), code]).toEqual([true, 0]);
    expect(out).not.toContain('RollBack');
    expect(await status()).toMatchObject({ rollout: null, running: before });
  });

  it('stops a rollout whose change may be in flight: waits until it cannot be, then puts back what was proven', async () => {
    await open(1);
    const before = (await status()).running.digest;
    const { kill, rolloutId } = await startAndKill('RollService', 'ecs:UpdateService', 'answer');
    expect((await status()).rollout).toMatchObject({ rolloutId, phase: 'mutating' });
    const { code, out } = await rollouts('abort');
    expect([kill.hasHappened(), code]).toEqual([true, 0]);
    expect(out).toMatch(/decided AcceptIntent: recover \(RolloutStopped\)/);
    expect(out.match(/state {3}AcceptIntent/g)).toHaveLength(1);
    expect(await status()).toMatchObject({ rollout: null, running: { digest: before } });
  });

  it('stops a rollout behind which another waits: says that it rolls now', async () => {
    const good = (await open(1)).proven[0]!;
    await startNext();
    await sandbox.pass(20);
    const { rollout: waiting } = await sandbox.json<Told>(
      'start',
      '--digest',
      good,
      '--force',
      '--reason',
      'x',
      '--no-wait',
    );
    await sandbox.pass(10);
    expect((await status()).pending).toMatchObject({ rolloutId: waiting.rolloutId });
    const { code, out } = await rollouts('abort');
    expect(code).toBe(0);
    expect(out.replaceAll('\n', ' ')).toMatch(new RegExp(`Rollout ${waiting.rolloutId}, which waited, rolls .*now\\.`));
    await sandbox.pass(600);
    const ended = await rollouts('history', '--rollout', waiting.rolloutId);
    expect(ended.out).toMatch(/^Outcome +SUCCEEDED/m);
  });

  it('stops and leaves: the recovery goes on by itself', async () => {
    await open(1);
    const before = (await status()).running.digest;
    await startNext();
    await sandbox.pass(20);
    const { code, out } = await rollouts('abort', '--no-wait');
    expect([code, out]).toEqual([0, expect.stringContaining('What was proven before is put back now')]);
    await sandbox.pass(600);
    expect(await status()).toMatchObject({ rollout: null, running: { digest: before } });
  });

  it('finds nothing to stop', async () => {
    await open(1);
    const { code, out } = await rollouts('abort');
    expect([code, out]).toEqual([0, expect.stringMatching(/^Nothing to stop: no rollout holds the service\.\nRuns/)]);
  });

  it('is told how to push by hand', async () => {
    await open(0);
    const { out } = await rollouts('push-instructions');
    const registry = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
    const { commands } = await sandbox.json<{ commands: string[] }>('push-instructions');
    expect(commands).toEqual([
      `aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin ${registry}`,
      'docker build --platform linux/amd64 -t team/api .',
      `docker tag team/api:latest ${registry}/team/api:live`,
      `docker push ${registry}/team/api:live`,
    ]);
    // Folded for people, the shell reads the same commands.
    expect(out.replace(/ \\\n +/g, ' ')).toContain(commands.join('\n'));
  });

  it('needs the permissions that README lists, and no other, and sees no environment value or secret', async () => {
    const { world } = await open(2);
    const { region, config } = world;
    const { cluster, serviceName: service } = config;
    const asked = new Set<string>();
    const heard = async <Result>(act: () => Promise<Result>): Promise<Result> => {
      const before = region.calls.length;
      const result = await act();
      const calls = region.calls.slice(before).filter(({ caller }) => caller?.kind === 'operator');
      for (const { action } of calls.flatMap(({ permissions }) => permissions)) asked.add(action);
      return result;
    };
    const type = (line: string) => heard(() => rollouts(...line.split(' ')));
    // Only for an image that is gone does anybody ask whether a pull would fetch it.
    await deployBesideAgent(world, undefined, sandbox.pass);
    await deleteAgent(world);
    await world.push({ tag: 'next' });
    await type('diff --tag next');
    // No rollout proves what somebody deploys by hand, so its tasks are looked at.
    await operate(region, 'ecs', 'UpdateService', { cluster, service, taskDefinition: 'api:1' });
    await sandbox.pass(300);
    const lines = ['status', 'diff --tag live', 'history', 'logs', 'rollback', 'release', 'push-instructions', 'watch'];
    for (const line of lines) await type(line);
    const rolloutId = await heard(startNext);
    await sandbox.pass(20);
    await type('abort');
    await type(`history --rollout ${rolloutId}`);
    expect(await type('history --stats')).toMatchObject({ code: 0, err: '' });
    await needSomeone(sandbox);
    await type('acknowledge --reason mine');

    expect(asked).toEqual(new Set(listedPermissions((verbs) => !/`(doctor|open|size)/.test(verbs))));
    // Whatever a test prints is searched for values when it ends; here is enough of it.
    expect(printed.length).toBeGreaterThan(1000);
  });
});

it('a push that lets somebody else deploy first is seen to wait, and its waiting is told once', async () => {
  await open(1);
  const { cluster, serviceName: service } = sandbox.world.config;
  await operate(sandbox.world.region, 'ecs', 'UpdateService', { cluster, service, forceNewDeployment: true });
  await sandbox.world.push();
  await sandbox.pass(10);
  const { undecided } = await sandbox.json<{ undecided: string[] }>('status');
  expect((await rollouts('status')).out.replaceAll(/\n +/g, ' ')).toMatch(
    new RegExp(
      `^Waits +rollout ${undecided[0]} to roll live \\(sha256:\\w{12}\\), which was pushed, once ECS has finished what it deploys since `,
      'm',
    ),
  );
  const stopped = await rollouts('abort');
  expect(stopped.code).toBe(1);
  expect(stopped.out).toContain(`Rollout ${undecided[0]} has not taken the`);
  expect(stopped.out).not.toContain('Nothing to stop');
  const { code, out } = await rollouts('watch');
  expect(code).toBe(0);
  expect(out).toContain(`Rollout ${undecided[0]}\n`);
  expect(out).toMatch(/decided AcceptIntent: let-finish \(DeploymentUnderWay\): ECS\s+still/);
  expect(out.match(/state +LetFinish$/gm)).toHaveLength(1);
  expect(await status()).toMatchObject({ undecided: [] });
});

it('a watch that follows says once that it waits, however often it looks', async () => {
  await open(1);
  const { calls } = sandbox.world.region;
  const before = calls.length;
  const watching = sandbox.rollouts(['watch', '--follow'], {}, / ended /);
  // At its third look it has said of the first two, once or twice, that it waits.
  await sandbox.until(() => calls.slice(before).filter(({ operation }) => operation === 'ListExecutions').length > 2);
  await sandbox.world.push();
  const { code, out } = await watching;
  expect([code, out.match(/Waiting for the next rollout\./g)]).toEqual([0, [expect.anything()]]);
  expect(out).toMatch(/^Waiting for the next rollout\.\nRollout [0-9a-f-]{36}\n[^]*ended +SUCCEEDED$/m);
});

describe('AWS that does not do what is asked', () => {
  // Nothing is ever changed here.
  shareSandbox((shared) => (sandbox = shared));
  const failing = (env: Record<string, string>, ...argv: string[]) => sandbox.rollouts(argv, env);

  it.each([
    [
      'unknown credentials',
      { AWS_ACCESS_KEY_ID: 'NOBODY' },
      /^rollouts: AWS does not accept these credentials in us-e/,
    ],
    ['another region', { AWS_DEFAULT_REGION: 'eu-west-1' }, /does not serve eu-west-1 .*: set AWS_REGION/],
    ['nobody at the endpoint', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, /127\.0\.0\.1:1 does not answer \(ECONNREF/],
  ])('%s: one sentence with its remedy', async (_, env, sentence) => {
    const { code, out, err } = await failing(env, 'status');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(sentence);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('denied: names who may not do what', async () => {
    sandbox.world.excuse(
      'permission',
      /Conclude\S* was refused (states:StartExecution|ssm:GetParametersByPath)/,
      'a rollout is started as a role that may not',
    );
    const { code, err } = await failing({ AWS_ACCESS_KEY_ID: keyOf('Conclude') }, 'start');
    expect(code).toBe(1);
    expect(err).toMatch(/^rollouts: arn:aws:sts::\S+\/night may not states:StartExecution on \S+rollouts-api: ask for/);
  });

  it('a session that is over: says so', async () => {
    const over = new Date(sandbox.world.region.kernel.now - 1000);
    const { code, err } = await failing({ AWS_ACCESS_KEY_ID: keyOf('Conclude', over) }, 'history');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^rollouts: the AWS credentials have expired: get new ones/),
    ]);
  });

  it.each(['status', 'start', 'history', 'abort', 'watch'])(
    'no stack: %s says where it is not deployed',
    async (verb) => {
      const file = join(temporaryDirectory(), 'other.config.mjs');
      writeFileSync(file, `export default { services: [{ repository: 'team/web', container: 'web' }] };`);
      const { code, out, err } = await failing({}, verb, '--config', file);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/^rollouts: rollouts-web is not deployed in us-east-1: deploy it \(npx cdk deploy\), or set/);
    },
  );

  it('no credentials: says which variables would help', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/dev/null');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const { code, err } = await sandbox.rollouts(['status'], { AWS_ACCESS_KEY_ID: undefined });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^rollouts: no usable AWS credentials \(.*\): set AWS_PROFILE/),
    ]);
  });
});

describe('a service that ECS does not have', () => {
  const openEmpty = () => open(0, { service: 'absent' });

  it('runs nothing, has no difference, and can be pushed for', async () => {
    const empty = await openEmpty();
    expect((await empty.rollouts(['status'])).out).toMatch(/^Runs +nothing: ECS has no such service$/m);
    expect(await empty.json('status')).toMatchObject({ running: null, rollout: null, last: null });
    expect(await empty.rollouts(['diff'])).toEqual({
      code: 1,
      out: '',
      err: 'rollouts: ECR has no image that the tag policy selects: push one\n',
    });
    expect((await empty.rollouts(['push-instructions'])).out).toContain('docker build --platform linux/amd64');
  });

  it('gets no rollout: rejected, with what to mend', async () => {
    const empty = await openEmpty();
    await empty.world.push();
    await empty.pass(30);
    const told = (await empty.rollouts(['diff'])).out.replace(/\n +/g, ' ');
    expect(told).toContain(
      'dealt with before. rollouts start would be rejected: ECS has no service prod/api: create it',
    );
    const { code, out } = await empty.rollouts(['start']);
    expect(code).toBe(20);
    expect(out).toMatch(/ended +REJECTED$/m);
  });
});

/** An access key of a role of the stack. */
function keyOf(construct: string, expiresAt?: Date): string {
  const roleArn = sandbox.world.region.iam.roles.find((arn) => arn.includes(construct))!;
  return sandbox.world.region.iam.issueAccessKey({ kind: 'role', roleArn, sessionName: 'night' }, expiresAt);
}
