import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { MACHINE_CLOCK } from '../../cli/terminal/clock.ts';
import { buildPage, type PageFiles } from '../../console/server/page-files.ts';
import { serveConsole } from '../../console/server/serve-console.ts';
import { inBrowser, isSideways, openBrowser, visit, type Seen } from './browser.ts';
import { fleet, HOSTILE, large, LONG, rollouts, withEvidence } from './given-fleet.ts';
import { badPush } from './given-rollouts.ts';
import { givenSource, type GivenSource } from './given-source.ts';

const VIEWS: readonly (readonly [name: string, hash: string, heading: RegExp])[] = [
  ['all services', '#/', /needs attention/],
  ['a service', '#/production/api', /was rolled back/],
  ['a service nobody may read', '#/production/ledger-export', /cannot be read/],
  ['a service with long and hostile names', `#/production/${LONG}`, /1\.2\.2|a-very-long/],
  ['a service that was never rolled', '#/production/web', /Nothing has been rolled out/],
  ['a rollout that rolled back', `#/production/api/r/${badPush().rolloutId}`, /exited with code 1/],
  ['a rollout that bakes', `#/staging/api/r/${badPush().rolloutId}`, /must stay so for/],
  ['a rollout of 200 tasks', `#/production/tile-renderer/r/${large().rolloutId}`, /12\.0\.4 runs on 200 of 200 tasks/],
  ['a rollout that nobody knows', '#/production/api/r/nobody', /cannot be shown/],
];

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let files: PageFiles;

