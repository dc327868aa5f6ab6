// A scan of one file a slice, as DICOM series are: slices in the order of their places become a volume.
import { checkedSize, type Picture, type PictureSource, pictureFault, type Samples } from './picture.ts'
import { extent } from './window.ts'

/** A flat picture and the name of its file. */
export interface Slice {
  readonly picture: Picture
  readonly file: string
}

/** Slices by their position along the scan, else by their numbers, else as they came. Two at one place are refused: they belong to two scans. */
const ordered = (slices: readonly Slice[], source: PictureSource): readonly Slice[] => {
  for (const key of ['position', 'number'] as const) {
    if (!slices.every(({ picture }) => picture.slice?.[key] !== undefined)) continue
    const sorted = slices.toSorted((a, b) => (a.picture.slice?.[key] ?? 0) - (b.picture.slice?.[key] ?? 0))
    const twice = sorted.find(({ picture }, at) => at > 0 && sorted[at - 1]?.picture.slice?.[key] === picture.slice?.[key])
    if (twice !== undefined) throw pictureFault({ ...source, file: twice.file }, 'kind', 'slices of one scan', 'two slices at one place')
    return sorted
  }
  return slices
}

const emptyFor = (slices: readonly Slice[], size: number): Samples => {
  const kinds = [Uint8Array, Uint16Array, Int8Array, Int16Array]
  const Kind = kinds.find((kind) => slices.every(({ picture }) => picture.samples instanceof kind)) ?? Float32Array
  return new Kind(size)
}

/**
 * A volume `[slices, height, width, channels]`. Its range is the slices' own where they agree, else its smallest and largest sample.
 *
 * @throws YimengError `image-kind` for slices of several sizes or at one place, `image-large`
 */
export const stacked = (slices: readonly Slice[], source: PictureSource): Picture => {
  const [first, ...rest] = ordered(slices, source)
  if (first === undefined) throw pictureFault(source, 'kind', 'a slice', 'none')
  const { height, width, channels, range } = first.picture
  for (const { picture, file } of [first, ...rest])
    if (picture.depth !== 1 || picture.height !== height || picture.width !== width || picture.channels !== channels)
      throw pictureFault(
        { ...source, file },
        'kind',
        `slices of ${width} × ${height} × ${channels}`,
        `${picture.width} × ${picture.height} × ${picture.channels}${picture.depth === 1 ? '' : `, ${picture.depth} deep`}`,
      )
  const size = height * width * channels
  const samples = emptyFor(slices, checkedSize(source, [slices.length, size]))
  for (const [at, { picture }] of [first, ...rest].entries()) samples.set(picture.samples, at * size)
  const alike = rest.every(({ picture }) => picture.range[0] === range[0] && picture.range[1] === range[1])
  const [low, high] = extent(samples)
  const own: Picture['range'] = alike ? range : range[0] > range[1] ? [high, low] : [low, high]
  const { slice: _, ...picture } = first.picture
  return { ...picture, depth: slices.length, samples, range: own }
}
