// Diabetes progression: Efron, Hastie, Johnstone and Tibshirani 2004.
import { readTable } from '../read-table.ts'
import { joined } from '../recode.ts'
import type { Schema } from '../types.ts'
import type { NamedDataSet } from './named-data-set.ts'

const schema: Schema = {
  features: [
    { kind: 'numeric', name: 'age', unit: 'years' },
    // the publication does not say which code is which sex
    { kind: 'categorical', name: 'sex', levels: ['1', '2'] },
    { kind: 'numeric', name: 'body mass index', unit: 'kg/m²' },
    { kind: 'numeric', name: 'blood pressure', unit: 'mm Hg', description: 'average' },
    { kind: 'numeric', name: 'total cholesterol', unit: 'mg/dl', description: 's1' },
    { kind: 'numeric', name: 'low-density lipoproteins', unit: 'mg/dl', description: 's2' },
    { kind: 'numeric', name: 'high-density lipoproteins', unit: 'mg/dl', description: 's3' },
    { kind: 'numeric', name: 'cholesterol ratio', description: 's4: total cholesterol / high-density lipoproteins' },
    { kind: 'numeric', name: 'log triglycerides', description: 's5: possibly the logarithm of serum triglycerides' },
    { kind: 'numeric', name: 'blood sugar', unit: 'mg/dl', description: 's6' },
  ],
  label: { kind: 'numeric', name: 'progression', description: 'of the disease one year after baseline, 25 to 346' },
}

/** 442 people with diabetes, ten baseline measures, progression after a year: a regression. */
export const diabetes: NamedDataSet = {
  name: 'diabetes',
  title: 'Diabetes progression',
  description: 'One row a person with diabetes: ten measures at baseline. Predicts how far the disease progressed in a year, a number.',
  rows: 442,
  sites: [],
  licence: 'the files as scikit-learn has them, BSD-3-Clause',
  citation: 'Efron B, Hastie T, Johnstone I, Tibshirani R (2004). Least angle regression. Annals of Statistics 32:407-499.',
  source: 'https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html',
  files: [
    {
      path: 'diabetes/diabetes_data_raw.csv.gz',
      bytes: 7087,
      sha256: 'fc08fc59c1cbfe65550d9ebb36321d505de9e8f004bf92c1566d2908962f08ff',
      embedded: true,
    },
    {
      path: 'diabetes/diabetes_target.csv.gz',
      bytes: 1044,
      sha256: 'bf1ddd1f9d377278450a5f02c24b5e77b1501f2ad673fe9fdf4c4090d27eb5cc',
      embedded: true,
    },
  ],
  schema,
  load: (open) => {
    const measures = open('diabetes/diabetes_data_raw.csv.gz', { header: schema.features.map((column) => column.name), delimiter: ' ' })
    const target = open('diabetes/diabetes_target.csv.gz', { header: [schema.label.name], delimiter: ' ' })
    return readTable(joined(measures, target), schema, { name: 'diabetes' })
  },
}
