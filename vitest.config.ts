import { availableParallelism } from 'node:os'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumPath } from './tools/chromium.ts'

const executablePath = chromiumPath()
const inBrowser = ['test/browser/**/*.test.ts']

export default defineConfig({
  test: {
    typecheck: { enabled: false },
    // a bound on what hangs, not on what is slow: real processes on a busy machine take their time
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // many tests wait for processes of their own: one file a core, not one core left over
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: inBrowser,
          // process-level isolation: native engine sessions and worker threads must not outlive the file that made them
          pool: 'forks',
        },
      },
      // without Chromium test/browser-page.test.ts says loudly what was not run
      ...(executablePath === undefined
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: 'browser',
                include: inBrowser,
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  provider: playwright({ launchOptions: { executablePath } }),
                  instances: [{ browser: 'chromium' as const }],
                },
              },
            },
          ]),
    ],
  },
})
