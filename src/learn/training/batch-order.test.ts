import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { batchOrder } from './batch-order.ts'

const size = fc.integer({ min: 1, max: 30 })

test('each pass takes every row once; what is padding has weight 0 and row 0', () => {
  fc.assert(
    fc.property(size, size, fc.integer({ min: 0, max: 4 }), fc.nat(), (rows, batch, epochs, root) => {
      const { steps, indices, weights } = batchOrder({ rows, batch, epochs }, seed(root))
      const perPass = Math.ceil(rows / batch)
      expect(steps).toBe(epochs * perPass)
      for (let pass = 0; pass < epochs; pass++) {
        const slots = Array.from({ length: perPass * batch }, (_, i) => pass * perPass * batch + i)
        expect(
          slots
            .filter((i) => weights[i] === 1)
            .map((i) => indices[i] ?? -1)
            .sort((a, b) => a - b),
        ).toEqual(Array.from({ length: rows }, (_, i) => i))
        expect(slots.filter((i) => weights[i] !== 1).every((i) => weights[i] === 0 && indices[i] === 0)).toBe(true)
      }
    }),
  )
})

test('a number of steps is the beginning of as many passes', () => {
  fc.assert(
    fc.property(size, size, fc.integer({ min: 0, max: 40 }), (rows, batch, steps) => {
      const some = batchOrder({ rows, batch, steps }, seed(1))
      const all = batchOrder({ rows, batch, epochs: Math.ceil(steps / Math.ceil(rows / batch)) }, seed(1))
      expect(some.steps).toBe(steps)
      expect(some.indices).toEqual(all.indices.subarray(0, steps * batch))
      expect(some.weights).toEqual(all.weights.subarray(0, steps * batch))
    }),
  )
})

test('passes differ, seeds differ, and the same seed gives the same order', () => {
  const { indices } = batchOrder({ rows: 100, batch: 100, epochs: 2 }, seed(1))
  expect(indices.subarray(0, 100)).not.toEqual(indices.subarray(100))
  expect(batchOrder({ rows: 100, batch: 100, epochs: 2 }, seed(1)).indices).toEqual(indices)
  expect(batchOrder({ rows: 100, batch: 100, epochs: 2 }, seed(2)).indices).not.toEqual(indices)
})

test.each([
  { rows: 0, batch: 1, epochs: 1 },
  { rows: 3, batch: 0, epochs: 1 },
  { rows: 3, batch: 1.5, epochs: 1 },
  { rows: 3, batch: 1, steps: -1 },
  { rows: 3, batch: 1, epochs: Number.NaN },
])('refuses %o', (options) => {
  expect(() => batchOrder(options, seed(1))).toThrow('order batches')
})
