import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';

/** Where the system's Chromium may be; nothing is downloaded. */
const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const EXECUTABLE = PLACES.find((path) => path !== undefined && existsSync(path));

let browser: Browser | undefined;

/** Tests in the system's Chromium; without one they are skipped, and say so. */
export function inBrowser(name: string, tests: () => void): void {
  describe.skipIf(EXECUTABLE === undefined)(
    EXECUTABLE === undefined ? `${name} (skipped: no Chromium is installed)` : name,
    () => {
      beforeAll(async () => {
        browser = await chromium.launch({ executablePath: EXECUTABLE!, args: ['--no-sandbox'] });
      });
      afterAll(() => browser?.close());
      tests();
    },
  );
}

/** How a page is seen. */
export interface Seen {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
}

/** A browser of its own, without cookies; a page in it must report no error, and ask nobody but the console. */
export async function openBrowser({ width = 1280, height = 900, theme = 'light' }: Seen = {}): Promise<BrowserContext> {
  const context = await browser!.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  // As long as a machine that does much else takes; a test has a minute.
  context.setDefaultTimeout(40_000);
  onTestFinished(() => context.close());
  return context;
}

/** What went wrong in a page: errors of its script, breaches of its policy, requests to others. */
export function complaintsOf(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The browser itself reports answers that are not 200, and connections that fail.
    if (message.type() === 'error' && !/Failed to load resource|ERR_CONNECTION_REFUSED/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      complaints.push(`asked ${request.url()}`);
  });
  return complaints;
}

/** Opens an address; the test fails where the page complains. */
export async function visit(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  const complaints = complaintsOf(page, new URL(address).origin);
  onTestFinished(() => expect(complaints).toEqual([]));
  await page.goto(address);
  return page;
}

/** Whether a page is wider than its window. */
export function isSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}
