// Data, the part that needs Node: files and the named data sets. The rest is in index.ts.
export { csvFile, csvFiles, stemOf } from './csv-file.node.ts'
export {
  type CsvSource,
  contentOf,
  type DataSetContent,
  type DataSetDescription,
  type DataSetInfo,
  dataSets,
  loadDataset,
} from './data-sets.node.ts'
export { type DataFolders, type DownloadOptions, dataFolders, type FileState } from './data-store.node.ts'
export { type Surroundings, surroundings, yimengHome } from './home.node.ts'
export * from './images/node.ts'
export { loadSeries } from './series/load-series.node.ts'
export { ownSeries, type SeriesForm } from './series/own-series.node.ts'
