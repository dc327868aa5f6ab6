// Images and volumes, browser-safe part: readers from bytes, transforms, augmentation, image sets and batches. Files and folders are in node.ts.
export { type ArrayOptions, arrayImages } from './array-images.ts'
export { type Augmentation, contrast, flip, inTurn, mixup, noise, rotate, shift, zoom } from './augment.ts'
export {
  type BatchSource,
  type ChannelScale,
  type ChannelSums,
  byteCounts,
  channelScale,
  channelSums,
  imageBatches,
  type PictureInputs,
  pictureInputs,
  wholeBatch,
} from './batches.ts'
export { distanceMap, distancesInside } from './distance.ts'
export { readIdx } from './idx.ts'
export type { CorruptPolicy, ImageDataset, Pixels, SkippedImage } from './image-dataset.ts'
export { type NumpyArray, readNpy } from './npy.ts'
export { type NumpyArchive, readNpz } from './npz.ts'
export type { Picture, PictureFormat, PictureLimits, PictureSource, Samples } from './picture.ts'
export { decodedPixels, memoryPixels } from './pixels.ts'
export { readPicture } from './read-picture.ts'
export { distanceImages, resizedImages } from './resized.ts'
export { type ImageSetFiles, type NamedImageSet, namedImageSets } from './sets/index.ts'
export {
  colour,
  grey,
  type PictureReading,
  type PictureRecipe,
  type PictureSize,
  prepared,
  readingOf,
  type ResizeMethod,
  resize,
} from './transforms.ts'
export { extent, type IntensityWindow, windowed, windowRange } from './window.ts'
