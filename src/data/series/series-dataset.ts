// Windows of time series with a label each, and sets of them that Yimeng knows by name.
import type { NamedSet } from '../sets/index.ts'
import type { Column, Labelled } from '../types.ts'

/** Windows of time series with a label each. */
export interface SeriesDataset extends Labelled {
  /** `[time, channels]`. */
  readonly shape: readonly [time: number, channels: number]
  /** Names of the channels, in order. */
  readonly channels: readonly string[]
  /** Numbers `[rows, time, channels]`. */
  readonly series: Float32Array
  /** The same rows with labels that models are not trained on but measured by too, by a name for the measure: `uncapped`. */
  readonly otherLabels?: Readonly<Record<string, Float64Array>>
}

/** Series with a name. */
export interface NamedSeriesSet extends NamedSet {
  readonly shape: readonly [time: number, channels: number]
  readonly label: Column
  /** Builds the set; `text` gives the whole text of one of `files`. */
  readonly load: (text: (path: string) => Promise<string>) => Promise<SeriesDataset>
}
