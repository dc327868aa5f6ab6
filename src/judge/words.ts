// Numbers and names as people read them: an entrance of its own, so that what only speaks loads none of the judge's machinery.
export { bytes, duration, figure, isBetter, pValue, range, signed } from './report/figures.ts'
export { type Language, type ReportTexts, reportTexts } from './report/messages/index.ts'
