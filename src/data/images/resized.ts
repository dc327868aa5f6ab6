// An image set at another size, or as distances.
import { type ImageDataset, rowBytes } from './image-dataset.ts'
import { memoryPixels } from './pixels.ts'
import { type PictureSize, prepared, resize, type ResizeMethod } from './transforms.ts'

const sizeOf = (shape: readonly number[]): Required<PictureSize> => {
  const [width = 1, height = 1, depth = 1] = shape.slice(1).toReversed()
  return { depth, height, width }
}

/** The same rows at another height and width (and depth, of volumes), in memory. `shape`: of as many channels. */
export const resizedImages = async (dataset: ImageDataset, shape: readonly number[], method?: ResizeMethod): Promise<ImageDataset> => {
  const [from, to] = [sizeOf(dataset.shape), sizeOf(shape)]
  const pixelsOf = ({ depth, height, width }: typeof from): number => depth * height * width
  const [oldPlane, plane] = [pixelsOf(from), pixelsOf(to)]
  const bytes = new Uint8Array(dataset.rows * rowBytes(shape))
  for (let row = 0; row < dataset.rows; row += 1) {
    const pixels = await dataset.pixels.read([row])
    for (let channel = 0; channel * oldPlane < pixels.length; channel += 1) {
      const samples = pixels.subarray(channel * oldPlane, (channel + 1) * oldPlane)
      const sized = resize({ format: 'png', ...from, channels: 1, samples, range: [0, dataset.white], mode: 'bytes' }, to, method)
      for (const [at, sample] of sized.samples.entries()) bytes[row * rowBytes(shape) + channel * plane + at] = Math.round(sample)
    }
  }
  return { ...dataset, shape, pixels: memoryPixels(bytes, shape) }
}

/** Shapes of one channel as distances, `distance` being white, of another shape: `[channels, …]` for as many powers. In memory, and as {@link PictureReading} says. */
export const distanceImages = async (
  dataset: ImageDataset,
  shape: readonly number[],
  distance: number,
): Promise<ImageDataset & { readonly distance: number }> => {
  const bytes = new Uint8Array(dataset.rows * rowBytes(shape))
  for (let row = 0; row < dataset.rows; row += 1) {
    const samples = await dataset.pixels.read([row])
    const picture = { format: 'png', ...sizeOf(dataset.shape), channels: 1, samples, range: [0, dataset.white], mode: 'bytes' } as const
    bytes.set(prepared(picture, { shape, distance }), row * rowBytes(shape))
  }
  return { ...dataset, shape, white: 255, pixels: memoryPixels(bytes, shape), distance }
}
