import { expect, test } from 'vitest'
import type { Schema } from '../data/index.ts'
import { resolveSpec } from './resolve-spec.ts'
import type { RunSpecInput } from './run-spec.ts'
import { analysedRows, statisticsCost } from './statistics.ts'

const specOf = (more: Partial<RunSpecInput>) => resolveSpec({ task: 'iris', ...more })
const noised = { preprocessing: { statistics: 'noised' } } as const
const rows = Uint32Array.of(0, 1, 2, 3, 4, 5, 6)
const patients = ['a', 'a', 'a', 'b', 'c', 'c', 'c']

test('what a site shows: every row; nothing where no site is asked; one row of each patient where patients are hidden, any of them', () => {
  const inSteps = { noise: 'dp-sgd', epsilon: 3 } as const
  expect(analysedRows(specOf({ privacy: inSteps }), rows, patients)).toBe(rows)
  expect(analysedRows(specOf({ privacy: inSteps, preprocessing: { statistics: 'public' } }), rows, patients)).toHaveLength(0)
  expect(analysedRows(specOf({ ...noised, privacy: inSteps }), rows, patients)).toBe(rows)
  const ofPatients = specOf({ ...noised, privacy: { ...inSteps, unit: 'patient' } })
  const counts = new Map<number, number>()
  for (let k = 0; k < 3000; k += 1) {
    const shown = analysedRows(ofPatients, rows, patients)
    expect(shown).toHaveLength(3)
    for (const row of shown) counts.set(row, (counts.get(row) ?? 0) + 1)
  }
  expect(counts.get(3)).toBe(3000)
  // each of three rows 1000 times in 3000, standard deviation 26: false alarm below 1e-9
  for (const row of [0, 1, 2, 4, 5, 6]) expect(Math.abs((counts.get(row) ?? 0) - 1000)).toBeLessThan(6.5 * 26)
  expect(() => analysedRows(ofPatients, rows, undefined)).toThrow(expect.objectContaining({ code: 'private-patients' }))
})

test('noise is charged only where something is asked', () => {
  const schema: Schema = {
    features: [{ kind: 'categorical', name: 'ward', levels: ['a', 'b'] }],
    label: { kind: 'categorical', name: 'ill', levels: ['no', 'yes'] },
  }
  const spec = specOf({ ...noised, privacy: { epsilon: 3, noise: 'dp-sgd' } })
  // levels are declared: there is nothing to measure
  expect(statisticsCost(spec, schema)).toBeUndefined()
  const withNumber: Schema = { ...schema, features: [...schema.features, { kind: 'numeric', name: 'age', range: [0, 120] }] }
  expect(statisticsCost(spec, withNumber)).toMatchObject({ unit: 'record', budget: { epsilon: 3 } })
  expect(statisticsCost(specOf({ privacy: { epsilon: 3, noise: 'dp-sgd' } }), withNumber)).toBeUndefined()
})
