// Resizing and grey against Pillow; windows and recipes by hand.
import { array, assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { digest } from './digest.suite.ts'
import golden from './images.golden.json' with { type: 'json' }
import type { Picture, Samples } from './picture.ts'
import { memoryPixels } from './pixels.ts'
import { resizedImages } from './resized.ts'
import { colour, grey, prepared, type ResizeMethod, resize } from './transforms.ts'
import { extent, windowed, windowRange } from './window.ts'

const picture = (height: number, width: number, samples: Samples, more: Partial<Picture> = {}): Picture => ({
  format: 'png',
  depth: 1,
  height,
  width,
  channels: 1,
  samples,
  range: [0, 255],
  mode: 'grey 8 bit',
  ...more,
})

const methodOf = (name: string): ResizeMethod => (name === 'area' || name === 'bilinear' ? name : 'nearest')

test.each(golden.resized)('resize to $width × $height, $method: Pillow’s', (entry) => {
  const { samples } = resize(picture(17, 23, Float32Array.from(golden.picture)), entry, methodOf(entry.method))
  const found = digest(entry.shape, samples)
  expect(found.min).toBeCloseTo(entry.min, 5)
  expect(found.max).toBeCloseTo(entry.max, 5)
  expect(Math.abs(found.sum / entry.sum - 1)).toBeLessThan(1e-6)
  expect(Math.abs(found.weighted / entry.weighted - 1)).toBeLessThan(1e-6)
})

test('a constant picture stays constant at any size, in three axes', () => {
  assert(
    property(
      array(integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
      constantFrom('area', 'bilinear', 'nearest'),
      (n, method) => {
        const [depth = 1, height = 1, width = 1, d = 1, h = 1, w = 1] = n
        const volume = picture(height, width, new Float32Array(depth * height * width).fill(7), { depth })
        const { samples } = resize(volume, { depth: d, height: h, width: w }, method)
        expect(samples.length).toBe(d * h * w)
        expect(samples.every((value) => Math.abs(value - 7) < 1e-5)).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

test('grey is Pillow’s luma; colour repeats grey', () => {
  const { samples } = grey(picture(6, 7, Uint8Array.from(golden.luma.file), { channels: 3 }))
  expect(digest([6, 7], samples)).toEqual({ ...digest([6, 7], samples), sum: golden.luma.sum, weighted: golden.luma.weighted })
  expect([...colour(picture(1, 2, Uint8Array.of(1, 2))).samples]).toEqual([1, 1, 1, 2, 2, 2])
})

test('windows: by centre and width, by ends, reversed, of no width, and of what is no number', () => {
  expect(windowRange({ centre: 40, width: 400 })).toEqual([-160, 240])
  expect([...windowed(Float32Array.of(-1000, -160, 40, 240, Number.NaN), [-160, 240])]).toEqual([0, 0, 128, 255, 0])
  expect([...windowed(Uint8Array.of(0, 51, 255), [255, 0])]).toEqual([255, 204, 0])
  expect([...windowed(Uint8Array.of(1, 2, 3), [2, 2])]).toEqual([0, 255, 255])
  expect(extent(Float32Array.of(Number.NaN, 3, Number.POSITIVE_INFINITY, -2))).toEqual([-2, 3])
  expect(extent(new Float32Array(0))).toEqual([0, 1])
})

test('recipes: channels first, 16 bits to bytes, volumes and pictures told apart', () => {
  const rgb = picture(1, 2, Uint8Array.of(1, 2, 3, 4, 5, 6), { channels: 3 })
  expect([...prepared(rgb, { shape: [3, 1, 2] })]).toEqual([1, 4, 2, 5, 3, 6])
  expect([...prepared(picture(1, 2, Uint16Array.of(0, 65_535), { range: [0, 65_535] }), { shape: [3, 1, 2] })]).toEqual([
    0, 255, 0, 255, 0, 255,
  ])
  const volume = picture(2, 2, Int16Array.of(-100, 0, 100, 200, -100, 0, 100, 200), { depth: 2, range: [-100, 200] })
  expect([...prepared(volume, { shape: [1, 2, 1, 1] })]).toEqual([128, 128])
  expect([...prepared(volume, { shape: [1, 1, 2, 2], window: { low: 0, high: 100 } })]).toEqual([0, 0, 255, 255])
  expect(() => prepared(volume, { shape: [1, 2, 2] })).toThrow(/expected a flat picture .* got a volume of 2 slices/)
  expect(() => prepared(rgb, { shape: [1, 2, 2, 2] })).toThrow(/expected a volume/)
})

test('a set at half its size: each pixel the mean of four, channels apart, labels as they were', async () => {
  const shape = [2, 2, 4]
  const bytes = Uint8Array.of(0, 4, 8, 8, 4, 8, 8, 8, 100, 100, 0, 0, 100, 100, 0, 2)
  const dataset = {
    name: 'made',
    schema: { label: { kind: 'categorical' as const, name: 'class', levels: ['a', 'b'] } },
    rows: 1,
    labels: Float64Array.of(1),
    shape,
    white: 255,
    pixels: memoryPixels(bytes, shape),
    skipped: [],
  }
  const small = await resizedImages(dataset, [2, 1, 2])
  expect([...(await small.pixels.read([0]))]).toEqual([4, 8, 100, 1])
  expect([small.shape, small.labels]).toEqual([[2, 1, 2], dataset.labels])
})
