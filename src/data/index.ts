// Data, browser-safe part: tables of text, schemas, partitions, splits, preprocessing. Files and the named data sets are in node.ts.
export { type CellShape, categoryOf, cellShape, missingMarkers } from './cell.ts'
export { closeNames, oneOfNames } from './close-names.ts'
export * from './images/index.ts'
export { type InferenceNote, type Inference, type InferOptions, type InferredColumn, inferSchema } from './infer-schema.ts'
export { partition, siteNames } from './partition.ts'
export {
  fitPreprocessing,
  type Input,
  inputNames,
  labelValue,
  type Preprocessing,
  type PreprocessingOptions,
  preprocessingJson,
  preprocessingSchema,
} from './preprocessing.ts'
export { type ReadOptions, readTable } from './read-table.ts'
export { joined, type Recoding, recoded } from './recode.ts'
export { scanTable } from './scan.ts'
export * from './series/index.ts'
export { type DataFile, type NamedDataSet, type NamedSet, namedDataSets } from './sets/index.ts'
export { foldRows, givenSplit, splitRows, splitSites, splitWithin, withinSites } from './split.ts'
export { strataOf } from './strata.ts'
export { type ColumnValues, columnsOf, summarise, summariseColumn } from './summarise.ts'
export { type CsvFormat, csvText, detectDelimiter, type Table, type TableRow } from './table.ts'
export { type RawInputs, transform, transformRaw, transformTable } from './transform.ts'
export type { CategoricalColumn, Column, Dataset, Labelled, NumericColumn, Partition, Partitioner, Schema, Split } from './types.ts'
export { completeRows, dropColumns, takeRows } from './views.ts'
