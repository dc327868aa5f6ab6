// Iris: Fisher 1936.
import { readTable } from '../read-table.ts'
import { recoded } from '../recode.ts'
import type { Schema } from '../types.ts'
import type { NamedDataSet } from './named-data-set.ts'

const schema: Schema = {
  features: ['sepal length', 'sepal width', 'petal length', 'petal width'].map((name) => ({
    kind: 'numeric',
    name,
    unit: 'cm',
    range: [0, 10],
  })),
  label: { kind: 'categorical', name: 'species', levels: ['setosa', 'versicolor', 'virginica'] },
}

/** 150 flowers of three species, 50 each, four lengths. */
export const iris: NamedDataSet = {
  name: 'iris',
  title: 'Iris',
  description: 'One row a flower: four lengths. Predicts which of three species of iris it is.',
  rows: 150,
  sites: [],
  licence: 'CC BY 4.0 (UCI Machine Learning Repository); the file as scikit-learn has it, BSD-3-Clause',
  citation: 'Fisher R A (1936). The use of multiple measurements in taxonomic problems. Annals of Eugenics 7:179-188.',
  source: 'https://archive.ics.uci.edu/dataset/53',
  files: [
    { path: 'iris/iris.csv', bytes: 2734, sha256: 'f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449', embedded: true },
  ],
  schema,
  load: (open) => {
    const header = [...schema.features, schema.label].map((column) => column.name)
    const table = open('iris/iris.csv', { header, skipLines: 1, delimiter: ',' })
    return readTable(recoded(table, { species: { '0': 'setosa', '1': 'versicolor', '2': 'virginica' } }), schema, { name: 'iris' })
  },
}
