#!/usr/bin/env node
import { register as registerCommonJs } from 'tsx/cjs/api';
import { register } from 'tsx/esm/api';

// The SDK warns once per process about Node 20; nobody at a rehearsal can act on it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// Whoever read us has read enough (`rehearse | head`): end like a program that SIGPIPE ends.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(128 + 13);
});

// Both: a configuration in a folder whose package.json says nothing of modules is CommonJS to Node.
registerCommonJs();
register();
// First, as npm may be ended while the rest is read.
const { leftByNpm } = await import('./terminal/npm-parents.ts');
const leftBehind = leftByNpm(process.env);
const { main } = await import('./main.ts');
const { lineReader } = await import('./terminal/line-reader.ts');

const interrupted = () =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
    void leftBehind.then(resolve);
  });

const { ask, close } = lineReader(process.stdin, process.stdout);
process.exitCode = await main(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
  interrupted,
  ...(process.stdin.isTTY && process.stdout.isTTY && { ask }),
});
close();
