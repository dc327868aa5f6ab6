// Time series: sets of windows, those known by name, and new ones.
import type { NamedSeriesSet } from './series-dataset.ts'
import { turbofan } from './turbofan.ts'

export { lastSteps } from './read-series.ts'
export type { NamedSeriesSet, SeriesDataset } from './series-dataset.ts'

/** The series sets that Yimeng knows by name. */
export const namedSeriesSets: readonly NamedSeriesSet[] = [turbofan]
