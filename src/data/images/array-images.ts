// Image sets from NumPy arrays: images and labels side by side, or one pair for each of train, validation and test, as MedMNIST and Keras store them.
import { YimengError } from '../../base/index.ts'
import type { Split } from '../types.ts'
import { type CorruptPolicy, type ImageDataset, rowBytes, type SkippedImage } from './image-dataset.ts'
import type { NumpyArray } from './npy.ts'
import type { NumpyArchive } from './npz.ts'
import { type Picture, type PictureSource, pictureFault } from './picture.ts'
import { memoryPixels } from './pixels.ts'
import { type PictureRecipe, prepared } from './transforms.ts'
import { extent } from './window.ts'

/** A pair of arrays, and which rows it holds. */
export interface ArrayPair {
  readonly set: 'all' | 'train' | 'validation' | 'test'
  readonly images: string
  readonly labels: string
}

/** How arrays become a set. */
export interface ArrayOptions {
  readonly name?: string
  /** Names of the classes 0, 1, …; their numbers by default. */
  readonly classes?: readonly string[]
  /** Size and window; the arrays' own size, and black and white as the type or the smallest and largest number say, by default. */
  readonly recipe?: Partial<PictureRecipe>
  /** What to do with a row that holds no number or no class. Default `refuse`. */
  readonly corrupt?: CorruptPolicy
}

const pairNames: readonly (readonly [ArrayPair['set'], RegExp, RegExp])[] = [
  ['train', /^(train_images|x_train)$/i, /^(train_labels|y_train)$/i],
  ['validation', /^(val(id|idation)?_images|x_val(id|idation)?)$/i, /^(val(id|idation)?_labels|y_val(id|idation)?)$/i],
  ['test', /^(test_images|x_test)$/i, /^(test_labels|y_test)$/i],
  ['all', /^(images|x|data)$/i, /^(labels|y|targets?)$/i],
]

/**
 * The pairs of an archive, told by their names.
 *
 * @throws YimengError `image-arrays` without a pair
 */
export const arrayPairs = (names: readonly string[], file: string): readonly ArrayPair[] => {
  const pairs = pairNames.flatMap(([set, ofImages, ofLabels]) => {
    const images = names.find((name) => ofImages.test(name))
    const labels = names.find((name) => ofLabels.test(name))
    return images === undefined || labels === undefined ? [] : [{ set, images, labels }]
  })
  if (pairs.length > 0) return pairs.some(({ set }) => set === 'train') ? pairs.filter(({ set }) => set !== 'all') : pairs.slice(0, 1)
  throw new YimengError({
    code: 'image-arrays',
    cannot: 'find images',
    expected: 'arrays named images and labels, train_images and train_labels, or x_train and y_train',
    got: names.length === 0 ? 'no arrays' : names.slice(0, 10).join(', '),
    where: { file },
  })
}

/** Rows, and how one row's numbers lie: `[height, width]`, `[height, width, channels]`, `[channels, …]` or `[depth, height, width]`. */
export const rowLayout = (shape: readonly number[], source: PictureSource) => {
  const [rows = 0, ...rest] = shape
  const [first = 0, second = 0, third = 0, fourth = 0] = rest
  const isChannels = (length: number) => length === 1 || length === 3
  const flat = (height: number, width: number, channels: number, channelsFirst: boolean) => ({
    rows,
    depth: 1,
    height,
    width,
    channels,
    channelsFirst,
  })
  if (rest.length === 2) return flat(first, second, 1, false)
  if (rest.length === 3 && isChannels(third)) return flat(first, second, third, false)
  if (rest.length === 3 && isChannels(first)) return flat(second, third, first, true)
  if (rest.length === 3) return { rows, depth: first, height: second, width: third, channels: 1, channelsFirst: false }
  if (rest.length === 4 && isChannels(fourth))
    return { rows, depth: first, height: second, width: third, channels: fourth, channelsFirst: false }
  if (rest.length === 4 && isChannels(first))
    return { rows, depth: second, height: third, width: fourth, channels: first, channelsFirst: true }
  throw pictureFault(source, 'kind', 'rows × height × width, or with channels or depth', shape.join(' × '))
}

type Layout = ReturnType<typeof rowLayout>

const pictureOf = (array: NumpyArray, layout: Layout, row: number, range: readonly [number, number]): Picture => {
  const { depth, height, width, channels, channelsFirst } = layout
  const size = depth * height * width * channels
  const own = array.values.subarray(row * size, (row + 1) * size)
  const samples =
    channelsFirst && channels > 1 ? own.map((_, at) => own[(at % channels) * (size / channels) + Math.floor(at / channels)] ?? 0) : own
  return { format: 'png', depth, height, width, channels: channels === 3 ? 3 : 1, samples, range, mode: 'array' }
}

