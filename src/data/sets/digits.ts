// Handwritten digits, 8 × 8: Alpaydin and Kaynak 1998.
import { readTable } from '../read-table.ts'
import type { Schema } from '../types.ts'
import type { NamedDataSet } from './named-data-set.ts'

const schema: Schema = {
  features: Array.from({ length: 64 }, (_, index) => ({
    kind: 'numeric',
    name: `pixel ${Math.floor(index / 8)},${index % 8}`,
    unit: 'ink, 0 to 16',
  })),
  label: { kind: 'categorical', name: 'digit', levels: Array.from({ length: 10 }, (_, digit) => String(digit)) },
}

/** 1797 images of 8 × 8 pixels (row, column from the top left), values 0 to 16, ten digits. */
export const digits: NamedDataSet = {
  name: 'digits',
  title: 'Optical Recognition of Handwritten Digits, test set',
  description: 'One row an image of 8 × 8 pixels. Predicts which digit is written.',
  rows: 1797,
  sites: [],
  licence: 'CC BY 4.0 (UCI Machine Learning Repository); the file as scikit-learn has it, BSD-3-Clause',
  citation: 'Alpaydin E, Kaynak C (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning Repository.',
  source: 'https://archive.ics.uci.edu/dataset/80',
  files: [
    {
      path: 'digits/digits.csv.gz',
      bytes: 57_512,
      sha256: '46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a',
      embedded: true,
    },
  ],
  schema,
  load: (open) => {
    const header = [...schema.features, schema.label].map((column) => column.name)
    return readTable(open('digits/digits.csv.gz', { header, delimiter: ',' }), schema, { name: 'digits' })
  },
}
