// A site's own series: windows, their labels, and what is refused by name.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { splitRows } from '../split.ts'
import { ownSeries } from './own-series.node.ts'

const form = { shape: [3, 2], channels: ['heat', 'speed'], label: { kind: 'numeric', name: 'left' } } as const
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-own-series-'))
})
afterAll(() => rm(folder, { recursive: true }))

const write = async (name: string, lines: readonly string[]): Promise<string> => {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}

test('each file gives its windows in order, columns by name, the label of the last line; none runs from one file into the next', async () => {
  await write('pumps/b.csv', ['left,note,speed,heat', '2,x,10,1', '1,x,20,2', '0,x,30,3'])
  await write('pumps/a.csv', ['heat,speed,left', '4,40,3', '5,50,2', '6,60,1', '7,70,0'])
  const { rows, series, labels, patients } = await ownSeries(join(folder, 'pumps'), form)
  expect(rows).toBe(3)
  expect([...series]).toEqual([4, 40, 5, 50, 6, 60, 5, 50, 6, 60, 7, 70, 1, 10, 2, 20, 3, 30])
  expect([...labels]).toEqual([1, 0, 0])
  expect(patients).toEqual(['a', 'a', 'b'])
})

test('windows of one series overlap: a split keeps them on one side', async () => {
  const place = join(folder, 'many')
  for (let unit = 0; unit < 10; unit += 1)
    await write(`many/${unit}.csv`, ['heat,speed,left', ...Array.from({ length: 8 }, (_, t) => `${unit},${t},${8 - t}`)])
  const dataset = await ownSeries(place, form)
  const { train, test: judged } = splitRows({ dataset, testShare: 0.3, seed: seed(1) })
  const unitOf = (row: number): string | undefined => dataset.patients?.[row]
  const learned = new Set(Array.from(train, unitOf))
  expect(judged.length).toBeGreaterThan(0)
  expect(Array.from(judged, unitOf).filter((unit) => learned.has(unit))).toEqual([])
})

test.each([
  ['short.csv', ['heat,speed,left', '1,2,3'], 'series-short'],
  ['channel.csv', ['heat,left', '1,2'], 'csv-column'],
  ['gap.csv', ['heat,speed,left', '1,2,3', '1,,2', '1,2,1'], 'csv-number'],
  ['unlabelled.csv', ['heat,speed,left', '1,2,3', '1,2,', '1,2,1'], 'label-missing'],
])('%s is refused by name', async (name, lines, code) => {
  await expect(ownSeries(await write(name, lines), form)).rejects.toMatchObject({ code, where: { file: name } })
})

test('a folder without series says so', async () => {
  await mkdir(join(folder, 'empty'))
  await expect(ownSeries(join(folder, 'empty'), form)).rejects.toMatchObject({ code: 'series-files', where: { folder: 'empty' } })
})
