// Batches, scaling and augmentation; the cache's bound.
import { array, assert, asyncProperty, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { seed } from '../../base/index.ts'
import { contrast, flip, inTurn, mixup, noise, rotate, shift, zoom } from './augment.ts'
import { channelScale, channelSums, imageBatches, wholeBatch } from './batches.ts'
import type { ImageDataset, Pixels } from './image-dataset.ts'
import { decodedPixels, memoryPixels } from './pixels.ts'

const set = (rows: number, shape: readonly number[], pixels: Pixels): ImageDataset => ({
  name: 'made',
  schema: { label: { kind: 'categorical', name: 'class', levels: ['a', 'b'] } },
  rows,
  labels: Float64Array.from({ length: rows }, (_, row) => row % 2),
  shape,
  white: 255,
  pixels,
  skipped: [],
})

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)
const bytesOf = (rows: number, shape: readonly number[]) => Uint8Array.from({ length: rows * size(shape) }, (_, at) => (at * 37) % 256)

test('decoded on demand equals in memory, whatever the cache holds, and never above its bound', () =>
  assert(
    asyncProperty(
      integer({ min: 1, max: 20 }),
      integer({ min: 0, max: 60 }),
      array(integer({ min: 0, max: 19 }), { maxLength: 60 }),
      async (rows, cacheBytes, asked) => {
        const shape = [1, 2, 3]
        const bytes = bytesOf(rows, shape)
        const whole = memoryPixels(bytes, shape)
        const lazy = decodedPixels({ rows, shape, cacheBytes, decode: async (row) => bytes.slice(row * 6, row * 6 + 6) })
        const chosen = asked.filter((row) => row < rows)
        for (const part of [chosen, chosen.toReversed()]) {
          expect(await lazy.read(part)).toEqual(await whole.read(part))
          expect(lazy.heldBytes()).toBeLessThanOrEqual(cacheBytes)
        }
      },
    ),
    { numRuns: 60 },
  ))

test('the rows used last are kept', async () => {
  const decoded: number[] = []
  const decode = async (row: number) => {
    decoded.push(row)
    return Uint8Array.of(row)
  }
  const pixels = decodedPixels({ rows: 9, shape: [1, 1, 1], cacheBytes: 2, decode })
  await pixels.read([0, 1, 0, 2, 0, 1])
  expect(decoded).toEqual([0, 1, 2, 1])
  await expect(pixels.read([9])).rejects.toMatchObject({ code: 'image-row' })
})

test('the sums of sites add up to the scale of all, and scaled inputs have mean 0 and deviation 1', async () => {
  const [rows, shape] = [30, [3, 4, 5]]
  const dataset = set(rows, shape, memoryPixels(bytesOf(rows, shape), shape))
  const [left, right] = [Array.from({ length: 11 }, (_, at) => at), Array.from({ length: 19 }, (_, at) => at + 11)]
  const scale = channelScale(await channelSums(dataset, left), await channelSums(dataset, right))
  const all = channelScale(await channelSums(dataset))
  for (let channel = 0; channel < 3; channel += 1) {
    expect(scale.mean[channel]).toBeCloseTo(all.mean[channel] ?? 0, 12)
    expect(scale.stddev[channel]).toBeCloseTo(all.stddev[channel] ?? 0, 12)
  }
  const {
    inputs,
    targets,
    rows: taken,
  } = await wholeBatch(imageBatches(dataset, { scale, rows: Uint32Array.from({ length: 30 }, (_, at) => 29 - at) }))
  expect([taken, targets[0], targets[1]]).toEqual([30, 1, 0])
  for (let channel = 0; channel < 3; channel += 1) {
    const values = inputs.filter((_, at) => Math.floor(at / 20) % 3 === channel)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(1e-6)
    expect(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length).toBeCloseTo(1, 5)
  }
  expect(() => channelScale()).toThrow(/pixels/)
  expect(channelScale({ count: 4, sum: [2], squares: [1] }).stddev).toEqual([1])
})

const shape = [2, 5, 4]
const row = Float32Array.from({ length: 40 }, (_, at) => (at * 7) % 11)
const all = {
  flip: flip(),
  'flip up-down': flip('up-down'),
  rotate: rotate(30),
  shift: shift(0.2),
  zoom: zoom(0.8, 1.2),
  noise: noise(0.1),
  contrast: contrast(0.5, 1.5),
  all: inTurn(flip(), rotate(10), noise(0.05)),
}

test.each(Object.entries(all))('%s: the same for the same seed, another for another, the row itself untouched', (_, augmentation) => {
  const before = row.slice()
  const of = (root: number) => augmentation(row, shape, seed(root).random())
  expect(of(1)).toEqual(of(1))
  expect(new Set(Array.from({ length: 12 }, (__, root) => of(root).join())).size).toBeGreaterThan(1)
  expect(of(2).length).toBe(row.length)
  expect(row).toEqual(before)
})

test('what changes nothing: no angle, no shift, zoom 1, no noise, contrast 1; flipping twice', () => {
  for (const augmentation of [rotate(0), shift(0), zoom(1, 1), noise(0), contrast(1, 1)])
    for (const [at, value] of augmentation(row, shape, seed(1).random()).entries()) expect(value).toBeCloseTo(row[at] ?? 0, 4)
  assert(
    property(integer({ min: 0, max: 50 }), (root) => {
      for (const augmentation of [flip(), flip('up-down')]) {
        const flipped = augmentation(row, shape, seed(root).random())
        expect(augmentation(flipped, shape, seed(root).random())).toEqual(row)
      }
    }),
    { numRuns: 20 },
  )
})

