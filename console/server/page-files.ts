import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { pageStyle } from '../style.ts';

/** A file of the page, by its path. */
export type PageFiles = Readonly<Record<string, PageFile>>;

/** A file as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

const PAGE = join(import.meta.dirname, '..', 'page');

const SHELL = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Rollouts</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
</head>
<body>
<div id="app"></div>
<noscript>This page needs its script: it shows what happens while it happens.</noscript>
<script src="/page.js" defer></script>
</body>
</html>
`;

/** The page, made from its sources when the console starts: nothing that was built can be older than they are. */
export async function buildPage(): Promise<PageFiles> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGE, 'main.tsx')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    // Whoever starts the console elsewhere has another tsconfig.json there, or none.
    tsconfigRaw: { compilerOptions: { jsx: 'react-jsx', jsxImportSource: 'preact' } },
  });
  return {
    '/': fileOf('text/html; charset=utf-8', Buffer.from(SHELL)),
    '/page.js': fileOf('text/javascript; charset=utf-8', outputFiles[0]!.contents),
    '/page.css': fileOf('text/css; charset=utf-8', Buffer.from(await pageStyle())),
  };
}

function fileOf(type: string, contents: Uint8Array): PageFile {
  const bytes = new Uint8Array(contents);
  return { type, bytes, gzipped: new Uint8Array(gzipSync(bytes)) };
}
