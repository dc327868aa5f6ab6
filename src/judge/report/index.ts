export { reportFiles, tableCsv } from './files.ts'
export { bytes, duration, figure, isBetter, pValue, range, signed } from './figures.ts'
export { type Language, type ReportTexts, reportTexts } from './messages/index.ts'
