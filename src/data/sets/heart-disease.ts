// Heart disease at four hospitals: Janosi, Steinbrunn, Pfisterer and Detrano 1988; the federated version follows FLamby (Ogier du Terrail et al. 2022, Fed-Heart-Disease).
import { readTable } from '../read-table.ts'
import { recoded } from '../recode.ts'
import { givenSplit } from '../split.ts'
import type { Column, Dataset, Schema } from '../types.ts'
import { completeRows, dropColumns, takeRows } from '../views.ts'
import type { DataFile, NamedDataSet } from './named-data-set.ts'

const hospitals = ['cleveland', 'hungarian', 'switzerland', 'va'] as const

const codes = {
  sex: { '0': 'female', '1': 'male' },
  'chest pain': { '1': 'typical angina', '2': 'atypical angina', '3': 'non-anginal pain', '4': 'asymptomatic' },
  'fasting blood sugar': { '0': 'up to 120 mg/dl', '1': 'above 120 mg/dl' },
  'resting ECG': { '0': 'normal', '1': 'ST-T wave abnormality', '2': 'left ventricular hypertrophy' },
  'exercise angina': { '0': 'no', '1': 'yes' },
  'ST slope': { '1': 'upsloping', '2': 'flat', '3': 'downsloping' },
  thallium: { '3': 'normal', '6': 'fixed defect', '7': 'reversible defect' },
  // number of the disease's stages in the original: 0 is healthy, 1 to 4 are ill
  'heart disease': { '0': 'no', '1': 'yes', '2': 'yes', '3': 'yes', '4': 'yes' },
} as const

const words = (name: keyof typeof codes, description: string): Column => ({
  kind: 'categorical',
  name,
  levels: [...new Set(Object.values(codes[name]))],
  description,
})

const features: readonly Column[] = [
  { kind: 'numeric', name: 'age', unit: 'years' },
  words('sex', 'sex'),
  words('chest pain', 'cp: type of chest pain'),
  { kind: 'numeric', name: 'resting blood pressure', unit: 'mm Hg', description: 'trestbps: on admission' },
  {
    kind: 'numeric',
    name: 'cholesterol',
    unit: 'mg/dl',
    description: 'chol: serum cholesterol; 0 in every Swiss row, a disguised missing value',
  },
  words('fasting blood sugar', 'fbs'),
  words('resting ECG', 'restecg'),
  { kind: 'numeric', name: 'maximum heart rate', unit: '1/min', description: 'thalach: reached under exercise' },
  words('exercise angina', 'exang: angina caused by exercise'),
  { kind: 'numeric', name: 'ST depression', unit: 'mm', description: 'oldpeak: caused by exercise, relative to rest' },
  words('ST slope', 'slope: of the ST segment at peak exercise'),
  { kind: 'numeric', name: 'coloured vessels', description: 'ca: major vessels seen in fluoroscopy, 0 to 3' },
  words('thallium', 'thal: thallium scan'),
]

const label: Column = {
  kind: 'categorical',
  name: 'heart disease',
  levels: ['no', 'yes'],
  description: 'num > 0: more than half of a vessel closed',
}

// FLamby drops what most hospitals did not measure
const seldomMeasured = ['ST slope', 'coloured vessels', 'thallium']

const original = (hospital: string, bytes: number, sha256: string, md5: string): DataFile => ({
  path: `heart-disease/processed.${hospital}.data`,
  bytes,
  sha256,
  md5,
  embedded: false,
  url: `https://archive.ics.uci.edu/ml/machine-learning-databases/heart-disease/processed.${hospital}.data`,
})

const originals: readonly DataFile[] = [
  original('cleveland', 18_461, 'a74b7efa387bc9d108d7d0115d831fe9b414b29ae7124f331b622b4efa0427c8', '2d91a8ff69cfd9616aa47b59d6f843db'),
  original('hungarian', 10_263, 'd1ad108f785768cd3d7e82dc522e6f5a61eea93cccfb3a46ee8076f73fc3d796', '22e96bee155b5973568101c93b3705f6'),
  original('switzerland', 4109, '834a405ccf5b66ab4056bb77794adc8df0b7125186454c0a1d002d33c6c3b314', '9a87f7577310b3917730d06ba9349e20'),
  original('va', 6737, 'e7c93d8d0d2acdadfa4c5e8de768e2191e7f618b952e29623f1f0d5949ff6b8f', '4249d03ca7711e84f4444768c9426170'),
]

const about = {
  sites: hospitals,
  licence: 'CC BY 4.0 (UCI Machine Learning Repository)',
  citation:
    'Janosi A, Steinbrunn W, Pfisterer M, Detrano R (1988). Heart Disease. UCI Machine Learning Repository. Hungarian Institute of Cardiology, Budapest; University Hospital, Zurich; University Hospital, Basel; V.A. Medical Center, Long Beach and Cleveland Clinic Foundation.',
  source: 'https://archive.ics.uci.edu/dataset/45',
} as const

type Open = Parameters<NamedDataSet['load']>[0]

const loadAll = (open: Open, schema: Schema, name: string): Promise<Dataset> => {
  const header = [...features, label].map((column) => column.name)
  const tables = hospitals.map((site) => recoded(open(`heart-disease/processed.${site}.data`, { header, site, delimiter: ',' }), codes))
  return readTable(tables, schema, { name })
}

const fullSchema: Schema = {
  // a living person has neither: the hospitals wrote 0 for "not measured"
  features: features.map((column) =>
    column.name === 'cholesterol' || column.name === 'resting blood pressure' ? { ...column, missing: ['0'] } : column,
  ),
  label,
}

/** All 920 patients and 13 columns, missing values as they are; 0 in cholesterol and blood pressure read as missing. */
export const heartDiseaseFull: NamedDataSet = {
  ...about,
  name: 'heart-disease-full',
  title: 'Heart disease, four hospitals, all patients',
  description:
    'One row a patient: 13 findings, many of them missing, differently at each hospital. Predicts whether a coronary vessel is narrowed.',
  rows: 920,
  files: originals,
  schema: fullSchema,
  load: (open) => loadAll(open, fullSchema, 'heart-disease-full'),
}

const schema: Schema = { features: features.filter((column) => !seldomMeasured.includes(column.name)), label }
const splitPath = 'heart-disease/flamby_split.csv'

/**
 * FLamby's 740 patients: without slope, ca and thal, complete rows only, with FLamby's split in `Dataset.split`
 * (train/test Cleveland 199/104, Hungary 172/89, Switzerland 30/16, VA 85/45). One-hot with the first level dropped gives its 13 inputs.
 */
export const heartDisease: NamedDataSet = {
  ...about,
  name: 'heart-disease',
  title: 'Heart disease, four hospitals (Fed-Heart-Disease)',
  description:
    'One row a patient with ten complete findings. Predicts whether a coronary vessel is narrowed. Comes with the split of the FLamby benchmark.',
  rows: 740,
  files: [
    ...originals,
    { path: splitPath, bytes: 23_069, sha256: '06b035b933f38ee5dfc286ccf9a127d9417cc7fe9a43bca5bf19f8b62b29b12b', embedded: true },
  ],
  schema,
  load: async (open) => {
    const all = dropColumns(await loadAll(open, { features, label }, 'heart-disease'), seldomMeasured)
    const dataset = takeRows(all, completeRows(all))
    return { ...dataset, split: await givenSplit(dataset, open(splitPath), { site: 'hospital', line: 'line', set: 'set' }) }
  },
}
