// New series: the last moments of a file, by the names of its columns, as the data set's own windows.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seed } from '../base/index.ts'
import { dataSchema, fitPreparation, modelOf as networkFor, modelSchema, type SeriesDataset, trainedModel } from '../tasks/index.ts'
import { evaluate, predictSeries } from './index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yimeng-series-'))
})
afterAll(() => rm(folder, { recursive: true }))

const random = seed(5).random()
const series = Float32Array.from({ length: 12 }, () => 500 + 20 * random.normal())
const dataset: SeriesDataset = {
  name: 'engines',
  schema: { label: { kind: 'numeric', name: 'cycles' } },
  rows: 1,
  labels: Float64Array.of(80),
  shape: [6, 2],
  channels: ['heat', 'speed'],
  series,
}
const numeric = { kind: 'numeric' as const, count: 9, missing: 0, mean: 500, variance: 400, min: 0, max: 1000 }
const preprocessing = fitPreparation(dataSchema(dataset), [numeric, numeric, { ...numeric, mean: 80 }], {
  numeric: 'standardise',
  target: 'standardise',
})
const choice = modelSchema.parse({ kind: 'gru', hidden: 4 })
const params = networkFor(choice, preprocessing).model.init(seed(1))
const model = trainedModel({ task: 'engines', choice, preprocessing, params, specHash: '' })

const file = async (name: string, lines: readonly string[]): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}

test('the last lines count, columns in any order', async () => {
  const steps = Array.from({ length: 6 }, (_, t) => `${series[2 * t + 1]},${t},${series[2 * t]}`)
  const path = await file('engine.csv', ['speed,cycle,heat', '1,0,1', '2,0,2', ...steps])
  const { outputs } = await evaluate(model, dataset)
  const [found, again] = await predictSeries(model, [path, path])
  expect(found).toEqual({ value: outputs[0] })
  expect(again).toEqual(found)
})

test.each([
  ['short.csv', ['heat,speed', '1,2'], 'series-short'],
  ['column.csv', ['heat,cycle', '1,2'], 'csv-column'],
  ['cell.csv', ['heat,speed', ...Array.from({ length: 7 }, () => '1,fast')], 'csv-number'],
])('%s is refused by name', async (name, lines, code) => {
  await expect(predictSeries(model, [await file(name, lines)])).rejects.toMatchObject({ code, where: { file: name } })
})
