import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/noSecrets/setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Browser and host processes are heavy: two files at a time.
    maxWorkers: 2,
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.tools/test-results.json' }]] : ['default'],
  },
})
