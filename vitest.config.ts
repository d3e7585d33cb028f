import { defineConfig } from 'vitest/config';

/** Files of one tier share what they import: loading the CDK and the SDK once per worker is most of the suite's time. */
const tier = (name: string, include: string[], exclude: string[] = []) => ({
  test: { name, include, exclude, isolate: false, testTimeout: 60_000, hookTimeout: 60_000 },
});

const ADAPTERS = 'test/unit/aws/**/*.test.ts';

export default defineConfig({
  test: {
    maxWorkers: 2,
    // Adapter tests replace parts of the SDK, which the others must not see.
    projects: [tier('all', ['test/**/*.test.ts'], [ADAPTERS]), tier('adapters', [ADAPTERS])],
  },
});
