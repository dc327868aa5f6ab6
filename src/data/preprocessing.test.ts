import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitPreprocessing, inputNames, labelValue, type PreprocessingOptions, preprocessingJson } from './preprocessing.ts'
import { readTable } from './read-table.ts'
import { columnsOf, summarise } from './summarise.ts'
import { csvText } from './table.ts'
import { transform, transformRaw, transformTable } from './transform.ts'
import type { Dataset, Schema } from './types.ts'
import { completeRows, dropColumns, takeRows } from './views.ts'

const schema: Schema = {
  features: [
    { kind: 'numeric', name: 'age', missing: ['-1'] },
    { kind: 'categorical', name: 'pain', levels: ['a', 'b', 'c'] },
    { kind: 'numeric', name: 'same' },
  ],
  label: { kind: 'categorical', name: 'ill', levels: ['no', 'yes'] },
}

const text = 'age,pain,same,ill\n60,a,7,no\n40,b,7,yes\n-1,,7,yes\n50,b,7,no\n'
const load = () => readTable(csvText('t.csv', text), schema)
const rowsOf = (inputs: Float32Array, width: number): readonly (readonly number[])[] =>
  Array.from({ length: inputs.length / width }, (_, row) => Array.from(inputs.subarray(row * width, (row + 1) * width)))

test('standardises by mean and population standard deviation, fills with the mean, one-hot encodes; a constant column is 0', async () => {
  const dataset = await load()
  const preprocessing = fitPreprocessing(schema, summarise(dataset))
  expect(inputNames(preprocessing)).toEqual(['age', 'pain=a', 'pain=b', 'pain=c', 'same'])
  const batch = transform(preprocessing, dataset)
  const z = Math.fround(10 / Math.sqrt(200 / 3))
  expect(rowsOf(batch.inputs, 5)).toEqual([
    [z, 1, 0, 0, 0],
    [-z, 0, 1, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 1, 0, 0],
  ])
  expect([batch.rows, batch.inputShape, batch.targetShape, [...batch.targets]]).toEqual([4, [5], [], [0, 1, 1, 0]])
  expect(transform(preprocessing, dataset, [3, 0]).inputs).toEqual(Float32Array.of(0, 0, 1, 0, 0, z, 1, 0, 0, 0))
})

test('options: range, dropped first level, missing indicators, standardised shares', async () => {
  const dataset = await load()
  const summaries = summarise(dataset)
  const preprocessing = fitPreprocessing(schema, summaries, {
    numeric: 'range',
    dropFirst: true,
    missingIndicators: true,
    oneHot: 'standardise',
  })
  expect(inputNames(preprocessing)).toEqual(['age', 'age is missing', 'pain=b', 'pain=c', 'pain is missing', 'same'])
  const share = (yes: number, of: number, value: number) => Math.fround((value - yes / of) / Math.sqrt((yes / of) * (1 - yes / of)))
  const [first, , third] = rowsOf(transform(preprocessing, dataset).inputs, 6)
  // pain=c never occurs: spread 0, so 0
  expect(first).toEqual([1, share(1, 4, 0), share(2, 4, 0), 0, share(1, 4, 0), 0])
  expect(third).toEqual([0.5, share(1, 4, 1), share(2, 4, 0), 0, share(1, 4, 1), 0])
})

test('a standardised one-hot of two levels, first dropped, equals the standardised 0/1 column', async () => {
  const csv = `x,y\n${[0, 1, 1, 0, 1, 1, 1].map((x, row) => `${x},${row % 2}`).join('\n')}\n`
  const label = { kind: 'categorical', name: 'y', levels: ['0', '1'] } as const
  const numbers: Schema = { features: [{ kind: 'numeric', name: 'x' }], label }
  const words: Schema = { features: [{ kind: 'categorical', name: 'x', levels: ['0', '1'] }], label }
  const inputs = async (by: Schema, options: PreprocessingOptions) => {
    const dataset = await readTable(csvText('t.csv', csv), by)
    return transform(fitPreprocessing(by, summarise(dataset), options), dataset).inputs
  }
  const [a, b] = [await inputs(numbers, {}), await inputs(words, { dropFirst: true, oneHot: 'standardise' })]
  for (const [at, value] of a.entries()) expect(b[at]).toBeCloseTo(value, 6)
})

