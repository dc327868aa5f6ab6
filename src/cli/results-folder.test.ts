import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resultFile, resultsFolder } from './results-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'yimeng-results-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('kept: every file is there, older ones are replaced, others stay', async () => {
  const path = join(root, 'kept')
  mkdirSync(path)
  writeFileSync(join(path, 'a'), 'old')
  writeFileSync(join(path, 'mine'), 'mine')
  const folder = await resultsFolder(path)
  expect(readFileSync(join(path, 'a'), 'utf8')).toBe('old')
  await folder.keep({ a: 'new', b: new Uint8Array([98]) })
  expect(readdirSync(path).sort()).toEqual(['a', 'b', 'mine'])
  expect(readFileSync(join(path, 'a'), 'utf8')).toBe('new')
})

test('dropped: nothing is left, not even the folders on the way', async () => {
  await (await resultsFolder(join(root, 'deep/er/est'))).drop()
  expect(readdirSync(root)).not.toContain('deep')
})

test('dropped: folders that hold something else stay', async () => {
  const path = join(root, 'shared/mine')
  const folder = await resultsFolder(path)
  writeFileSync(join(root, 'shared/other'), '')
  await folder.drop()
  expect(readdirSync(join(root, 'shared'))).toEqual(['other'])
})

test.each([['/proc/nowhere'], [join(root, 'file/below')]])('refused before any work: %s', async (path) => {
  writeFileSync(join(root, 'file'), '')
  if (process.platform !== 'linux' && path.startsWith('/proc')) return
  await expect(resultsFolder(path)).rejects.toMatchObject({ code: 'out-unwritable', where: { out: path } })
})

test('a file is not written over unless told, a folder never', async () => {
  const path = join(root, 'one.txt')
  await (await resultFile(path, false)).keepText('first')
  await expect(resultFile(path, false)).rejects.toMatchObject({ code: 'out-exists' })
  await (await resultFile(path, true)).keepText('second')
  expect(readFileSync(path, 'utf8')).toBe('second')
  await expect(resultFile(root, true)).rejects.toMatchObject({ code: 'out-exists', got: 'a folder' })
})
