import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumPath } from './tools/chromium.ts'

const executablePath = chromiumPath()
const inBrowser = ['test/browser/**/*.test.ts']

export default defineConfig({
  test: {
    typecheck: { enabled: false },
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
