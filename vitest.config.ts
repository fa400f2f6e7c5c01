import { defineConfig } from 'vitest/config'

/**
 * Tests of code that neither loads a native add-on nor keeps anything between calls: their files share a thread and its modules, which spares starting
 * a process and reading the program anew for each.
 */
const pure = [
  ...['core', 'math', 'config', 'labels', 'tuning', 'portfolio', 'simulate', 'backtest', 'features'].map(
    (folder) => `test/${folder}/**/*.test.ts`,
  ),
  'test/market/!(real-data).test.ts',
]

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts'],
    testTimeout: 300_000, // a hung test ends; how fast one is, bench/ says
    hookTimeout: 300_000, // some suites begin with whole runs
    projects: [
      { extends: true, test: { name: 'pure', include: pure, pool: 'threads', isolate: false } },
      // Native add-ons must not share a process.
      { extends: true, test: { name: 'rest', include: ['test/**/*.test.ts'], exclude: pure, pool: 'forks' } },
    ],
  },
})
