// Distances inside shapes against SciPy and against looking at every pair; how they become a model's input by hand.
import { array, assert, boolean, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { distanceMap, distancesInside } from './distance.ts'
import golden from './distance.golden.json' with { type: 'json' }
import type { Picture } from './picture.ts'
import { memoryPixels } from './pixels.ts'
import { distanceImages } from './resized.ts'
import { prepared } from './transforms.ts'

test.each(golden.shapes)('a shape of $lengths: SciPy’s distances', ({ lengths, inside, squares }) => {
  const distances = distancesInside(Array.from(inside, Number), lengths)
  expect(Array.from(distances, (distance) => Math.round(distance ** 2))).toEqual(squares)
  expect(Math.max(...distances)).toBeCloseTo(Math.sqrt(Math.max(...squares)), 12)
})

test('the least distance to any sample outside, whatever the shape; infinite without one', () => {
  const cells = (lengths: readonly number[]): readonly (readonly number[])[] =>
    lengths.reduce<readonly (readonly number[])[]>(
      (all, length) => all.flatMap((cell) => Array.from({ length }, (_, at) => [...cell, at])),
      [[]],
    )
  assert(
    property(
      array(integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
      array(boolean(), { minLength: 125, maxLength: 125 }),
      (lengths, drawn) => {
        const all = cells(lengths)
        const inside = all.map((_, at) => (drawn[at] === true ? 1 : 0))
        const apart = (one: readonly number[], other: readonly number[]) => Math.hypot(...one.map((at, axis) => at - (other[axis] ?? 0)))
        const outside = all.filter((_, at) => inside[at] === 0)
        const expected = all.map((cell, at) => (inside[at] === 0 ? 0 : Math.min(...outside.map((other) => apart(cell, other)))))
        for (const [at, distance] of distancesInside(inside, lengths).entries())
          expect(Number.isFinite(distance) ? Math.abs(distance - (expected[at] ?? 0)) < 1e-9 : expected[at] === distance).toBe(true)
      },
    ),
  )
})

const bar = Uint8Array.of(0, 255, 200, 255, 90, 255, 255, 255)
const picture: Picture = { format: 'png', depth: 1, height: 1, width: 8, channels: 1, samples: bar, range: [0, 255], mode: 'made' }

test('what is nearer to white is inside, also where white is low; distances beyond the furthest are white', () => {
  expect([...distanceMap(picture, 2).samples]).toEqual([0, 0.5, 1, 0.5, 0, 0.5, 1, 1])
  expect([...distanceMap({ ...picture, range: [255, 0] }, 2).samples]).toEqual([0.5, 0, 0, 0, 0.5, 0, 0, 0])
})

test('channels are powers, averaged after they are taken; a window says what is inside', async () => {
  const half = prepared(picture, { shape: [2, 1, 4], distance: 2 })
  expect([...half]).toEqual([64, 191, 64, 255, 32, 159, 32, 255])
  expect([...prepared(picture, { shape: [1, 1, 8], distance: 4, window: { low: 0, high: 100 } })]).toEqual([
    0, 64, 128, 191, 255, 255, 255, 255,
  ])
  const dataset = {
    name: 'made',
    schema: { label: { kind: 'categorical' as const, name: 'class', levels: ['a', 'b'] } },
    rows: 1,
    labels: Float64Array.of(1),
    shape: [1, 1, 8],
    white: 255,
    pixels: memoryPixels(bar, [1, 1, 8]),
    skipped: [],
  }
  const set = await distanceImages(dataset, [2, 1, 4], 2)
  expect([set.shape, set.distance, [...(await set.pixels.read([0]))]]).toEqual([[2, 1, 4], 2, [...half]])
})
