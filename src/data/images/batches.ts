// From bytes to what a trainer takes: float32 inputs `[rows, ...shape]`, class indices `[rows]`. Rows are made when asked for, so that a set need not fit in memory.
import { type Random, type Seed, YimengError } from '../../base/index.ts'
import type { Batchable } from '../../learn/index.ts'
import type { Augmentation } from './augment.ts'
import { type ImageDataset, rowBytes } from './image-dataset.ts'

/** What is taken away and divided by, for each channel, when white is 1. */
export interface ChannelScale {
  readonly mean: readonly number[]
  readonly stddev: readonly number[]
}

/** Sums over all pixels of some rows, for each channel: those of several sites add up. Bytes are summed exactly. */
export interface ChannelSums {
  readonly count: number
  readonly sum: readonly number[]
  readonly squares: readonly number[]
}

/** Rows that are made when asked for, and need not fit in memory together. */
export interface BatchSource {
  readonly rows: number
  readonly inputShape: readonly number[]
  readonly targetShape: readonly number[]
  /** The rows asked for (numbers below `rows`), in that order, as a trainer takes them. With a seed they are augmented by it, each row by its own numbers. */
  readonly take: (rows: ArrayLike<number>, seed?: Seed) => Promise<Batchable>
}

// rows counted at a time: a few megabytes for usual pictures
const COUNTED_ROWS = 256

const range = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row)

/** How often each byte is there in each channel of the given rows (all by default): `[channels][256]`. A few rows are in memory at a time. */
export const byteCounts = async (
  dataset: ImageDataset,
  rows: ArrayLike<number> = range(dataset.rows),
): Promise<readonly Float64Array[]> => {
  const [channels = 1] = dataset.shape
  const plane = rowBytes(dataset.shape) / channels
  const counts = Array.from({ length: channels }, () => new Float64Array(256))
  const all = Uint32Array.from(rows)
  for (let begin = 0; begin < all.length; begin += COUNTED_ROWS) {
    const bytes = await dataset.pixels.read(all.subarray(begin, begin + COUNTED_ROWS))
    for (let from = 0; from < bytes.length; from += plane) {
      const own = counts[(from / plane) % channels] ?? new Float64Array(256)
      for (let at = from; at < from + plane; at += 1) {
        const byte = bytes[at] ?? 0
        own[byte] = (own[byte] ?? 0) + 1
      }
    }
  }
  return counts
}

/** Sums of the given rows (all by default), bytes divided by `white`. */
export const channelSums = async (dataset: ImageDataset, rows: ArrayLike<number> = range(dataset.rows)): Promise<ChannelSums> => {
  const counts = await byteCounts(dataset, rows)
  const [channels = 1] = dataset.shape
  const { white } = dataset
  return {
    count: (rows.length * rowBytes(dataset.shape)) / channels,
    sum: counts.map((own) => own.reduce((sum, n, byte) => sum + n * byte, 0) / white),
    squares: counts.map((own) => own.reduce((sum, n, byte) => sum + n * byte * byte, 0) / white ** 2),
  }
}

/**
 * Mean and standard deviation (with the count below) of each channel from the sums of one or more sites; a deviation of 0 becomes 1.
 *
 * @throws YimengError `image-scale` without pixels
 */
export const channelScale = (...sites: readonly ChannelSums[]): ChannelScale => {
  const count = sites.reduce((total, site) => total + site.count, 0)
  const channels = sites[0]?.sum.length ?? 0
  if (count === 0 || sites.some((site) => site.sum.length !== channels))
    throw new YimengError({
      code: 'image-scale',
      cannot: 'scale images',
      expected: 'pixels of as many channels everywhere',
      got: 'none, or others',
    })
  const total = (of: (site: ChannelSums) => readonly number[], channel: number) =>
    sites.reduce((all, site) => all + (of(site)[channel] ?? 0), 0)
  const mean = Array.from({ length: channels }, (_, channel) => total((site) => site.sum, channel) / count)
  const stddev = mean.map((centre, channel) => Math.sqrt(Math.max(0, total((site) => site.squares, channel) / count - centre ** 2)) || 1)
  return { mean, stddev }
}

/** How bytes become inputs. */
export interface PictureInputs {
  readonly shape: readonly number[]
  readonly white: number
  readonly scale?: ChannelScale
  readonly augment?: Augmentation
}

