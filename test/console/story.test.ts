import { expect, it } from 'vitest';
import { inBrowser, openBrowser, visit } from './browser.ts';
import { consoleOn, openConsole } from './opened-console.ts';

inBrowser('in a browser', () => {
  it('a bad push is seen from start to finish', async () => {
    const console = await openConsole(1);
    const page = await visit(await openBrowser(), console.address);
    await page.getByRole('heading', { name: 'Nothing needs attention.' }).waitFor();
    expect(page.url()).not.toContain('code');

    await console.world.push({ behaviour: 'crash' });
    await console.pass(30);
    await page.getByRole('heading', { name: '1 service is rolling.' }).waitFor();
    await page.getByRole('link', { name: 'prod/api' }).click();
    await page
      .getByRole('heading', {
        level: 1,
        name: /^live [0-9a-f]{7} takes over from live [0-9a-f]{7}: 0 of 2 tasks serve it\.$/,
      })
      .waitFor();
    await page.locator('.now').waitFor({ state: 'attached' });
    await console.pass(30);
    await page.getByRole('heading', { level: 1, name: /is put back\.$/ }).waitFor();
    expect(await page.locator('text.failure').allTextContents()).toEqual(['exit 1', 'exit 1']);
    await console.pass(120);
    const end = page.getByRole('heading', {
      level: 1,
      name: /^live [0-9a-f]{7} exited with code 1.*; live [0-9a-f]{7} is back on 2 of 2 tasks and healthy\.$/,
    });
    await end.waitFor();
    await page.getByText('Rolled back').first().waitFor();

    await page.locator('.cause').getByText('exit 1', { exact: true }).waitFor();
    await page.getByText(/2 of 2 new tasks alike/).waitFor();
    expect(await page.locator('.readout').textContent()).toBe('At least 2 tasks served at every moment.');
    expect(await page.locator('.heading .strong').allTextContents()).toHaveLength(3);
    const decided = await page.locator('ol.dec li').allTextContents();
    expect(decided.map((text) => /(roll|go|rolled|failed|steady|Rolled back)(?= )/.exec(text)?.[0])).toEqual([
      'roll',
      'go',
      'rolled',
      'failed',
      'rolled',
      'steady',
      'Rolled back',
    ]);
    await page.goto(new URL('#/', page.url()).href);
    await page.getByRole('heading', { name: '1 service failed last and runs what was proven before.' }).waitFor();
  });

  it('whoever opens it later sees the same rollout, and is told what nobody saw', async () => {
    const console = await openConsole(1);
    await console.world.push({ behaviour: 'crash' });
    await console.pass(200);
    const { last } = await console.json<{ last: { rolloutId: string } }>('status');
    const page = await visit(await openBrowser(), console.address);
    await page.getByRole('link', { name: 'prod/api' }).click();
    await page.getByRole('link', { name: 'the whole picture' }).click();
    await page.getByRole('heading', { level: 1, name: /is back on 2 of 2 tasks/ }).waitFor();
    expect(page.url()).toContain(`/r/${last.rolloutId}`);
    expect(await page.locator('text.failure').allTextContents()).toEqual(['exit 1', 'exit 1']);
  });

  it('a second tab is let in by the cookie, a second browser is not, and Ctrl-C ends it for all', async () => {
    const console = await openConsole(1);
    const context = await openBrowser();
    const page = await visit(context, console.address);
    await page.getByRole('link', { name: 'prod/api' }).waitFor();
    const second = await visit(context, new URL('/', console.address).href);
    await second.getByRole('link', { name: 'prod/api' }).waitFor();

    const stranger = await visit(await openBrowser(), console.address);
    await stranger.getByRole('heading', { name: 'Open the address that the terminal printed.' }).waitFor();
    await stranger.getByText('It works once').waitFor();
    expect(await stranger.textContent('body')).not.toContain('api');

    expect(await console.interrupt()).toBe(0);
    await page.getByRole('alert').getByText('The console does not answer.').waitFor();
    // What was read stays, dated, and acts wait.
    expect(await page.getByRole('link', { name: 'prod/api' }).count()).toBe(1);
    await page.getByText('stale').waitFor();
  });

  it('goes on by itself when the console is back at the same port', async () => {
    const console = await openConsole(1);
    const { port } = new URL(console.address);
    const context = await openBrowser();
    const page = await visit(context, console.address);
    await page.getByRole('link', { name: 'prod/api' }).waitFor();
    await console.interrupt();
    await page.getByText('The console does not answer.').waitFor();
    const next = await consoleOn(console, ['--port', port]);
    // Its cookie died with the console that gave it.
    await page.getByRole('heading', { name: 'Open the address that the terminal printed.' }).waitFor();
    await page.goto(next.address);
    await page.reload();
    await page.getByRole('link', { name: 'prod/api' }).waitFor();
  });

  it('a rollback by keyboard alone: first what would change, then why, then what came of it', async () => {
    const console = await openConsole(2);
    const page = await visit(await openBrowser(), console.address);
    await page.getByRole('link', { name: 'prod/api' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const open = page.getByRole('button', { name: 'Roll back…' });
    await open.waitFor();
    await open.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('was proven here').waitFor();
    expect(await dialog.locator('dl.diff').textContent()).toContain('containerDefinitions[api].image');
    const confirm = dialog.getByRole('button', { name: /^Roll back to/ });
    expect(await confirm.getAttribute('aria-disabled')).toBe('true');
    await dialog.getByLabel('Why').focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('Say why').waitFor();
    await page.keyboard.type('p99 doubled');
    await page.keyboard.press('Enter');
    await page.getByText(/^Asked for\. Rollout [0-9a-f]{8} appears/).waitFor();
    await console.pass(400);
    await page.getByText('Pinned').first().waitFor();
    await page.getByRole('heading', { level: 1, name: /pinned: p99 doubled/ }).waitFor();
    const status = await console.json<{
      pin: object | null;
      last: { intent: string; request: object };
      running: { digest: string };
    }>('status');
    expect(status).toMatchObject({
      last: { intent: 'rollback', request: { reason: 'p99 doubled' } },
      running: { digest: console.proven[0] },
    });
    expect(status.pin).not.toBeNull();
  });

  it('nothing is done when the world changed under an open dialog', async () => {
    const console = await openConsole(2);
    const page = await visit(await openBrowser(), console.address);
    await page.getByRole('link', { name: 'prod/api' }).click();
    await page.getByRole('button', { name: 'Roll back…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('was proven here').waitFor();
    await dialog.getByLabel('Why').fill('as it was');
    await console.rollouts(['rollback', '--no-wait', '--reason', 'somebody was faster']);
    await console.pass(5);
    await dialog.getByRole('button', { name: /^Roll back to/ }).click();
    await dialog.getByText('The world changed meanwhile. Nothing was done').waitFor();
    const { rollouts } = await console.json<{ rollouts: { intent: string }[] }>('history');
    expect(rollouts.filter(({ intent }) => intent === 'rollback')).toEqual([]);
    expect(await console.json<{ pending: object | null }>('status')).toMatchObject({ pending: null });
  });

  it('a running rollout is aborted, and what was proven comes back', async () => {
    const console = await openConsole(1);
    const page = await visit(await openBrowser(), console.address);
    await page.getByRole('link', { name: 'prod/api' }).waitFor();
    await console.world.push();
    await console.pass(30);
    await page.getByRole('heading', { name: '1 service is rolling.' }).waitFor();
    await page.getByRole('link', { name: 'prod/api' }).click();
    await console.pass(10);
    await page.getByRole('button', { name: 'Abort…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('is put back and must be healthy.').waitFor();
    await dialog.getByLabel('Why').fill('wrong branch');
    await dialog.getByRole('button', { name: /^Abort, put/ }).click();
    await page.getByText('The rollout was stopped').waitFor();
    await console.pass(300);
    expect((await console.json<{ running: { digest: string } }>('status')).running.digest).toBe(console.proven[0]);
  });

  it('a console that only reads has no acts', async () => {
    const console = await openConsole(1, ['--read-only']);
    const page = await visit(await openBrowser(), console.address);
    await page.getByRole('link', { name: 'prod/api' }).click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    expect(await page.locator('.acts').count()).toBe(0);
  });

  it('credentials that ended are a sentence, and it goes on once they are renewed', async () => {
    const sandbox = await openConsole(1);
    const console = await consoleOn(sandbox, [], { AWS_ACCESS_KEY_ID: 'EXPIRED' });
    const page = await visit(await openBrowser(), console.address);
    await page.getByRole('alert').getByText('Your AWS credentials do not work.').waitFor();
    await page
      .getByText(/does not accept these credentials/)
      .first()
      .waitFor();
    console.env['AWS_ACCESS_KEY_ID'] = 'OPERATOR';
    await console.pass(20);
    await page.getByRole('heading', { name: 'Nothing needs attention.' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
