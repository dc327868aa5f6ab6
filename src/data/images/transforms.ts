// From a picture of any size and kind to the bytes that a model's input is made of. Pure functions; pictures are never changed in place.
// Resizing as in Pillow's resample: each output sample is the sum of the samples it covers, weighted by a filter that widens when shrinking, axis by axis.
import { YimengError } from '../../base/index.ts'
import { distanceMap } from './distance.ts'
import type { Picture, Samples } from './picture.ts'
import { type IntensityWindow, windowed, windowRange } from './window.ts'

/** `area`: mean of what a sample covers. `bilinear`: triangle filter, smoother. `nearest`: the sample under the centre, for masks. */
export type ResizeMethod = 'area' | 'bilinear' | 'nearest'

/** Weights of the input samples `from …` that make one output sample. */
interface Taps {
  readonly from: number
  readonly weights: Float64Array
}

const tapsOf = (length: number, target: number, method: ResizeMethod): readonly Taps[] => {
  const scale = length / target
  return Array.from({ length: target }, (_, at) => {
    const centre = (at + 0.5) * scale
    if (method === 'nearest') return { from: Math.min(length - 1, Math.floor(centre)), weights: Float64Array.of(1) }
    const reach = Math.max(1, scale)
    const support = method === 'area' ? 0.5 * reach : reach
    const from = Math.max(0, Math.floor(centre - support + 0.5))
    const to = Math.min(length, Math.floor(centre + support + 0.5))
    const weights = Float64Array.from({ length: Math.max(1, to - from) }, (__, k) => {
      const distance = (from + k + 0.5 - centre) / reach
      if (method === 'bilinear') return Math.max(0, 1 - Math.abs(distance))
      return distance > -0.5 && distance <= 0.5 ? 1 : 0
    })
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return { from: Math.min(from, length - 1), weights: total > 0 ? weights.map((weight) => weight / total) : Float64Array.of(1) }
  })
}

/** Resizes one axis of `[outer, length, inner]`. */
const resizeAxis = (
  samples: ArrayLike<number>,
  outer: number,
  length: number,
  inner: number,
  target: number,
  method: ResizeMethod,
): Float32Array => {
  const result = new Float32Array(outer * target * inner)
  const taps = tapsOf(length, target, method)
  for (let block = 0; block < outer; block += 1)
    for (const [at, { from, weights }] of taps.entries()) {
      const to = (block * target + at) * inner
      const start = (block * length + from) * inner
      for (let column = 0; column < inner; column += 1) {
        let sum = 0
        for (let k = 0; k < weights.length; k += 1) sum += (weights[k] ?? 0) * (samples[start + k * inner + column] ?? 0)
        result[to + column] = sum
      }
    }
  return result
}

/** Sizes of a picture (`depth` 1) or a volume. */
export interface PictureSize {
  readonly depth?: number
  readonly height: number
  readonly width: number
}

/**
 * The picture at another size; the aspect ratio is not kept. Samples become float32 when a length changes. `depth` defaults to the picture's own.
 *
 * @example
 * ```ts
 * const picture = { format: 'png', depth: 1, height: 2, width: 2, channels: 1, samples: Uint8Array.of(0, 2, 4, 6), range: [0, 255], mode: 'grey 8 bit' } as const
 * assert.deepEqual([...resize(picture, { height: 1, width: 1 }).samples], [3])
 * ```
 */
export const resize = (picture: Picture, size: PictureSize, method: ResizeMethod = 'area'): Picture => {
  const { depth, height, width, channels } = picture
  const target = { depth: size.depth ?? depth, height: size.height, width: size.width }
  for (const length of Object.values(target))
    if (!Number.isInteger(length) || length < 1)
      throw new YimengError({ code: 'image-size', cannot: 'resize image', expected: 'lengths of at least 1', got: String(length) })
  let samples: Samples = picture.samples
  // the axis with the shortest stride first: the others then have less to do
  if (target.width !== width) samples = resizeAxis(samples, depth * height, width, channels, target.width, method)
  if (target.height !== height) samples = resizeAxis(samples, depth, height, target.width * channels, target.height, method)
  if (target.depth !== depth) samples = resizeAxis(samples, 1, depth, target.height * target.width * channels, target.depth, method)
  return { ...picture, ...target, samples }
}

