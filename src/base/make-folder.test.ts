import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFolder } from './node.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-folders-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('makes what is missing, also when asked from several sides at once', async () => {
  const deep = join(folder, 'a', 'b', 'c')
  await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(deep, 'd'))])
  expect((await stat(join(deep, 'd'))).isDirectory()).toBe(true)
  await makeFolder(deep)
})

test.skipIf(process.platform === 'win32')('a secret folder is its owner’s', async () => {
  const secret = join(folder, 'keys')
  await makeFolder(secret, { secret: true })
  expect((await stat(secret)).mode & 0o777).toBe(0o700)
})

test('a file in the way is a fault, and so is a place that takes no folders', { timeout: 5000 }, async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(makeFolder(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'home-unwritable' })
  if (process.platform === 'linux') await expect(makeFolder('/proc/none/below')).rejects.toMatchObject({ code: 'home-unwritable' })
})