interface Part {
  readonly pair: ArrayPair
  readonly images: NumpyArray
  readonly labels: NumpyArray
  readonly layout: Layout
}

const partOf = async (archive: NumpyArchive, pair: ArrayPair, file: string): Promise<Part> => {
  const images = await archive.array(pair.images)
  const labels = await archive.array(pair.labels)
  const layout = rowLayout(images.shape, { file: `${file} ${pair.images}` })
  const perRow = labels.shape.slice(1).reduce((product, length) => product * length, 1)
  if (labels.shape[0] !== layout.rows || perRow !== 1)
    throw pictureFault({ file: `${file} ${pair.labels}` }, 'kind', `one label for each of ${layout.rows} rows`, labels.shape.join(' × '))
  return { pair, images, labels, layout }
}

/** Black and white of all parts: full scale of bytes, 0 and 1 for floats within them, else the smallest and largest number of the training rows. */
const rangeOf = (parts: readonly Part[]): readonly [number, number] => {
  const { values } = parts[0]?.images ?? { values: new Uint8Array(0) }
  if (values instanceof Uint8Array) return [0, 255]
  const [low, high] = extent(values)
  return (values instanceof Float32Array || values instanceof Float64Array) && low >= 0 && high <= 1 ? [0, 1] : [low, high]
}

/**
 * An image set, in memory, from the arrays of an archive.
 *
 * @throws YimengError `image-arrays`, `image-corrupt` for a row without numbers or class (under `refuse`), `image-kind`, `image-shape`
 */
export const arrayImages = async (archive: NumpyArchive, file: string, options: ArrayOptions = {}): Promise<ImageDataset> => {
  const parts: Part[] = []
  for (const pair of arrayPairs(archive.names, file)) parts.push(await partOf(archive, pair, file))
  const [first] = parts
  if (first === undefined) throw pictureFault({ file }, 'kind', 'a pair of arrays', 'none')
  const { depth, height, width, channels } = first.layout
  const { recipe = {}, corrupt = 'refuse' } = options
  const shape = recipe.shape ?? (depth === 1 ? [channels, height, width] : [channels, depth, height, width])
  const range = rangeOf(parts)
  const fractions = parts.some(({ images }) => images.values instanceof Float32Array || images.values instanceof Float64Array)
  const most = parts.reduce((sum, { layout }) => sum + layout.rows, 0)
  const size = rowBytes(shape)
  const bytes = new Uint8Array(most * size)
  const labels: number[] = []
  const rowsOf: Record<ArrayPair['set'], number[]> = { all: [], train: [], validation: [], test: [] }
  const skipped: SkippedImage[] = []
  const known = options.classes?.length ?? 1000
  for (const { pair, images, labels: given, layout } of parts)
    for (let row = 0; row < layout.rows; row += 1) {
      const source: PictureSource = { file: `${file} ${pair.images}`, row }
      try {
        const label = given.values[row] ?? Number.NaN
        if (!(Number.isInteger(label) && label >= 0 && label < known))
          throw pictureFault(source, 'corrupt', `a class below ${known}`, 'another number')
        const picture = pictureOf(images, layout, row, range)
        if (fractions && !picture.samples.every(Number.isFinite)) throw pictureFault(source, 'corrupt', 'numbers', 'values that are none')
        bytes.set(prepared(picture, { ...recipe, shape }), labels.length * size)
        rowsOf[pair.set].push(labels.length)
        labels.push(label)
      } catch (error) {
        if (corrupt === 'refuse' || !(error instanceof YimengError) || error.code !== 'image-corrupt') throw error
        const { code, expected, got } = error
        skipped.push({ file: source.file, row, code, expected, got })
      }
    }
  const levels =
    options.classes ?? Array.from({ length: 1 + labels.reduce((top, label) => Math.max(top, label), 0) }, (_, label) => String(label))
  const split: Split = {
    train: Uint32Array.from(rowsOf.train),
    validation: Uint32Array.from(rowsOf.validation),
    test: Uint32Array.from(rowsOf.test),
  }
  return {
    name: options.name ?? file,
    schema: { label: { kind: 'categorical', name: 'class', levels } },
    rows: labels.length,
    labels: Float64Array.from(labels),
    shape,
    white: 255,
    pixels: memoryPixels(bytes.subarray(0, labels.length * size), shape),
    skipped,
    ...(split.train.length > 0 && split.test.length > 0 ? { split } : {}),
  }
}
