// A site's own series: a CSV file for each, a line for each moment in order, a column for each channel and one for the label.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { YimengError } from '../../base/index.ts'
import { csvFile, stemOf } from '../csv-file.node.ts'
import { readTable } from '../read-table.ts'
import type { Column, Dataset } from '../types.ts'
import { tooShort } from './read-series.ts'
import type { SeriesDataset } from './series-dataset.ts'

/** What the windows are to be, as a task says it. */
export interface SeriesForm {
  /** `[time, channels]`. */
  readonly shape: readonly number[]
  readonly channels: readonly string[]
  /** Column of what is predicted at the end of a window; its other lines carry their own. */
  readonly label: Column
}

const csvFilesIn = async (place: string): Promise<readonly string[]> => {
  const found = await stat(place).catch(() => undefined)
  // a file that is not there is refused where it is opened
  if (found === undefined || !found.isDirectory()) return [place]
  const names = (await readdir(place)).filter((name) => /\.csv(\.gz)?$/i.test(name)).sort()
  if (names.length > 0) return names.map((name) => join(place, name))
  throw new YimengError({
    code: 'series-files',
    cannot: 'read series',
    expected: 'a CSV file for each series',
    got: 'none',
    where: { folder: stemOf(place) },
  })
}

const readOne = async (path: string, { shape, channels, label }: SeriesForm): Promise<Dataset> => {
  const table = csvFile(path)
  const moments = await readTable(table, { features: channels.map((name) => ({ kind: 'numeric', name })), label }, { oneClass: 'allow' })
  const { rows, values, lines } = moments
  for (const [channel, column] of values.entries()) {
    const gap = column.findIndex(Number.isNaN)
    if (gap >= 0)
      throw new YimengError({
        code: 'csv-number',
        cannot: `read column ${channels[channel] ?? ''}`,
        expected: 'a number',
        got: 'a missing value',
        where: { file: table.name, row: lines?.[gap] ?? gap },
      })
  }
  const time = shape[0] ?? 0
  if (rows < time) throw tooShort(table, time, rows)
  return moments
}

/**
 * Every window of a site's own series, each with the label of its last line. All windows of a series stand on one side of a split: they overlap.
 *
 * @param place - a CSV file, or a folder with one for each series; columns in any order, others passed over
 * @throws YimengError `series-files`, `series-short`, `csv-*`, `label-*`
 */
export const ownSeries = async (place: string, form: SeriesForm): Promise<SeriesDataset> => {
  const [time = 0, width = 0] = form.shape
  const series: { readonly path: string; readonly moments: Dataset }[] = []
  for (const path of await csvFilesIn(place)) series.push({ path, moments: await readOne(path, form) })
  const windows = series.flatMap(({ path, moments }) =>
    Array.from({ length: moments.rows - time + 1 }, (_, from) => ({ path, moments, from })),
  )
  const numbers = new Float32Array(windows.length * time * width)
  for (const [window, { moments, from }] of windows.entries())
    for (const [channel, column] of moments.values.entries())
      for (let t = 0; t < time; t += 1) numbers[(window * time + t) * width + channel] = column[from + t] as number
  return {
    name: stemOf(place),
    schema: { label: form.label },
    rows: windows.length,
    labels: Float64Array.from(windows, ({ moments, from }) => moments.labels[from + time - 1] as number),
    shape: [time, width],
    channels: form.channels,
    series: numbers,
    patients: windows.map(({ path }) => stemOf(path)),
  }
}