/** Bytes `[rows, ...shape]` as inputs: over `white`, augmented where `random` gives the numbers of the row at a place, then scaled channel by channel. */
export const pictureInputs = (
  bytes: Uint8Array,
  { shape, white, scale, augment }: PictureInputs,
  random?: (at: number) => Random,
): Float32Array => {
  const [channels = 1] = shape
  const size = rowBytes(shape)
  const plane = size / channels
  const scaled = (value: number, channel: number): number => (value - (scale?.mean[channel] ?? 0)) / (scale?.stddev[channel] ?? 1)
  const inputs = new Float32Array(bytes.length)
  if (augment === undefined || random === undefined) {
    // 256 values a channel: looked up, not computed
    const tables = Array.from({ length: channels }, (_, k) => Float32Array.from({ length: 256 }, (__, byte) => scaled(byte / white, k)))
    for (let from = 0; from < bytes.length; from += plane) {
      const table = tables[(from / plane) % channels] ?? new Float32Array(256)
      for (let at = from; at < from + plane; at += 1) inputs[at] = table[bytes[at] ?? 0] ?? 0
    }
    return inputs
  }
  const share = Float32Array.from({ length: 256 }, (_, byte) => byte / white)
  for (let first = 0; first < bytes.length; first += size) {
    const plain = new Float32Array(size)
    // an augmented epoch's work in JavaScript: no call for a single pixel
    for (let at = 0; at < size; at += 1) plain[at] = share[bytes[first + at] ?? 0] ?? 0
    inputs.set(augment(plain, shape, random(first / size)), first)
  }
  if (scale !== undefined)
    for (let from = 0; from < inputs.length; from += plane) {
      const [mean, stddev] = [scale.mean[(from / plane) % channels] ?? 0, scale.stddev[(from / plane) % channels] ?? 1]
      for (let at = from; at < from + plane; at += 1) inputs[at] = ((inputs[at] ?? 0) - mean) / stddev
    }
  return inputs
}

/**
 * Rows of an image set (all by default) as a source of batches: bytes over `white`, augmented when a seed is given, then scaled channel by channel.
 *
 * @example
 * ```ts
 * const dataset: ImageDataset = {
 *   name: 'dots',
 *   schema: { label: { kind: 'categorical', name: 'dot', levels: ['dark', 'light'] } },
 *   rows: 2,
 *   labels: Float64Array.of(0, 1),
 *   shape: [1, 1, 2],
 *   white: 255,
 *   pixels: memoryPixels(Uint8Array.of(0, 0, 255, 51), [1, 1, 2]),
 *   skipped: [],
 * }
 * const { inputs, targets } = await imageBatches(dataset, { scale: { mean: [0.5], stddev: [0.5] } }).take([1])
 * assert.deepEqual([inputs[0], Math.round((inputs[1] ?? 0) * 10), targets[0]], [1, -6, 1])
 * ```
 */
export const imageBatches = (
  dataset: ImageDataset,
  options: { readonly rows?: ArrayLike<number>; readonly scale?: ChannelScale; readonly augment?: Augmentation } = {},
): BatchSource => {
  const { shape, white } = dataset
  const own = options.rows ?? range(dataset.rows)
  return {
    rows: own.length,
    inputShape: shape,
    targetShape: [],
    take: async (rows, seed) => {
      const chosen = Uint32Array.from(rows, (row) => {
        const found = Number.isInteger(row) && row >= 0 ? own[row] : undefined
        if (found === undefined)
          throw new YimengError({ code: 'image-row', cannot: 'take rows', expected: `rows below ${own.length}`, got: String(row) })
        return found
      })
      // by the row's own number: neither chunk nor order changes what becomes of it
      const random = seed === undefined ? undefined : (at: number) => seed.split('row', chosen[at] ?? 0).random()
      return {
        rows: chosen.length,
        inputShape: shape,
        inputs: pictureInputs(await dataset.pixels.read(chosen), { shape, white, ...options }, random),
        targets: Float32Array.from(chosen, (row) => dataset.labels[row] ?? Number.NaN),
        targetShape: [],
      }
    },
  }
}

/** All rows of a source at once. */
export const wholeBatch = (source: BatchSource): Promise<Batchable> => source.take(range(source.rows))
