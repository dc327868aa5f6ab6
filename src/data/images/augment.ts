// Augmentation: each row changed a little, at random, the same for the same seed. Rows are float32 `[channels, (depth,) height, width]` in 0 (black) … 1 (white).
// Geometry acts on height and width, alike in every channel and slice. mixup: Zhang, Cissé, Dauphin and Lopez-Paz 2018 (arXiv 1710.09412).
import { type Random, type Seed, YimengError } from '../../base/index.ts'
import type { Batchable } from '../../learn/index.ts'

/** A random change of one row: gives a new array of the same shape. */
export interface Augmentation {
  (row: Float32Array, shape: readonly number[], random: Random): Float32Array
  /** Of those that only move pixels: where each comes from. Draws what the change itself would draw. */
  readonly moved?: (shape: readonly number[], random: Random) => Affine
}

/** Where each target pixel comes from, relative to the centre: source = matrix · target + shift, in pixels. */
type Affine = readonly [a: number, b: number, c: number, d: number, shiftX: number, shiftY: number]

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform()

const refuse = (expected: string, got: number): never => {
  throw new YimengError({ code: 'augmentation', cannot: 'augment images', expected, got: String(got) })
}

const checkRange = (name: string, value: number, low: number, high: number): number =>
  value >= low && value <= high ? value : refuse(`${name} from ${low} to ${high}`, value)

/** Mirrors a row with probability ½: `left-right` (columns) or `up-down` (lines). */
export const flip = (axis: 'left-right' | 'up-down' = 'left-right'): Augmentation => {
  const mirror: Augmentation = (row, shape, random) => {
    const flipped = row.slice()
    if (random.uniform() < 0.5) return flipped
    const width = shape.at(-1) ?? 1
    const plane = width * (shape.at(-2) ?? 1)
    if (axis === 'left-right') for (let at = 0; at < row.length; at += width) flipped.subarray(at, at + width).reverse()
    else
      for (let from = 0; from < row.length; from += plane)
        for (let line = 0; line < plane; line += width)
          flipped.set(row.subarray(from + line, from + line + width), from + plane - width - line)
    return flipped
  }
  return Object.assign(mirror, {
    moved: (_: readonly number[], random: Random): Affine => {
      const sign = random.uniform() < 0.5 ? 1 : -1
      return axis === 'left-right' ? [sign, 0, 0, 1, 0, 0] : [1, 0, 0, sign, 0, 0]
    },
  })
}

/** Bilinear samples under an affine map; what lies outside is black. */
const warp = (row: Float32Array, shape: readonly number[], [a, b, c, d, shiftX, shiftY]: Affine): Float32Array => {
  const width = shape.at(-1) ?? 1
  const height = shape.at(-2) ?? 1
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2]
  const warped = new Float32Array(row.length)
  // this is most of an augmented epoch's work in JavaScript: no call and no array in the loop
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const sourceX = a * (x - centreX) + b * (y - centreY) + centreX + shiftX
      const sourceY = c * (x - centreX) + d * (y - centreY) + centreY + shiftY
      const left = Math.floor(sourceX)
      const top = Math.floor(sourceY)
      const right = sourceX - left
      const below = sourceY - top
      const leftIn = left >= 0 && left < width
      const rightIn = left >= -1 && left < width - 1
      const topIn = top >= 0 && top < height
      const belowIn = top >= -1 && top < height - 1
      const to = y * width + x
      const from = top * width + left
      for (let plane = 0; plane < row.length; plane += width * height) {
        const at = plane + from
        const upper = (1 - right) * (topIn && leftIn ? (row[at] ?? 0) : 0) + right * (topIn && rightIn ? (row[at + 1] ?? 0) : 0)
        const lower =
          (1 - right) * (belowIn && leftIn ? (row[at + width] ?? 0) : 0) + right * (belowIn && rightIn ? (row[at + width + 1] ?? 0) : 0)
        warped[plane + to] = (1 - below) * upper + below * lower
      }
    }
  return warped
}

/** A change that only moves pixels. */
const moving = (moved: (shape: readonly number[], random: Random) => Affine): Augmentation =>
  Object.assign((row: Float32Array, shape: readonly number[], random: Random) => warp(row, shape, moved(shape, random)), { moved })

/** First one, then the other: what comes from where after both. */
const composed = ([a, b, c, d, x, y]: Affine, [e, f, g, h, u, v]: Affine): Affine => [
  a * e + b * g,
  a * f + b * h,
  c * e + d * g,
  c * f + d * h,
  a * u + b * v + x,
  c * u + d * v + y,
]

/** Rotates by an angle drawn evenly from ±`mostDegrees` about the centre. */
export const rotate = (mostDegrees: number): Augmentation => {
  checkRange('degrees', mostDegrees, 0, 180)
  return moving((_, random) => {
    const angle = (between(random, -mostDegrees, mostDegrees) * Math.PI) / 180
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    return [cos, -sin, sin, cos, 0, 0]
  })
}

