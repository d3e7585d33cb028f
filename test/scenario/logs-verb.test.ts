import { expect, it } from 'vitest';
import { openSandbox, type Sandbox } from './verbs-setting.ts';

const GROUP = '/ecs/api';

interface Told {
  readonly rolloutId: string | null;
  readonly more: number;
  readonly tasks: readonly {
    readonly container: string | null;
    readonly lines: readonly string[] | null;
    readonly source: string | null;
    readonly note: string | null;
    readonly command: string | null;
  }[];
}

/** A world in which an image was proven and another one failed, which said this. */
async function afterFailure(says: readonly string[], changes = {}): Promise<Sandbox> {
  const sandbox = await openSandbox({}, { logGroup: GROUP, ...changes }, 1);
  await sandbox.world.push({ behaviour: 'crash', afterSeconds: 5, says });
  await sandbox.pass(300);
  return sandbox;
}

const told = (sandbox: Sandbox, ...flags: string[]): Promise<Told> => sandbox.json<Told>('logs', ...flags);

it('shows what the task of the last failure wrote, and then what the running tasks wrote once an image was proven', async () => {
  const sandbox = await afterFailure(['connecting', 'Error: \u001b[31mno database']);
  const { code, out } = await sandbox.rollouts(['logs']);
  expect(code).toBe(0);
  expect(out).toMatch(/^Rollout +[0-9a-f-]{36}, ROLLED_BACK$/m);
  expect(out).toMatch(
    /^Failed task +[0-9a-f]{32} of api:\d+\n +container api, exit code 1, EssentialContainerExited: /m,
  );
  expect(out).toContain('          | connecting\n          | Error: no database\n');
  const { rolloutId, tasks } = await told(sandbox, '--tail', '1');
  expect(tasks).toMatchObject([{ container: 'api', lines: ['Error: no database'], source: 'log', note: null }]);

  await sandbox.world.push({ says: ['listening'] });
  await sandbox.pass(300);
  const running = await told(sandbox);
  expect(running).toMatchObject({
    rolloutId: null,
    more: 0,
    tasks: [{ lines: ['listening'] }, { lines: ['listening'] }],
  });
  const shown = (await sandbox.rollouts(['logs'])).out;
  expect(shown).toMatch(/^Task +[0-9a-f]{32} of api:\d+\n +container api\n {10}\| listening$/m);
  expect(shown).not.toContain('no database');
  expect((await told(sandbox, '--rollout', rolloutId!.slice(0, 8))).tasks).toMatchObject([
    { lines: ['connecting', 'Error: no database'] },
  ]);
});

it('shows the running tasks when they are asked for, although an image failed since', async () => {
  const sandbox = await afterFailure(['no database']);
  const { rolloutId, tasks } = await told(sandbox, '--running');
  expect(rolloutId).toBe(null);
  expect(tasks).toHaveLength(2);
  expect(tasks[0]).toMatchObject({ lines: null, note: 'CloudWatch Logs has no line of it.' });
  const { code, out } = await sandbox.rollouts(['logs', '--running']);
  expect(code).toBe(1);
  expect(out).toContain('            aws logs get-log-events --region us-east-1 --log-group-name /ecs/api');
});

it('shows the lines of the record where the log is gone', async () => {
  const sandbox = await afterFailure(['connecting', 'no database']);
  sandbox.world.region.deleters['AWS::Logs::LogGroup']!({ current: { ref: GROUP } } as never);
  const { code, out } = await sandbox.rollouts(['logs', '--tail', '1']);
  expect(code).toBe(0);
  expect(out.replaceAll(/\n {12}/g, ' ')).toContain(
    "CloudWatch Logs has no such log group or stream. These lines are from the rollout's record.",
  );
  expect(out).toContain('          | no database\n');
  expect(out).not.toContain('| connecting');
  expect((await told(sandbox)).tasks).toMatchObject([{ source: 'record', lines: ['connecting', 'no database'] }]);
});

it('reads the log although the record could not, and says how else where it may not', async () => {
  const sandbox = await afterFailure(['no database'], { logGroup: undefined });
  expect((await told(sandbox)).tasks).toMatchObject([{ source: 'log', lines: ['no database'] }]);
  const { region } = sandbox.world;
  const does = { code: 'AccessDeniedException', message: 'You may not.', status: 400 };
  region.faults.start({
    at: 'call',
    match: { service: 'logs', caller: 'operator' },
    does: { kind: 'error', error: does, isApplied: false },
  });
  const { code, out } = await sandbox.rollouts(['logs']);
  expect(code).toBe(1);
  expect(out.replaceAll(/\n {12}/g, ' ')).toContain(
    'CloudWatch Logs did not show it: AccessDeniedException: You may not.',
  );
  expect(out).toContain('            aws logs get-log-events --region us-east-1');
});

it('says that there is nothing to show, and refuses what does not go together', async () => {
  const sandbox = await openSandbox({}, {}, 1);
  const none = await sandbox.rollouts(['logs', '--rollout', 'ffffffff']);
  expect([none.code, none.out]).toEqual([1, 'No rollout ffffffff has ended.\n']);
  const { rollouts } = await sandbox.json<{ rollouts: { rolloutId: string }[] }>('history');
  const succeeded = await sandbox.rollouts(['logs', '--rollout', rollouts[0]!.rolloutId]);
  expect(succeeded.code).toBe(0);
  expect(succeeded.out.replaceAll('\n', ' ')).toMatch(
    /ended SUCCEEDED, and no task decided that\. Logs of the running ones: rollouts logs --running/,
  );
  expect(await sandbox.rollouts(['logs', '--rollout', 'a', '--running'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('leave one of them out') as string,
  });
  expect((await sandbox.rollouts(['logs', '--tail', '0'])).err).toContain(
    '--tail 0: give a whole number from 1 to 10000',
  );
});