inBrowser('the page', () => {
  beforeAll(async () => {
    files = await buildPage();
  });

  it.each([360, 768, 1280, 1600])('is never wider than a window of %i pixels', async (width) => {
    const { page, go } = await openPage({ width });
    for (const [name, hash, heading] of VIEWS) {
      await go(hash, heading);
      expect([name, await isSideways(page)]).toEqual([name, false]);
    }
  });

  it.each([
    { width: 1280, theme: 'light' },
    { width: 1280, theme: 'dark' },
    { width: 360, theme: 'light' },
    { width: 360, theme: 'dark' },
  ] as const)('is for everybody, as far as axe can tell: %o', async (seen) => {
    const { page, go } = await openPage(seen);
    await page.evaluate(axe);
    const found: unknown[] = [];
    for (const [name, hash, heading] of VIEWS) {
      await go(hash, heading);
      const violations = await page.evaluate(async () => {
        const run = (
          globalThis as unknown as {
            axe: {
              run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
            };
          }
        ).axe;
        return (await run.run()).violations.map(({ id, nodes }) => [
          id,
          nodes[0]!.html.slice(0, 200),
          nodes[0]!.failureSummary,
        ]);
      });
      found.push(...violations.map((one) => [name, ...one]));
    }
    expect(found).toEqual([]);
  });

  it('shows whatever came from outside as text, with what would hide in it', async () => {
    const { page, go } = await openPage({});
    await go(`#/production/${LONG}`, /./);
    const shown = '<img src=x onerror=alert(1)>[U+202E]gnp.exe[U+0007]';
    await page.getByText(shown).first().waitFor();
    await go(`#/production/api/r/${badPush().rolloutId}`, /exited/);
    await page.locator('pre.log').getByText(shown).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.content()).not.toContain(HOSTILE);
  });

  it('tells every task again in a table', async () => {
    const { page, go } = await openPage({});
    await go(`#/production/api/r/${badPush().rolloutId}`, /exited/);
    await page.getByText('The same as a table').click();
    const rows = page.getByRole('region', { name: 'Tasks' }).getByRole('row');
    expect(await rows.count()).toBe(1 + withEvidence().chronicle.tasks.length);
    await rows.filter({ hasText: 'c9ecb65f' }).getByText('exit 1').waitFor();
  });

  it('goes from event to event with the arrow keys, and says what was at each', async () => {
    const { page, go } = await openPage({});
    await go(`#/production/api/r/${badPush().rolloutId}`, /exited/);
    await page.locator('figure.plot').focus();
    const read = page.locator('.readout');
    await page.keyboard.press('ArrowRight');
    expect(await read.textContent()).toMatch(/^0:00\.0 · 15:00:00 · 2 of 2 serve \(2 proven, 0 new\) · AcceptIntent/);
    for (let key = 0; key < 40 && !(await read.textContent())!.includes('failed'); key++)
      await page.keyboard.press('ArrowRight');
    expect(await read.textContent()).toMatch(/^0:50\.0 .* AwaitSteadyState: failed/);
  });

  it('keeps filters in the address, and finds rows by keyboard', async () => {
    const { page, go } = await openPage({});
    await go('#/', /attention/);
    await page.keyboard.press('/');
    await page.keyboard.type('tile');
    await page.getByRole('link', { name: 'production/tile-renderer' }).waitFor();
    expect(page.url()).toContain('q=tile');
    expect(await page.locator('a.name').count()).toBe(1);
    await page.reload();
    expect(await page.getByLabel('Filter services').inputValue()).toBe('tile');
    await page.getByRole('button', { name: 'All' }).click();
    await page.keyboard.press('Escape');
  });

  it('says the worst first', async () => {
    const { page, go } = await openPage({});
    await go(
      '#/',
      /^1 service needs attention, 1 is rolling, 2 failed last and run what was proven before, 1 cannot be read\.$/,
    );
    const names = await page.locator('a.name').allTextContents();
    expect(names.slice(0, 3)).toEqual(['production/checkout', 'staging/api', 'production/api']);
    expect(names.at(-1)).toMatch(/web|tile/);
  });

  it('says that AWS is silent, keeps what was read, and lets acts wait', async () => {
    const { page, go, source } = await openPage({});
    await go('#/production/api', /was rolled back/);
    source.documents = source.documents.map((document) => ({
      ...document,
      trouble: {
        kind: 'silent',
        message: 'AWS in us-east-1 does not answer (ETIMEDOUT): check the network.',
        since: document.readAt ?? '',
      },
    }));
    await page.reload();
    await page.getByRole('alert').getByText('AWS does not answer.').waitFor();
    await page.getByRole('heading', { level: 1, name: /was rolled back/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Start…' }).getAttribute('aria-disabled')).toBe('true');
    expect(await page.getByRole('button', { name: 'Start…' }).getAttribute('title')).toContain('acts wait');
  });

  it('says where it looked, when nothing is there', async () => {
    const { page } = await openPage({}, givenSource([]));
    await page.getByRole('heading', { name: 'No service is configured.' }).waitFor();
    await page.getByText('Looked for in 123456789012, us-east-1').waitFor();
  });

  it('is small, in bytes and in nodes', async () => {
    const { page, go } = await openPage({});
    expect(files['/page.js']!.gzipped.length).toBeLessThan(40_000);
    expect(files['/page.css']!.gzipped.length).toBeLessThan(8000);
    await go(`#/production/tile-renderer/r/${large().rolloutId}`, /200/);
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(1200);
  });

  it('prints light, open, and without controls', async () => {
    const { page, go } = await openPage({ theme: 'dark' });
    await go(`#/production/api/r/${badPush().rolloutId}`, /exited/);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(await page.locator('.acts, .icon').filter({ visible: true }).count()).toBe(0);
  });
});

async function openPage(seen: Seen, source: GivenSource = givenSource(fleet(), {}, rollouts())) {
  const console = await serveConsole({ source, port: 0, clock: MACHINE_CLOCK, files });
  onTestFinished(() => console.close());
  const page: Page = await visit(await openBrowser(seen), console.address);
  await page.locator('main h1').waitFor();
  return {
    page,
    source,
    /** Goes to a view, and waits for its heading. */
    async go(hash: string, heading: RegExp) {
      await page.evaluate((to) => (location.hash = to), hash);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    },
  };
}