test('levels that only other sites saw come after the schema’s own, by code point', () => {
  const summaries = [
    { kind: 'numeric', count: 1, missing: 0, mean: 1, variance: 0, min: 1, max: 1 },
    { kind: 'categorical', counts: { z: 1, b: 2, d: 1 }, missing: 0 },
    { kind: 'numeric', count: 0, missing: 3, mean: Number.NaN, variance: Number.NaN, min: Infinity, max: -Infinity },
  ] as const
  const preprocessing = fitPreprocessing(schema, summaries)
  expect(preprocessing.columns[1]).toMatchObject({ levels: ['a', 'b', 'c', 'd', 'z'] })
  // a column without a single value anywhere is 0, not NaN, and can be saved
  expect(preprocessing.inputs.at(-1)).toMatchObject({ fill: 0, centre: 0, spread: 0 })
  expect(preprocessingJson.decode(preprocessingJson.encode(preprocessing))).toEqual(preprocessing)
})

test('columns, levels and classes are matched by name', async () => {
  const preprocessing = fitPreprocessing(schema, summarise(await load()))
  const other: Schema = {
    features: [
      { kind: 'categorical', name: 'pain', levels: ['x', 'c', 'b', 'a'] },
      { kind: 'numeric', name: 'more' },
      { kind: 'numeric', name: 'same' },
      { kind: 'numeric', name: 'age' },
    ],
    label: { kind: 'categorical', name: 'ill', levels: ['yes', 'no'] },
  }
  const dataset = await readTable(csvText('t.csv', 'pain,more,same,age,ill\nb,0,7,50,yes\nx,0,7,50,no\n'), other)
  const batch = transform(preprocessing, dataset)
  expect(rowsOf(batch.inputs, 5)).toEqual([
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0, 0],
  ])
  expect([...batch.targets]).toEqual([1, 0])
  expect(() => transform(preprocessing, dropColumns(dataset, ['age']))).toThrow(/no column of that name \(column age\)/)
})

test('raw rows give the same numbers as the data set, for any options', async () => {
  const cell = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map(String),
    fc.constantFrom('', 'NA', '?'),
  )
  const word = fc.constantFrom('a', 'b', 'c', '', 'NaN', ' b ')
  const table = fc.array(fc.tuple(cell, word, cell, fc.constantFrom('no', 'yes')), { minLength: 2, maxLength: 30 })
  const options: fc.Arbitrary<PreprocessingOptions> = fc.record({
    numeric: fc.constantFrom('standardise', 'range', 'none'),
    oneHot: fc.constantFrom('plain', 'standardise'),
    dropFirst: fc.boolean(),
    missingIndicators: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(table, options, async (rows, chosen) => {
      const header = ['age', 'pain', 'same', 'ill']
      const dataset = await readTable(
        { name: 't', rows: () => [header, ...rows].map((cells, line) => ({ cells: cells.map((c) => c.trim()), line })) },
        schema,
        {
          oneClass: 'allow',
        },
      )
      const preprocessing = preprocessingJson.decode(preprocessingJson.encode(fitPreprocessing(schema, summarise(dataset), chosen)))
      const { inputs } = transform(preprocessing, dataset)
      const raw = await transformRaw(
        preprocessing,
        header.slice(0, 3).toReversed(),
        rows.map((cells) => cells.slice(0, 3).toReversed()),
      )
      expect(raw.inputs).toEqual(inputs)
      expect(inputs.every(Number.isFinite)).toBe(true)
    }),
    { numRuns: 100, seed: 1 },
  )
})

test('prediction: no label needed, unknown categories and missing cells are counted, faults name the row', async () => {
  const preprocessing = fitPreprocessing(schema, summarise(await load()))
  const table = csvText('new.csv', 'same,age,pain\n7,-1,z\n7,60,z\n7,60,a\n')
  const raw = await transformTable(preprocessing, table)
  expect([raw.rows, raw.unknown, raw.missing]).toEqual([3, { pain: 2 }, { age: 1 }])
  expect(rowsOf(raw.inputs, 5)[0]).toEqual([0, 0, 0, 0, 0])
  await expect(transformTable(preprocessing, table, { strict: true })).rejects.toThrow(
    /one of 3 known categories, got another one \(file new\.csv, row 2\)/,
  )
  await expect(transformTable(preprocessing, csvText('new.csv', 'age,pian,same\n1,a,7\n'))).rejects.toThrow(
    /cannot find column pain: expected pian/,
  )
  await expect(transformTable(preprocessing, csvText('new.csv', 'age,pain,same\nold,a,7\n'))).rejects.toThrow(
    /read column age: expected a number, got text/,
  )
})