/** Shifts by up to the given share of height and width, each way. */
export const shift = (mostShare: number): Augmentation => {
  checkRange('share', mostShare, 0, 1)
  return moving((shape, random) => {
    const across = between(random, -mostShare, mostShare) * (shape.at(-1) ?? 1)
    const down = between(random, -mostShare, mostShare) * (shape.at(-2) ?? 1)
    return [1, 0, 0, 1, across, down]
  })
}

/** Zooms by a factor drawn evenly from `smallest` to `largest`: above 1 is larger. */
export const zoom = (smallest: number, largest: number): Augmentation => {
  checkRange('smallest zoom', smallest, 0.1, 10)
  checkRange('largest zoom', largest, smallest, 10)
  return moving((_, random) => {
    const factor = between(random, smallest, largest)
    return [1 / factor, 0, 0, 1 / factor, 0, 0]
  })
}

/** Adds normal noise to every value; the result is not cut at 0 and 1. */
export const noise = (stddev: number): Augmentation => {
  checkRange('stddev', stddev, 0, 10)
  return (row, _, random) => row.map((value) => value + stddev * random.normal())
}

/** Stretches values about the row's mean by a factor drawn evenly from `smallest` to `largest`. */
export const contrast = (smallest: number, largest: number): Augmentation => {
  checkRange('smallest contrast', smallest, 0, 10)
  checkRange('largest contrast', largest, smallest, 10)
  return (row, _, random) => {
    const factor = between(random, smallest, largest)
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length
    return row.map((value) => mean + factor * (value - mean))
  }
}

/** Changes that follow each other and only move pixels, as one. */
const merged = (first: Augmentation, second: Augmentation): Augmentation | undefined => {
  const [before, after] = [first.moved, second.moved]
  if (before === undefined || after === undefined) return undefined
  return moving((shape, random) => {
    const map = before(shape, random)
    return composed(map, after(shape, random))
  })
}

/** One after another; each draws from the same stream. Neighbours that only move pixels do it at once: each sampling between pixels blurs, and pictures to judge are not blurred. */
export const inTurn = (...augmentations: readonly Augmentation[]): Augmentation => {
  const steps: Augmentation[] = []
  for (const each of augmentations) {
    const last = steps.at(-1)
    const both = last === undefined ? undefined : merged(last, each)
    if (both === undefined) steps.push(each)
    else steps[steps.length - 1] = both
  }
  const [only] = steps
  if (only !== undefined && steps.length === 1) return only
  return (row, shape, random) => steps.reduce((changed, augmentation) => augmentation(changed, shape, random), row)
}

/**
 * Mixes each row with another one of the batch: λ ~ Beta(alpha, alpha), inputs λx + (1−λ)x′, and targets as shares of `classes` classes `[rows, classes]`,
 * for losses that take shares.
 *
 * @throws YimengError `augmentation` for alpha not above 0 or targets that are not class indices
 *
 * @example
 * ```ts
 * const batch = { rows: 2, inputShape: [1], inputs: Float32Array.of(0, 1), targets: Float32Array.of(0, 1), targetShape: [] }
 * const mixed = mixup(batch, 2, 0.2, seed(1))
 * assert.deepEqual(mixed.targetShape, [2])
 * assert.ok(Math.abs((mixed.targets[0] ?? 0) + (mixed.targets[1] ?? 0) - 1) < 1e-6)
 * ```
 */
export const mixup = (batch: Batchable, classes: number, alpha: number, seed: Seed): Batchable => {
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) refuse('alpha above 0', alpha)
  const random = seed.random()
  const partners = random.permutation(batch.rows)
  const width = batch.inputs.length / Math.max(1, batch.rows)
  const inputs = new Float32Array(batch.inputs.length)
  const targets = new Float32Array(batch.rows * classes)
  for (let row = 0; row < batch.rows; row += 1) {
    const [first, second] = [random.gamma(alpha), random.gamma(alpha)]
    // both underflow only when alpha is tiny: the limit is one whole row
    const share = first + second > 0 ? first / (first + second) : 1
    const partner = partners[row] ?? 0
    for (let at = 0; at < width; at += 1)
      inputs[row * width + at] = share * (batch.inputs[row * width + at] ?? 0) + (1 - share) * (batch.inputs[partner * width + at] ?? 0)
    for (const [from, part] of [
      [row, share],
      [partner, 1 - share],
    ] as const) {
      const label = batch.targets[from] ?? -1
      if (!(Number.isInteger(label) && label >= 0 && label < classes)) refuse(`class indices below ${classes}`, label)
      targets[row * classes + label] = (targets[row * classes + label] ?? 0) + part
    }
  }
  return { ...batch, inputs, targets, targetShape: [classes] }
}
