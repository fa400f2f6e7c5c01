import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    pool: 'forks', // native add-ons must not share a process
    testTimeout: 60_000,
    hookTimeout: 300_000, // some suites begin with whole runs
  },
})
