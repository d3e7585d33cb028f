import { defineConfig } from 'vitest/config';

/** Files of one tier share what they import: loading the CDK and the SDK once per worker is most of the suite's time. */
const tier = (name: string, include: string[], exclude: string[] = [], isolate = false) => ({
  test: { name, include, exclude, isolate, testTimeout: 60_000, hookTimeout: 60_000 },
});

const ADAPTERS = ['test/functions/{aws,steps,handlers}/**/*.test.ts', 'test/cli/account/**/*.test.ts'];
const COLLECTED = 'test/region/wire/wire.test.ts';

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: 'test/scratch.ts',
    projects: [
      tier('all', ['test/**/*.test.ts'], [...ADAPTERS, COLLECTED]),
      // Adapter tests replace parts of the SDK, which the others must not see.
      tier('adapters', ADAPTERS),
      // These look at what the garbage collector frees, so nobody else's objects may be about.
      tier('collected', [COLLECTED], [], true),
    ],
  },
});
