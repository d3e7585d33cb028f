import { defineConfig } from 'vitest/config';

/** Files of one tier share what they import: loading the CDK and the SDK once per worker is most of the suite's time. */
const tier = (name: string, ...include: string[]) => ({
  test: { name, include, isolate: false, testTimeout: 60_000, hookTimeout: 60_000 },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      tier('stack', 'test/scenario/**/*.test.ts', 'test/infra/**/*.test.ts'),
      tier('region', 'test/region/**/*.test.ts'),
      tier('unit', 'test/unit/**/*.test.ts', 'test/tidy.test.ts'),
    ],
  },
});
