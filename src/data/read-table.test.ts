import { expect, test } from 'vitest'
import { YimengError } from '../base/index.ts'
import { inferSchema } from './infer-schema.ts'
import { readTable } from './read-table.ts'
import { csvText } from './table.ts'
import type { Schema } from './types.ts'

const schema: Schema = {
  features: [
    { kind: 'numeric', name: 'age' },
    { kind: 'categorical', name: 'pain', levels: ['1', '2', '3'] },
  ],
  label: { kind: 'categorical', name: 'Outcome', levels: ['no', 'yes'] },
}

const faultOf = async (act: () => Promise<unknown>): Promise<YimengError> => {
  const error = await act().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof YimengError) return error
  throw new Error(`no YimengError: ${String(error)}`)
}

const read = (text: string, options = {}, by: Schema = schema) => readTable(csvText('t.csv', text), by, options)

test('reads numbers, categories, missing values and lines; columns are found by name', async () => {
  const dataset = await read('Outcome,more,pain,age\nno,x,1.0,63\nyes,x,?,\nyes,x,3,41.5\n')
  expect(dataset.values.map((values) => [...values])).toEqual([
    [63, Number.NaN, 41.5],
    [0, Number.NaN, 2],
  ])
  expect([[...dataset.labels], [...(dataset.lines ?? [])]]).toEqual([
    [0, 1, 1],
    [2, 3, 4],
  ])
  expect([dataset.rows, dataset.name, dataset.sites, dataset.patients, dataset.unknown]).toEqual([
    3,
    't.csv',
    undefined,
    undefined,
    undefined,
  ])
})

test('a category that the schema does not know is −1 and counted; strictly, it is refused', async () => {
  const text = 'age,pain,Outcome\n1,9,no\n2,9,yes\n3,1,yes\n'
  const dataset = await read(text)
  expect([...(dataset.values[1] ?? [])]).toEqual([-1, -1, 0])
  expect(dataset.unknown).toEqual({ pain: 2 })
  expect((await faultOf(() => read(text, { unknown: 'refuse' }))).code).toBe('category-unknown')
})

test('several tables are several sites; a site column does the same', async () => {
  const tables = [
    csvText('a.csv', 'age,pain,Outcome\n1,1,no\n', { site: 'a' }),
    csvText('b.csv', 'Outcome,age,pain\nyes,2,2\nyes,3,1\n', { site: 'b' }),
  ]
  const dataset = await readTable(tables, schema, { name: 'two' })
  expect([dataset.rows, dataset.sites, [...(dataset.values[0] ?? [])], dataset.name]).toEqual([3, ['a', 'b', 'b'], [1, 2, 3], 'two'])
  const column = await read('age,pain,Outcome,Hospital,id\n1,1,no,b,7\n2,1,yes,a,8\n', {}, { ...schema, site: 'Hospital', patient: 'id' })
  expect([column.sites, column.patients]).toEqual([
    ['b', 'a'],
    ['7', '8'],
  ])
})

test.each([
  ['age,pian,Outcome\n1,1,no\n', 'csv-column', /cannot find column pain: expected pian, got no column of that name/],
  ['age,pain,outcome\n1,1,no\n', 'csv-column', /label column Outcome: expected outcome/],
  ['age,pain,Outcome\n1,1,no\n7secret,1,yes\n', 'csv-number', /cannot read column age: expected a number, got text \(file t\.csv, row 3\)/],
  ['age;pain;Outcome\n1,7;1;no\n2,5;1;yes\n', 'csv-number', /decimal comma; write 1\.5, not 1,5/],
  ['age,pain,Outcome\n1e999,1,no\n', 'csv-number', /infinite/],
  ['age,pain,Outcome\n1,1,no\n1,1,NaN\n', 'label-missing', /a label in every row, got a missing value \(file t\.csv, row 3\)/],
  ['age,pain,Outcome\n1,1,no\n1,1,secret\n', 'label-unknown', /one of no, yes, got another class/],
  ['age,pain,Outcome\n1,1,no\n1,1,no\n', 'label-one-class', /one class in all 2 rows/],
  ['age,pain,Outcome\n', 'table-no-rows', /none \(file t\.csv\)/],
])('refuses %j as %s', async (text, code, message) => {
  const fault = await faultOf(() => read(text))
  expect(fault.code).toBe(code)
  expect(fault.message).toMatch(message)
  expect(fault.message).not.toMatch(/secret|1,7/)
})

test('an empty site among several is named; a single site may hold one class when told', async () => {
  const tables = [
    csvText('a.csv', 'age,pain,Outcome\n1,1,no\n', { site: 'north' }),
    csvText('b.csv', 'age,pain,Outcome\n', { site: 'south' }),
  ]
  expect((await faultOf(() => readTable(tables, schema))).message).toMatch(/file b\.csv, site south/)
  expect((await faultOf(() => read('age,pain,Outcome,H\n1,1,no,\n', {}, { ...schema, site: 'H' }))).code).toBe('site-missing')
  expect((await read('age,pain,Outcome\n1,1,no\n', { oneClass: 'allow' })).rows).toBe(1)
  expect((await faultOf(() => read('age,pain,Outcome\n1,1,no\n', {}, { ...schema, site: 'pain' }))).code).toBe('schema-roles')
  expect((await faultOf(() => read('age,pain\n1,1\n', {}, { ...schema, label: { kind: 'numeric', name: 'age' } }))).code).toBe(
    'schema-roles',
  )
})

const infer = (text: string, options: object = {}) => inferSchema(csvText('t.csv', text), { label: 'Outcome', ...options })