test('known geometry: a flipped line, a quarter turn, a shift by one', () => {
  const line = Float32Array.of(1, 2, 3)
  const ends = Array.from({ length: 20 }, (_, root) => flip()(line, [1, 1, 3], seed(root).random()).join())
  expect(new Set(ends)).toEqual(new Set(['1,2,3', '3,2,1']))
  // a stream that gives 1 − 2⁻⁵³: the largest angle and the largest shift
  const most = { ...seed(0).random(), uniform: () => 1 - 2 ** -53 }
  const turned = rotate(90)(Float32Array.of(1, 2, 3, 4), [1, 2, 2], most)
  expect([...turned].map(Math.round)).toEqual([2, 4, 1, 3])
  const draws = [1 - 2 ** -53, 0.5]
  const across = { ...most, uniform: () => draws.shift() ?? 0 }
  expect([...shift(1 / 3)(line, [1, 1, 3], across)].map(Math.round)).toEqual([2, 3, 0])
  for (const wrong of [() => rotate(-1), () => shift(2), () => zoom(2, 1), () => noise(-1), () => contrast(1, 0.5)])
    expect(wrong).toThrow(/cannot augment images/)
})

test('changes that only move pixels are one change: as one after the other where they meet pixels, and without the blur of each where they do not', () => {
  // a small picture with room around it, so that nothing leaves by the edges between two changes
  const small = [1, 12, 12]
  const inner = Float32Array.from({ length: 144 }, (_, at) => (at % 12 > 3 && at % 12 < 8 && at > 47 && at < 96 ? 1 + ((at * 5) % 7) : 0))
  const drawing = (draws: readonly number[]) => {
    const left = [...draws]
    return { ...seed(0).random(), uniform: () => left.shift() ?? 0 }
  }
  const [least, none, most] = [0, 0.5, 1]
  // an order that matters: a whole pixel to the side, a quarter turn, mirrored, a whole pixel down
  const steps = [shift(1 / 12), rotate(90), flip(), flip('up-down'), shift(2 / 12)]
  for (const turn of [least, most])
    for (const side of [least, most]) {
      const draws = [side, none, turn, side, turn, none, side]
      const stream = drawing(draws)
      const apart = steps.reduce<Float32Array>((changed, step) => step(changed, small, stream), inner)
      for (const [at, value] of inTurn(...steps)(inner, small, drawing(draws)).entries()) expect(value).toBeCloseTo(apart[at] ?? 0, 4)
    }
  // half a pixel there and back
  const half = [shift(0.5 / 12), shift(0.5 / 12)]
  const draws = [most, none, least, none]
  expect([...inTurn(...half)(inner, small, drawing(draws))]).toEqual([...inner])
  const stream = drawing(draws)
  expect([...half.reduce<Float32Array>((changed, step) => step(changed, small, stream), inner)]).not.toEqual([...inner])
  // noise between them parts them
  expect(inTurn(rotate(10), noise(0.1), rotate(10)).moved).toBeUndefined()
})

test('augmentation in batches: by the row, not by chunk or order; none without a seed', async () => {
  const rows = 12
  const dataset = set(rows, [1, 4, 4], memoryPixels(bytesOf(rows, [1, 4, 4]), [1, 4, 4]))
  const source = imageBatches(dataset, { augment: noise(0.1) })
  const one = await source.take([7], seed(5))
  const many = await source.take([1, 7, 3], seed(5))
  expect(many.inputs.slice(16, 32)).toEqual(one.inputs)
  const plain = await source.take([1, 7])
  const noises = [0, 1].map((at) => Math.round(1e4 * ((many.inputs[16 * at] ?? 0) - (plain.inputs[16 * at] ?? 0))))
  expect(noises[0]).not.toBe(noises[1])
  expect((await source.take([7])).inputs).toEqual(Float32Array.from(await dataset.pixels.read([7]), (byte) => byte / 255))
  await expect(source.take([12])).rejects.toMatchObject({ code: 'image-row' })
})

test('mixup: shares add up to 1 and inputs are the same mixture', () => {
  const batch = {
    rows: 6,
    inputShape: [1],
    inputs: Float32Array.of(0, 1, 2, 0, 1, 2),
    targets: Float32Array.of(0, 1, 2, 0, 1, 2),
    targetShape: [],
  }
  const mixed = mixup(batch, 3, 0.4, seed(2))
  for (let at = 0; at < 6; at += 1) {
    const [none = 0, one = 0, two = 0] = mixed.targets.slice(3 * at, 3 * at + 3)
    expect(none + one + two).toBeCloseTo(1, 6)
    // inputs equal labels here: the expected label of the shares is the mixed input
    expect(mixed.inputs[at]).toBeCloseTo(one + 2 * two, 5)
  }
  expect(mixup(batch, 3, 0.4, seed(2))).toEqual(mixed)
  expect(() => mixup(batch, 2, 0.4, seed(2))).toThrow(/class indices below 2/)
  expect(() => mixup(batch, 3, 0, seed(2))).toThrow(/alpha/)
})
