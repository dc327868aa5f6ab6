// Breast Cancer Wisconsin (Diagnostic): Wolberg, Mangasarian, Street and Street 1995.
import { readTable } from '../read-table.ts'
import { recoded } from '../recode.ts'
import type { Schema } from '../types.ts'
import type { NamedDataSet } from './named-data-set.ts'

const measures = [
  ['radius', 'mean distance from the centre to points on the outline'],
  ['texture', 'standard deviation of grey values'],
  ['perimeter', 'length of the outline'],
  ['area', 'area inside the outline'],
  ['smoothness', 'local variation of the radius'],
  ['compactness', 'perimeter² / area − 1'],
  ['concavity', 'severity of the concave parts of the outline'],
  ['concave points', 'number of concave parts of the outline'],
  ['symmetry', 'symmetry of the outline'],
  ['fractal dimension', 'coastline approximation − 1'],
] as const

const statistics = [
  ['mean', 'mean over the nuclei of the image'],
  ['error', 'standard error over the nuclei'],
  ['worst', 'mean of the three largest nuclei'],
] as const

const schema: Schema = {
  features: statistics.flatMap(([statistic, how]) =>
    measures.map(([measure, what]) => ({
      kind: 'numeric' as const,
      name: statistic === 'error' ? `${measure} error` : `${statistic} ${measure}`,
      description: `${what}; ${how}`,
    })),
  ),
  label: {
    kind: 'categorical',
    name: 'diagnosis',
    levels: ['benign', 'malignant'],
    description: 'of the fine-needle aspirate of a breast mass',
  },
}

/** 569 breast masses, 30 measures of their cell nuclei, benign (357) or malignant (212). */
export const breastCancer: NamedDataSet = {
  name: 'breast-cancer',
  title: 'Breast Cancer Wisconsin (Diagnostic)',
  description:
    'One row a breast mass: 30 measures of cell nuclei on an image of a fine-needle aspirate. Predicts whether the mass is malignant.',
  rows: 569,
  sites: [],
  licence: 'CC BY 4.0 (UCI Machine Learning Repository); the file as scikit-learn has it, BSD-3-Clause',
  citation: 'Wolberg W, Mangasarian O, Street N, Street W (1995). Breast Cancer Wisconsin (Diagnostic). UCI Machine Learning Repository.',
  source: 'https://archive.ics.uci.edu/dataset/17',
  files: [
    {
      path: 'breast-cancer/breast_cancer.csv',
      bytes: 119_913,
      sha256: 'fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed',
      embedded: true,
    },
  ],
  schema,
  load: (open) => {
    const header = [...schema.features, schema.label].map((column) => column.name)
    // the first line tells rows, columns and classes: 569,30,malignant,benign
    const table = open('breast-cancer/breast_cancer.csv', { header, skipLines: 1, delimiter: ',' })
    return readTable(recoded(table, { diagnosis: { '0': 'malignant', '1': 'benign' } }), schema, { name: 'breast-cancer' })
  },
}
