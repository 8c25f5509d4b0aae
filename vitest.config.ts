import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One instance of graphql for all: Apollo's packages load its CommonJS build, as Node itself does for ours, where Vite would choose the other one. */
const ONE_GRAPHQL = {
  alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
};

/** The suffix of a test says what it needs: `.test.ts` nothing, `.fuzz.ts` time, `.services.ts` a real engine from `tools/engines`, `.e2e.ts` a whole platform in child processes, `.browser.ts` a Chromium. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: ONE_GRAPHQL,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          // As many as there are cores: the default leaves one idle, which is half of a small machine.
          maxWorkers: '100%',
          // A hang is found all the same; a test that moves a clock over a day takes seconds when the machine has other work.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        resolve: ONE_GRAPHQL,
        test: {
          name: 'services',
          include: ['**/*.services.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 60_000,
          // The first start of an engine fetches it, or builds it.
          hookTimeout: 40 * 60_000,
          fileParallelism: false,
        },
      },
      {
        resolve: ONE_GRAPHQL,
        test: { name: 'fuzz', include: ['**/*.fuzz.ts'], exclude: ['**/node_modules/**'], maxWorkers: '100%' },
      },
      {
        resolve: ONE_GRAPHQL,
        test: {
          name: 'e2e',
          include: ['**/*.e2e.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['**/*.browser.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
