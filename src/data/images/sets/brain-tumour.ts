// Brain MRI in four classes: Bhuvaji et al. 2020 (Kaggle). Of the 3264 published pictures 394 are doubles, and most of the published test pictures stand in the training
// set too; this set holds each picture once and is split by a hash of the pixels.
import { sha256Hex, YimengError } from '../../../base/index.ts'
import { columnPosition, scanTable } from '../../scan.ts'
import type { CategoricalColumn } from '../../types.ts'
import { memoryPixels } from '../pixels.ts'
import { readPicture } from '../read-picture.ts'
import { prepared } from '../transforms.ts'
import type { ImageSetFiles, NamedImageSet } from './named-image-set.ts'

const label: CategoricalColumn = { kind: 'categorical', name: 'tumour', levels: ['no tumour', 'meningioma', 'glioma', 'pituitary'] }
const index = 'brain-tumour/index.csv'
const cleanSplit = 'brain-tumour/clean_split.csv'
const shape = [1, 128, 128]

interface Row {
  readonly file: string
  readonly label: number
  readonly fold: number
}

const rowsOf = async (open: ImageSetFiles): Promise<readonly Row[]> => {
  const rows: Row[] = []
  await scanTable(open.table(cleanSplit), (header) => {
    const [file, own, fold, keep] = ['file', 'label', 'fold', 'keep'].map((name) =>
      columnPosition(open.table(cleanSplit), header, name, 'column'),
    )
    return (cells) => {
      if (cells[keep ?? -1] === '1')
        rows.push({ file: cells[file ?? -1] ?? '', label: Number(cells[own ?? -1]), fold: Number(cells[fold ?? -1]) })
    }
  })
  return rows
}

const checksumsOf = async (open: ImageSetFiles): Promise<ReadonlyMap<string, string>> => {
  const sums = new Map<string, string>()
  await scanTable(open.table(index), (header) => {
    const [file, sum] = ['file', 'png_sha256'].map((name) => columnPosition(open.table(index), header, name, 'column'))
    return (cells) => {
      sums.set(cells[file ?? -1] ?? '', cells[sum ?? -1] ?? '')
    }
  })
  return sums
}

/** 2870 different pictures of 128 × 128 pixels, fold 0 of five to judge by. The pictures are compared with the checksums of the index one by one. */
export const brainTumour: NamedImageSet = {
  name: 'brain-tumour',
  title: 'Brain tumour classification (MRI), each picture once',
  description:
    'One row a slice of 128 × 128 pixels. Predicts which of three tumours it shows, or none. Comes with a split free of doubles.',
  rows: 2870,
  sites: [],
  licence: 'MIT (the authors’ own card); CC0 according to the Kaggle copy. Not for clinical use',
  citation:
    'Bhuvaji S, Kadam A, Bhumkar P, Dedge S, Kanchan S (2020). Brain Tumor Classification (MRI). Kaggle, doi 10.34740/KAGGLE/DSV/1183165.',
  source: 'https://doi.org/10.34740/KAGGLE/DSV/1183165',
  files: [
    { path: index, bytes: 822_072, sha256: 'cb94a6d2c6d50d39353f889cacb3451c7595f635cb6c80efc6c1ba3e7d67bbfc', embedded: false },
    { path: cleanSplit, bytes: 176_365, sha256: '6ea30ce02fa6f79e9b113bb661de3b59dbef60077d5670703097d6b47f734f8d', embedded: false },
  ],
  shape,
  label,
  load: async (open) => {
    const [rows, checksums] = [await rowsOf(open), await checksumsOf(open)]
    const size = 128 * 128
    const bytes = new Uint8Array(rows.length * size)
    for (const [row, { file }] of rows.entries()) {
      const content = await open.bytes(`brain-tumour/${file}`)
      if (sha256Hex(content) !== checksums.get(file))
        throw new YimengError({
          code: 'data-changed',
          cannot: 'load data set brain-tumour',
          expected: 'the picture of the index',
          got: 'another file',
          where: { file, row },
        })
      bytes.set(prepared(await readPicture(content, { file, row }), { shape }), row * size)
    }
    const inFold = (test: boolean) => Uint32Array.from(rows.flatMap(({ fold }, row) => ((fold === 0) === test ? [row] : [])))
    return {
      name: 'brain-tumour',
      schema: { label },
      rows: rows.length,
      labels: Float64Array.from(rows, (row) => row.label),
      shape,
      white: 255,
      pixels: memoryPixels(bytes, shape),
      files: rows.map(({ file }) => file),
      skipped: [],
      split: { train: inFold(false), validation: new Uint32Array(0), test: inFold(true) },
    }
  },
}
