// MNIST: LeCun, Cortes and Burges 1998.
import { YimengError } from '../../../base/index.ts'
import type { CategoricalColumn } from '../../types.ts'
import { readIdx } from '../idx.ts'
import { inflate, joinBytes } from '../inflate.ts'
import { memoryPixels } from '../pixels.ts'
import type { NamedImageSet } from './named-image-set.ts'

const label: CategoricalColumn = { kind: 'categorical', name: 'digit', levels: Array.from({ length: 10 }, (_, digit) => String(digit)) }

const file = (name: string, bytes: number, sha256: string) => ({
  path: `mnist/${name}.gz`,
  bytes,
  sha256,
  gzipped: true,
  embedded: false,
  url: `https://ossci-datasets.s3.amazonaws.com/mnist/${name}.gz`,
})

const files = {
  trainImages: file('train-images-idx3-ubyte', 47_040_016, 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'),
  trainLabels: file('train-labels-idx1-ubyte', 60_008, '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'),
  testImages: file('t10k-images-idx3-ubyte', 7_840_016, '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'),
  testLabels: file('t10k-labels-idx1-ubyte', 10_008, 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'),
}

const shape = [1, 28, 28]

/** 70,000 handwritten digits of 28 × 28 pixels with the split that everyone uses: 60,000 to learn from, 10,000 to judge by. */
export const mnist: NamedImageSet = {
  name: 'mnist',
  title: 'MNIST, handwritten digits',
  description: 'One row a picture of 28 × 28 pixels. Predicts which digit is written. Comes with its own split.',
  rows: 70_000,
  sites: [],
  licence: 'CC BY-SA 3.0 (Yann LeCun and Corinna Cortes)',
  citation:
    'LeCun Y, Bottou L, Bengio Y, Haffner P (1998). Gradient-based learning applied to document recognition. Proceedings of the IEEE 86:2278-2324.',
  source: 'https://yann.lecun.com/exdb/mnist/',
  files: Object.values(files),
  shape,
  label,
  load: async (open) => {
    const read = async ({ path, bytes }: (typeof files)['testLabels']) => {
      const source = { file: path }
      return readIdx(await inflate(await open.bytes(path), 'gzip', bytes, source), source)
    }
    const [train, trainLabels] = [await read(files.trainImages), await read(files.trainLabels)]
    const [test, testLabels] = [await read(files.testImages), await read(files.testLabels)]
    const labels = Float64Array.from([...trainLabels.values, ...testLabels.values])
    if (train.shape[0] !== trainLabels.shape[0] || test.shape[0] !== testLabels.shape[0])
      throw new YimengError({ code: 'data-changed', cannot: 'load mnist', expected: 'a label for each picture', got: 'others' })
    const pixels = joinBytes([Uint8Array.from(train.values), Uint8Array.from(test.values)])
    const first = train.shape[0] ?? 0
    return {
      name: 'mnist',
      schema: { label },
      rows: labels.length,
      labels,
      shape,
      white: 255,
      pixels: memoryPixels(pixels, shape),
      skipped: [],
      split: {
        train: Uint32Array.from({ length: first }, (_, row) => row),
        validation: new Uint32Array(0),
        test: Uint32Array.from({ length: labels.length - first }, (_, row) => first + row),
      },
    }
  },
}
