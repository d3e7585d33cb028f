import { defineConfig } from 'vitest/config';

/** Files of one tier share what they import: loading the CDK and the SDK once per worker is most of the suite's time. */
const tier = (name: string, include: string[], exclude: string[] = [], isolate = false) => ({
  test: {
    name,
    include,
    exclude,
    isolate,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    execArgv: isolate ? [] : SHORT_LIVED,
  },
});

/**
 * Every cold start evaluates a bundle anew, and V8 keeps what it learns of code with each evaluation: optimizing what dies with
 * its world costs more than it brings. So code is compiled to the baseline at once, which evaluations share, and optimized
 * late; and what a world leaves behind is collected while it is young. A fifth of the processor time of the scenarios.
 */
const SHORT_LIVED = [
  '--always-sparkplug',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  // Node 22 counts otherwise, and does not start with an option that it does not know.
  ...(process.version.startsWith('v20.') ? ['--interrupt-budget=10000000'] : []),
];

const ADAPTERS = ['test/functions/{aws,steps,handlers}/**/*.test.ts', 'test/cli/verbs/size-live.test.ts'];
const COLLECTED = ['test/region/wire/wire.test.ts', 'test/scenario/forgotten-worlds.test.ts'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    // What was transformed stays so from run to run, known by its content.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/vitest' },
    globalSetup: 'test/scratch.ts',
    projects: [
      tier('all', ['test/**/*.test.ts'], [...ADAPTERS, ...COLLECTED]),
      // Adapter tests replace parts of the SDK, which the others must not see.
      tier('adapters', ADAPTERS),
      // These look at what the garbage collector frees, so nobody else's objects may be about.
      tier('collected', COLLECTED, [], true),
    ],
  },
});
