import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rolloutReport } from '../../console/report/rollout-report.tsx';
import { temporaryDirectory } from '../infra/temporary.ts';
import { openSandbox } from '../scenario/verbs-setting.ts';
import { inBrowser, isSideways, openBrowser } from './browser.ts';
import { baking, FLEET_NOW, HOSTILE, large, withEvidence } from './given-fleet.ts';
import { badPush } from './given-rollouts.ts';

describe('the file of a rollout', () => {
  it('is whole: it runs no script, asks for nothing, and its style is the one that its policy names', async () => {
    const html = await rolloutReport(withEvidence(), FLEET_NOW);
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(html)!;
    const digest = createHash('sha256').update(style).digest('base64');
    expect(html).toContain(
      `content="default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(html).not.toMatch(
      /<script|<[^>]* style=|<[^>]*\son\w+=|<(img|iframe|object|embed|form|base)\b|@import|url\((?!#)/,
    );
    const links = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, href]) => new URL(href!).host);
    expect([...new Set(links)]).toEqual(['us-east-1.console.aws.amazon.com']);
  });

  it('shows hostile text as text', async () => {
    const document = withEvidence();
    const record = {
      ...document.record!,
      message: HOSTILE,
      image: { digest: document.record!.image!.digest, tag: HOSTILE },
    };
    const html = await rolloutReport({ ...document, record }, FLEET_NOW);
    expect(html).toContain('&lt;img src=x onerror=alert(1)>');
    expect(html).not.toContain('<img');
    // What would turn the direction of reading or steer a terminal says what it is.
    expect(html).not.toContain('\u202e');
    expect(html).not.toContain('\u0007');
  });

  it('is small enough for a mail', async () => {
    expect((await rolloutReport(badPush(), FLEET_NOW)).length).toBeLessThan(60_000);
    expect((await rolloutReport(large(), FLEET_NOW)).length).toBeLessThan(250_000);
  });

  it('says of a rollout that runs how it stood when it was written', async () => {
    expect(await rolloutReport(baking(), FLEET_NOW)).toContain(
      '<h1>1.2.3 is healthy on 2 of 2 tasks and must stay so for 30 s more.</h1>',
    );
  });
});

describe('history', () => {
  it('draws one rollout with --html, and refuses where it is not clear which', async () => {
    const sandbox = await openSandbox({}, {}, 1);
    await sandbox.world.push({ behaviour: 'crash' });
    await sandbox.pass(200);
    const { rollouts } = await sandbox.json<{ rollouts: { rolloutId: string; outcome: string }[] }>('history');
    const { rolloutId } = rollouts.find(({ outcome }) => outcome === 'ROLLED_BACK')!;
    const file = join(temporaryDirectory(), 'rollout.html');
    const { code, out } = await sandbox.rollouts(['history', '--rollout', rolloutId.slice(0, 12), '--html', file]);
    expect([code, out.split('\n').at(-2)]).toEqual([0, `Its picture: ${file}`]);
    const html = readFileSync(file, 'utf8');
    expect(html).toMatch(/<h1>live [0-9a-f]{7} exited with code 1/);
    expect(html.match(/>exit 1</g)!.length).toBeGreaterThanOrEqual(3);
    expect(await sandbox.rollouts(['history', '--html', file])).toMatchObject({
      code: 2,
      err: expect.stringContaining('name it with --rollout ID') as string,
    });
    expect(await sandbox.rollouts(['history', '--rollout', 'nothing', '--html', `${file}2`])).toMatchObject({
      code: 1,
    });
    expect(existsSync(`${file}2`)).toBe(false);
  });
});

inBrowser('a file in a browser', () => {
  it.each([360, 820, 1600])('is read without a script, %i pixels wide', async (width) => {
    const file = join(temporaryDirectory(), 'report.html');
    writeFileSync(file, await rolloutReport(withEvidence(), FLEET_NOW));
    const context = await openBrowser({ width });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.route('**/*', (route) => (route.request().url().startsWith('file:') ? route.continue() : route.abort()));
    await page.goto(pathToFileURL(file).href);
    expect(await page.locator('h1').textContent()).toMatch(/exited with code 1/);
    expect(await isSideways(page)).toBe(false);
    // Each mark is seen once, whatever the width.
    expect(await page.locator('svg.marks').filter({ visible: true }).count()).toBe(1);
    expect(await page.locator('text.failure').filter({ visible: true }).count()).toBe(2);
    expect(complaints).toEqual([]);
  });
});
