import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveSpec, type RunSpecInput, specHash } from '../tasks/index.ts'
import { addData } from './bindings.ts'
import { dryRun } from './dry-run.ts'
import { setPolicy } from './policy.ts'

let folder = ''
const spec = (change: Partial<RunSpecInput> = {}) => resolveSpec({ task: 'iris', ...change })
const tried = (change: Partial<RunSpecInput> = {}) => dryRun(folder, spec(change), AbortSignal.timeout(30_000))
const of = ({ departures }: Awaited<ReturnType<typeof tried>>, what: string) => departures.find((one) => one.what === what)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-dry-'))
  // the embedded file has a header of its own kind, and numbers for species
  const [, ...lines] = (await readFile(new URL('../../data/iris/iris.csv', import.meta.url), 'utf8')).trim().split('\n')
  const species = ['setosa', 'versicolor', 'virginica']
  const rows = lines.map((line) => line.trim().replace(/\d$/, (digit) => species[Number(digit)] ?? ''))
  await writeFile(join(folder, 'rows.csv'), ['sepal length,sepal width,petal length,petal width,species', ...rows].join('\n'))
  await addData(folder, 'iris', spec(), { train: join(folder, 'rows.csv') })
  await setPolicy(folder, { approval: 'all' })
})
afterAll(() => rm(folder, { recursive: true }))

test('shows what leaves: statistics once, an update each round, and words', async () => {
  const found = await tried()
  expect(found.trainRows + found.testRows).toBe(150)
  expect(found).toMatchObject({ sum: 'plain', specHash: specHash(spec()) })
  expect(found.refused).toBeUndefined()
  // four features and four flags for missing cells, three classes; each parameter takes four bytes of the ring at least
  expect(found.parameters).toBe(27)
  expect(of(found, 'update')?.bytes).toBeGreaterThan(27 * 4)
  expect(of(found, 'statistics')?.bytes).toBeGreaterThan(0)
  // the very bytes are there to look at, and the same each time
  expect(
    of(found, 'update')
      ?.content.map((frame) => frame.length)
      .reduce((a, b) => a + b, 0),
  ).toBe(of(found, 'update')?.bytes)
  expect(of(await tried(), 'update')?.content).toEqual(of(found, 'update')?.content)
})

test('under masks the same update is other bytes each time', async () => {
  const [one, two] = [await tried({ sum: 'masked' }), await tried({ sum: 'masked' })]
  expect(of(one, 'update')?.frames).toBe(of(two, 'update')?.frames)
  expect(of(one, 'update')?.content).not.toEqual(of(two, 'update')?.content)
})

test('says when the site’s policy would refuse, and when there is no data', async () => {
  await setPolicy(folder, { approval: 'all', sums: ['masked'] })
  expect((await tried()).refused).toMatch(/sum plain/)
  await setPolicy(folder, { approval: 'all' })
  await expect(dryRun(folder, resolveSpec({ task: 'breast-cancer' }), AbortSignal.timeout(5_000))).rejects.toMatchObject({
    code: 'dry-run-data',
  })
})
