// The handwritten digits of the table of that name, as pictures.
import { digits as table } from '../../sets/digits.ts'
import type { CategoricalColumn } from '../../types.ts'
import { memoryPixels } from '../pixels.ts'
import type { NamedImageSet } from './named-image-set.ts'

const shape = [1, 8, 8]
const { schema, load, name, title, rows, sites, licence, citation, source, files } = table
const label: CategoricalColumn = {
  kind: 'categorical',
  name: schema.label.name,
  levels: schema.label.kind === 'categorical' ? schema.label.levels : [],
}

/** 1797 pictures of 8 × 8 pixels; bytes are the ink, 0 to 16. */
export const digits: NamedImageSet = {
  name,
  title,
  description: 'One row a picture of 8 × 8 pixels. Predicts which digit is written.',
  rows,
  sites,
  licence,
  citation,
  source,
  files,
  shape,
  label,
  load: async (open) => {
    const dataset = await load((path, format) => open.table(path, format))
    const bytes = new Uint8Array(dataset.rows * 64)
    for (const [pixel, values] of dataset.values.entries())
      for (let row = 0; row < dataset.rows; row += 1) bytes[row * 64 + pixel] = values[row] ?? 0
    return {
      name,
      schema: { label },
      rows: dataset.rows,
      labels: dataset.labels,
      shape,
      white: 16,
      pixels: memoryPixels(bytes, shape),
      skipped: [],
    }
  },
}
