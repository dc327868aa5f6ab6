import { expect, test } from 'vitest'
import { pooledMeasures } from './pooled-measures.ts'

test('means by rows; of roots by their squares; sites without rows do not count', () => {
  const told = [
    { rows: 1, measures: { mae: 4, rmse: 4 } },
    { rows: 3, measures: { mae: 0, rmse: 0 } },
    { rows: 0, measures: { mae: 100, rmse: 100 } },
  ]
  expect(pooledMeasures(told)).toEqual({ mae: 1, rmse: 2 })
})

test('what does not add up by rows, or is unknown to one site, is left out', () => {
  const told = [
    { rows: 2, measures: { accuracy: 0.5, auc: 0.9, loss: 1 } },
    { rows: 2, measures: { accuracy: 1, auc: 0.8, loss: null } },
  ]
  expect(pooledMeasures(told)).toEqual({ accuracy: 0.75 })
  expect(pooledMeasures([])).toEqual({})
})
