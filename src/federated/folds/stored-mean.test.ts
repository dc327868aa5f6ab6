// Means of updates that lie elsewhere: the bits and the refusals of those in memory, in pieces.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seed, type StoredBytes, YimengError } from '../../base/index.ts'
import { storedFold } from '../aggregation.ts'
import { storedUpdate, type Update, updateCodec } from '../update.ts'
import { weightedMean } from './weighted-mean.ts'

/** Bytes as a file holds them. `largest`: the most that was read at once. */
const stored = (bytes: Uint8Array): StoredBytes & { readonly largest: () => number } => {
  let largest = 0
  return {
    length: bytes.length,
    read: async (into, at) => {
      await Promise.resolve()
      if (at < 0 || at + into.length > bytes.length) throw new Error('beyond the end')
      largest = Math.max(largest, into.length)
      into.set(bytes.subarray(at, at + into.length))
    },
    largest: () => largest,
  }
}

test.each([
  { bits: 32, rounded: false },
  { bits: 64, rounded: false },
  { bits: 64, rounded: true },
] as const)(
  'come to the same bits as in memory, in $bits bits (rounded: $rounded), and no more than a piece is read at once',
  async ({ bits, rounded }) => {
    const length = 2 ** 18 + 5
    const fold = weightedMean({ length, maxAbs: 8, maxWeight: 1000, bits, rounded })
    const random = seed(bits).random()
    const one = (weight: number, loss?: number): Update => ({
      values: Float32Array.from({ length }, () => random.uniform() * 16 - 8),
      weight,
      ...(loss === undefined ? {} : { loss }),
    })
    const [a, b, c] = [one(3, 0.5), one(40), one(7, 2)]
    const lifted = (updates: readonly Update[]) => updates.map((each) => fold.lift(each, 'x')).reduce(fold.sum.add)
    const apart = async (updates: readonly Update[], rest?: Update) => {
      const mine = storedFold(fold)!
      const files = updates.map((each) => stored(updateCodec.encode(each)))
      for (const file of files) (await mine.check(file, 'x'))()
      // read through, and not counted: it leaves no trace
      await mine.check(stored(updateCodec.encode(one(5))), 'x')
      const mean = await mine.finish(rest && lifted([rest]))
      expect(Math.max(...files.map((file) => file.largest()))).toBeLessThanOrEqual(2 ** 19)
      return mean
    }
    expect(await apart([a, b, c])).toEqual(fold.finish(lifted([a, b, c])))
    expect(await apart([a, c], b)).toEqual(fold.finish(lifted([a, b, c])))
    expect(await apart([b])).toEqual(fold.finish(lifted([b])))

    const refused = (update: Update): Promise<unknown> => storedFold(fold)!.check(stored(updateCodec.encode(update)), 'liar')
    const wrong = one(1)
    wrong.values[length - 1] = Number.NaN
    await expect(refused(wrong)).rejects.toMatchObject({ code: 'update-values', where: { node: 'liar', index: length - 1 } })
    await expect(refused({ ...a, values: a.values.subarray(1) })).rejects.toMatchObject({ code: 'update-length' })
    await expect(refused({ ...a, weight: 0.5 })).rejects.toMatchObject({ code: 'update-weight' })
    await expect(refused({ ...a, loss: 9 })).rejects.toMatchObject({ code: 'update-loss' })
    // weights beyond the bound, each within it
    await expect(apart([one(600), one(600)])).rejects.toMatchObject({ code: 'mean-weight' })
  },
)

test('a fold that lifts, reads or finishes otherwise has no part in it', () => {
  const fold = weightedMean({ length: 1 })
  expect(storedFold({ ...fold, sum: fold.sum })).toBeDefined()
  for (const other of [
    { lift: (x: Update) => fold.lift(x, 'x') },
    { input: { ...updateCodec } },
    { finish: () => fold.finish(fold.sum.zero()) },
  ])
    expect(storedFold({ ...fold, ...other })).toBeUndefined()
})

test('an update that lies elsewhere is what its codec decodes, and refused where that refuses', async () => {
  const outcomes = { read: 0, refused: 0 }
  const update = fc.record(
    { values: fc.float32Array({ maxLength: 9 }), weight: fc.double({ noNaN: true }), loss: fc.double({ noNaN: true }) },
    { requiredKeys: ['values', 'weight'] },
  )
  const cut = fc.oneof(fc.constant(undefined), fc.nat(60))
  const bent = fc.oneof(fc.constant(undefined), fc.record({ at: fc.nat(60), by: fc.integer({ min: 1, max: 255 }) }))
  await fc.assert(
    fc.asyncProperty(update, cut, bent, async (value, end, change) => {
      const bytes = updateCodec.encode(value).slice(0, end)
      if (change !== undefined && change.at < bytes.length) bytes[change.at]! += change.by
      const decoded = (): Update | undefined => {
        try {
          return updateCodec.decode(bytes)
        } catch {
          return undefined
        }
      }
      const read = async (): Promise<Update> => {
        const { values, ...facts } = await storedUpdate(stored(bytes))
        const whole = new Float32Array(values.length)
        await values.read(whole, 0)
        return { values: whole, ...facts }
      }
      const expected = decoded()
      outcomes[expected === undefined ? 'refused' : 'read'] += 1
      if (expected === undefined) await expect(read()).rejects.toBeInstanceOf(YimengError)
      else expect(await read()).toEqual(expected)
    }),
    { numRuns: 500, seed: 1 },
  )
  expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(50)
})