/** One channel: ITU-R 601 luma, (19595 R + 38470 G + 7471 B + 32768) / 65536 cut to a whole number, as Pillow's `convert('L')`. */
export const grey = (picture: Picture): Picture => {
  if (picture.channels === 1) return picture
  const { samples } = picture
  const light = samples instanceof Uint16Array ? new Uint16Array(samples.length / 3) : new Uint8Array(samples.length / 3)
  for (let at = 0; at < light.length; at += 1) {
    const [red, green, blue] = [samples[3 * at] ?? 0, samples[3 * at + 1] ?? 0, samples[3 * at + 2] ?? 0]
    light[at] = Math.floor((19_595 * red + 38_470 * green + 7471 * blue + 32_768) / 65_536)
  }
  return { ...picture, channels: 1, samples: light }
}

/** Three channels: a grey picture three times over. */
export const colour = (picture: Picture): Picture => {
  if (picture.channels === 3) return picture
  const samples = new Float32Array(3 * picture.samples.length)
  for (let at = 0; at < picture.samples.length; at += 1) samples.fill(picture.samples[at] ?? 0, 3 * at, 3 * at + 3)
  return { ...picture, channels: 3, samples }
}

/** What of a recipe travels with a model, beside the shape: new pictures are read alike. */
export interface PictureReading<W extends IntensityWindow = IntensityWindow> {
  /** Instead of the range that each picture comes with, as in `{ centre: 40, width: 400 }` for soft tissue in CT. */
  readonly window?: W
  /**
   * Shapes as distances: a sample nearer to white than to black becomes its distance to the nearest other one, in the file's samples; white is this distance. A further
   * channel holds the squares, another the cubes: of what is resized, means alone do not say how thick it is at its thickest.
   */
  readonly distance?: number
}

/** The reading of whatever has one, and nothing else of it. */
export const readingOf = <W extends IntensityWindow>({
  window,
  distance,
}: {
  readonly window?: W | undefined
  readonly distance?: number | undefined
}): PictureReading<W> => ({
  ...(window === undefined ? {} : { window }),
  ...(distance === undefined ? {} : { distance }),
})

/** How pictures become a model's input. */
export interface PictureRecipe extends PictureReading {
  /** `[channels, height, width]`, or `[channels, depth, height, width]` for volumes; 1 channel is grey, 3 are red, green and blue. */
  readonly shape: readonly number[]
  /** Default `area`. */
  readonly resize?: ResizeMethod
}

/**
 * Bytes `[channels, height, width]` or `[channels, depth, height, width]`, 0 black and 255 white: made grey or coloured, resized, windowed, channels first; or a shape's distances, as {@link PictureReading} says.
 *
 * @throws YimengError `image-shape` when a volume is asked of a picture, or a picture of a volume
 */
export const prepared = (picture: Picture, recipe: PictureRecipe): Uint8Array => {
  const [channels = 1, ...lengths] = recipe.shape
  const flat = lengths.length === 2
  if (recipe.distance === undefined && channels !== 1 && channels !== 3)
    throw new YimengError({
      code: 'image-shape',
      cannot: 'prepare image',
      expected: '1 channel for grey or 3 for colours, or a distance, whose powers are channels',
      got: `${channels} channels`,
    })
  if ((lengths.length !== 2 && lengths.length !== 3) || (flat && picture.depth !== 1) || (!flat && picture.depth === 1))
    throw new YimengError({
      code: 'image-shape',
      cannot: 'prepare image',
      expected: flat ? 'a flat picture for channels × height × width' : 'a volume for channels × depth × height × width',
      got: picture.depth === 1 ? 'a flat picture' : `a volume of ${picture.depth} slices`,
    })
  const [width = 1, height = 1, depth = 1] = lengths.toReversed()
  const range = recipe.window === undefined ? picture.range : windowRange(recipe.window)
  const pixels = depth * height * width
  if (recipe.distance !== undefined) {
    const map = distanceMap({ ...grey(picture), range }, recipe.distance)
    const powers = new Uint8Array(channels * pixels)
    for (let channel = 0; channel < channels; channel += 1) {
      const samples = map.samples.map((share) => share ** (channel + 1))
      powers.set(windowed(resize({ ...map, samples }, { depth, height, width }, recipe.resize).samples, map.range), channel * pixels)
    }
    return powers
  }
  const sized = resize(channels === 1 ? grey(picture) : colour(picture), { depth, height, width }, recipe.resize)
  const bytes = windowed(sized.samples, range)
  if (channels === 1) return bytes
  const planes = new Uint8Array(bytes.length)
  for (let pixel = 0; pixel < pixels; pixel += 1)
    for (let channel = 0; channel < channels; channel += 1) planes[channel * pixels + pixel] = bytes[pixel * channels + channel] ?? 0
  return planes
}