test('a saved preprocessing that is not one is refused with the place', () => {
  const faults = [
    '{',
    '{}',
    '{"version":2}',
    JSON.stringify({
      version: 1,
      columns: [],
      inputs: [{ kind: 'value', column: 'x', fill: 0, centre: 0, spread: 1 }],
      label: { kind: 'numeric', name: 'y', centre: 0, spread: 1 },
    }),
  ]
  for (const fault of faults)
    expect(() => preprocessingJson.decode(fault)).toThrow(/cannot load preprocessing: expected version 1 of its format/)
})

test('summaries that are not the schema’s are refused', async () => {
  const summaries = summarise(await load())
  expect(() => fitPreprocessing(schema, summaries.slice(1))).toThrow(/expected 3 summaries/)
  expect(() => fitPreprocessing(schema, [summaries[1]!, summaries[0]!, summaries[2]!])).toThrow(
    /a numeric summary, got a categorical one \(column age\)/,
  )
})

test('a numeric label is raw, or standardised with the way back', async () => {
  const regression: Schema = { features: [{ kind: 'numeric', name: 'x' }], label: { kind: 'numeric', name: 'y' } }
  const dataset = await readTable(csvText('t.csv', 'x,y\n1,10\n2,30\n'), regression)
  expect([...transform(fitPreprocessing(regression, summarise(dataset)), dataset).targets]).toEqual([10, 30])
  const scaled = fitPreprocessing(regression, summarise(dataset, undefined, { label: true }), { target: 'standardise' })
  const { targets } = transform(scaled, dataset)
  expect([...targets]).toEqual([-1, 1])
  expect(Array.from(targets, (target) => labelValue(scaled, target))).toEqual([10, 30])
  expect(() => fitPreprocessing(regression, summarise(dataset), { target: 'standardise' })).toThrow(/summary of the label/)
})

test('summaries: pooled figures, missing and unlisted values counted as missing', async () => {
  const dataset: Dataset = {
    ...(await load()),
    values: [Float64Array.of(1, Number.NaN, 3, 8), Float64Array.of(0, -1, Number.NaN, 0), Float64Array.of(5, 5, 5, 5)],
  }
  expect(columnsOf(dataset, [0, 1], { label: true }).at(-1)).toEqual({ kind: 'categorical', name: 'ill', values: ['no', 'yes'] })
  expect(summarise(dataset)).toEqual([
    { kind: 'numeric', count: 3, missing: 1, mean: 4, variance: 26 / 3, min: 1, max: 8 },
    { kind: 'categorical', counts: { a: 2 }, missing: 2 },
    { kind: 'numeric', count: 4, missing: 0, mean: 5, variance: 0, min: 5, max: 5 },
  ])
})

test('views: complete rows, chosen rows, dropped columns', async () => {
  const dataset = await load()
  expect([...completeRows(dataset)]).toEqual([0, 1, 3])
  const part = takeRows(dataset, completeRows(dataset))
  expect([part.rows, [...part.labels], [...(part.lines ?? [])], [...(part.values[0] ?? [])]]).toEqual([
    3,
    [0, 1, 0],
    [2, 3, 5],
    [60, 40, 50],
  ])
  expect(dropColumns(dataset, ['pain']).schema.features.map((column) => column.name)).toEqual(['age', 'same'])
  expect(() => dropColumns(dataset, ['pian'])).toThrow(/cannot drop column pian: expected pain/)
})

test('a category called like a property of every object is a category', async () => {
  const odd: Schema = { features: [{ kind: 'categorical', name: 'x', levels: ['constructor', 'toString'] }], label: schema.label }
  const dataset = await readTable(csvText('t.csv', 'x,ill\ntoString,no\ntoString,yes\n'), odd)
  const preprocessing = fitPreprocessing(odd, summarise(dataset), { oneHot: 'standardise' })
  expect([...transform(preprocessing, dataset).inputs]).toEqual([0, 0, 0, 0])
})