const table = (columns: Readonly<Record<string, (row: number) => string | number>>, rows = 30): string =>
  [
    Object.keys(columns).join(','),
    ...Array.from({ length: rows }, (_, row) =>
      Object.values(columns)
        .map((of) => of(row))
        .join(','),
    ),
  ].join('\n')

test('infers kinds, leaves out what cannot be a feature, and says why', async () => {
  const text = table({
    id: (row) => row + 1000,
    'Patient ID': (row) => `P${row}`,
    age: (row) => (row % 7 === 0 ? 'NA' : 40 + row / 2),
    sex: (row) => (row % 2 === 0 ? 'f' : 'm'),
    grade: (row) => row % 4,
    empty: () => '?',
    note: (row) => `note ${row} ${row * 7}`,
    same: () => 1,
    Outcome: (row) => (row % 3 === 0 ? 1 : 0),
  })
  const inference = await infer(text)
  expect(inference.columns.map(({ name, role, kind, note }) => [name, role, kind, note])).toEqual([
    ['id', 'left out', 'numeric', 'a different number in every row: a row identifier'],
    ['Patient ID', 'left out', 'categorical', 'looks like a patient identifier'],
    ['age', 'feature', 'numeric', undefined],
    ['sex', 'feature', 'categorical', undefined],
    ['grade', 'feature', 'numeric', 'whole numbers with few different values: a code? then name it as categorical'],
    ['empty', 'left out', 'categorical', 'no values'],
    ['note', 'left out', 'categorical', 'too many categories: an identifier, a date or free text'],
    ['same', 'feature', 'numeric', 'the same value in every row'],
    ['Outcome', 'label', 'categorical', undefined],
  ])
  expect([inference.rows, inference.suggestedPatient, inference.columns[2]?.missing]).toEqual([30, 'Patient ID', 5])
  expect(inference.schema.label).toEqual({ kind: 'categorical', name: 'Outcome', levels: ['0', '1'] })
  expect(inference.schema).not.toHaveProperty('patient')
  // what was inferred reads the table it was inferred from
  expect((await readTable(csvText('t.csv', text), inference.schema)).rows).toBe(30)
})

test('a person may overrule: categorical codes, the positive class, columns to leave out, the patient, the site', async () => {
  const text = table({
    who: (row) => `w${row % 9}`,
    Hospital: (row) => `h${row % 2}`,
    code: (row) => [10, 2, 1][row % 3] ?? 0,
    drop: (row) => row,
    Outcome: (row) => (row % 2 === 0 ? 'alive' : 'dead'),
  })
  const { schema: found } = await infer(text, {
    categorical: ['code'],
    positive: 'alive',
    leaveOut: ['drop'],
    patient: 'who',
    site: 'Hospital',
  })
  expect(found).toEqual({
    features: [{ kind: 'categorical', name: 'code', levels: ['1', '2', '10'] }],
    label: { kind: 'categorical', name: 'Outcome', levels: ['dead', 'alive'] },
    patient: 'who',
    site: 'Hospital',
  })
})

test('a label of many numbers is a number; a label of whole numbers with few values is classes', async () => {
  const labelOf = async (label: (row: number) => string | number) =>
    (await infer(table({ x: (row) => row / 3, Outcome: label }, 100))).schema.label.kind
  expect(await labelOf((row) => row / 8)).toBe('numeric')
  expect(await labelOf((row) => row)).toBe('numeric')
  expect(await labelOf((row) => row % 20)).toBe('categorical')
})

test('stray text in a column of numbers is left to the reader, which names the row', async () => {
  const text = table({ x: (row) => (row === 17 ? 'about 5' : row), Outcome: (row) => row % 2 })
  const inference = await infer(text)
  expect(inference.columns[0]).toMatchObject({ kind: 'numeric', note: 'mostly numbers, but some text' })
  const fault = await faultOf(() => readTable(csvText('t.csv', text), inference.schema))
  expect([fault.code, fault.where['row']]).toEqual(['csv-number', 19])
})

test('inference refuses decimal commas, a missing label column, one class, unlike tables', async () => {
  expect((await faultOf(() => infer('x;Outcome\n1,5;0\n2,5;1\n'))).message).toMatch(
    /column x: expected a number, got a number with a decimal comma.*row 2/,
  )
  expect((await faultOf(() => infer('x,outcome\n1,0\n'))).message).toMatch(/label column Outcome: expected outcome/)
  expect((await faultOf(() => infer('x,Outcome\n1,0\n2,0\n'))).code).toBe('label-one-class')
  expect((await faultOf(() => infer('Outcome\n1\n0\n'))).code).toBe('table-no-features')
  expect((await faultOf(() => infer('x,Outcome\n1,0\n2,1\n', { positive: 'yes' }))).code).toBe('label-positive')
  const tables = [csvText('a.csv', 'x,Outcome\n1,0\n', { site: 'a' }), csvText('b.csv', 'y,Outcome\n1,1\n', { site: 'b' })]
  expect((await faultOf(() => inferSchema(tables, { label: 'Outcome' }))).message).toMatch(/column x: .*file b\.csv, site b/)
})

test('a category that one site never sees is a level all the same', async () => {
  const tables = [csvText('a.csv', 'x,Outcome\nu,0\nv,1\n', { site: 'a' }), csvText('b.csv', 'x,Outcome\nw,1\n', { site: 'b' })]
  const { schema: found } = await inferSchema(tables, { label: 'Outcome' })
  expect(found.features).toEqual([{ kind: 'categorical', name: 'x', levels: ['u', 'v', 'w'] }])
})
