// A person's own pictures or volumes as a task.
import { basename } from 'node:path'
import { readingOf } from '../data/index.ts'
import { imageFolder, npzImages } from '../data/node.ts'
import type { ImagesSpec } from './run-spec.ts'
import type { Task } from './task.ts'
import type { PictureDataset, TensorSchema } from './task-data.ts'

/** What a spec's pictures are called. */
export const imagesName = ({ name, folder, npz }: ImagesSpec): string => name ?? basename(folder ?? npz ?? 'images').replace(/\.npz$/i, '')

/** What a spec says of its pictures before any is read: where it names their classes. Those of folders are in the order of their names, the positive one last. */
export const declaredImages = ({ npz, shape, classes, positive, ...rest }: ImagesSpec): TensorSchema | undefined => {
  if (classes === undefined) return undefined
  const inOrder = npz === undefined ? [...new Set(classes)].sort() : classes
  const levels = positive === undefined ? inOrder : [...inOrder.filter((level) => level !== positive), positive]
  return { label: { kind: 'categorical', name: 'class', levels }, shape, channels: 'first', ...readingOf(rest) }
}

/** Reads the pictures of a spec, with the way they were read, so that new ones can be read alike. */
export const ownImages = async (images: ImagesSpec): Promise<PictureDataset> => {
  const { folder, npz, shape, corrupt, classes, positive, scans } = images
  const name = imagesName(images)
  const reading = readingOf(images)
  const recipe = { shape, ...reading }
  const dataset =
    npz === undefined
      ? await imageFolder(folder ?? '', {
          ...recipe,
          name,
          corrupt,
          ...(positive === undefined ? {} : { positive }),
          ...(scans === undefined ? {} : { scans }),
        })
      : await npzImages(npz, { name, recipe, corrupt, ...(classes === undefined ? {} : { classes }) })
  return { ...dataset, ...reading }
}

/** The task of a folder of pictures or a file of arrays: three sites by chance unless the spec says otherwise, and a small convolutional network. */
export const imagesTask = (images: ImagesSpec): Task => {
  const name = imagesName(images)
  const told = { en: name, 'zh-CN': name, 'zh-TW': name }
  const flat = images.shape.length === 3
  return {
    name,
    title: told,
    about: told,
    defaults: {
      partition: { kind: 'iid', sites: 3 },
      split: { kind: 'random', testShare: 0.2 },
      preprocessing: { numeric: 'standardise' },
      model: flat
        ? { kind: 'convnet', channels: [16, 32, 64], norm: 'group', pool: 'average', hidden: 0 }
        : { kind: 'convnet', channels: [16, 32], stride: 2, norm: 'group', hidden: 32 },
      local: { epochs: 1, batch: 16, optimiser: { name: 'adam', learningRate: 0.001 } },
      cohort: { deadlineSeconds: 600 },
      rounds: 20,
    },
    load: () => ownImages(images),
  }
}
