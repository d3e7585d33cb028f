import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { PICTURE_STYLE } from '../picture/style.ts';

/** The style of the page and of the pictures in it, without what only its readers need. */
export async function pageStyle(): Promise<string> {
  const own = readFileSync(join(import.meta.dirname, 'page', 'page.css'), 'utf8');
  return (
    await transform(`${own}\n${PICTURE_STYLE}`, { loader: 'css', minify: true, legalComments: 'none' })
  ).code.trim();
}
