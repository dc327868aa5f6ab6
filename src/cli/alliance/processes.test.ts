import { execFileSync } from 'node:child_process'
import { afterEach, expect, test, vi } from 'vitest'
import { longStaying } from './processes.ts'

afterEach(() => vi.unstubAllEnvs())

const youngMb = (env: NodeJS.ProcessEnv): number =>
  Number(
    execFileSync(
      process.execPath,
      [
        '-p',
        'const kept = []; for (let i = 0; i < 3e5; i++) kept.push({ i }); v8.getHeapSpaceStatistics().find((s) => s.space_name === "new_space").space_size / 2 ** 20',
      ],
      { env, encoding: 'utf8' },
    ),
  )

test('what stays for days has little room for young objects, unless its operator says otherwise', () => {
  vi.stubEnv('NODE_OPTIONS', '')
  expect(longStaying()['MALLOC_TRIM_THRESHOLD_']).toBe('2147483648')
  expect(youngMb(longStaying())).toBeLessThanOrEqual(12)
  vi.stubEnv('NODE_OPTIONS', '--max-semi-space-size=32')
  expect(youngMb(longStaying())).toBeGreaterThan(12)
})
