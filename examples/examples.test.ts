import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const here = new URL('./', import.meta.url)
const names = (await readdir(here)).filter((name) => /^own-[a-z-]+\.ts$/.test(name))

test.each(names)('%s runs, and is short', async (name) => {
  const { stdout } = await promisify(execFile)(process.execPath, [name], { cwd: here })
  const accuracies = [...stdout.matchAll(/accuracy (\d\.\d+)/g)].map(([, value]) => Number(value))
  expect(accuracies.length).toBeGreaterThan(0)
  for (const accuracy of accuracies) expect(accuracy).toBeGreaterThan(0.8)
  expect((await readFile(new URL(name, here), 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(30)
})
