// C-MAPSS FD001: run-to-failure simulations of turbofan engines (Saxena and Goebel 2008). The cycles that are left to an engine, from the last thirty cycles of 14 sensors.
// Windows, sensors and the cap of 125 cycles as Li, Ding and Sun 2018 (Reliability Engineering & System Safety 172) have them.
import type { Column } from '../types.ts'
import type { NamedSeriesSet, SeriesDataset } from './series-dataset.ts'

const file = (name: string, bytes: number, sha256: string) => ({ path: `cmapss/${name}_FD001.txt`, bytes, sha256, embedded: false })

const files = {
  train: file('train', 3_515_356, '963b5e22825b34d8b21c69e1aeb4af3e647050eb672ee8834ba4b5d91d2de0f8'),
  test: file('test', 2_228_855, '3cda7109ce17bafb5443f2ac926cfcf88154b941b8c4cf95eb55d1ddd6f52851'),
  left: file('RUL', 429, 'a19c8ec94931949d0485bdc35118206e9c81c4547b422efb9cf86f4ceddbceca'),
}

/** The sensors that are not constant in FD001. */
const sensors = [2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15, 17, 20, 21] as const
const WINDOW = 30
/** Wear cannot be seen earlier. */
const CAP = 125
const SITES = 20
const shape = [WINDOW, sensors.length] as const
const label: Column = { kind: 'numeric', name: 'cycles left', unit: 'cycles' }

/** The lines of each engine, in order of cycles; engines in order of numbers. */
const engines = (lines: readonly (readonly number[])[]): readonly (readonly (readonly number[])[])[] => {
  const found = new Map<number, (readonly number[])[]>()
  for (const line of lines) {
    const unit = line[0] ?? 0
    const own = found.get(unit)
    if (own === undefined) found.set(unit, [line])
    else own.push(line)
  }
  return [...found.entries()].sort(([a], [b]) => a - b).map(([, own]) => own)
}

interface Window {
  readonly lines: readonly (readonly number[])[]
  /** Cycles after the window's last. */
  readonly left: number
  readonly engine: number
}

/** Engine k of a hundred belongs to a site; so does test engine k. */
const siteOf = (engine: number): string => `fleet-${String((engine % SITES) + 1).padStart(2, '0')}`

/** Every window of the engines that ran to failure, then the last one of each test engine. */
const windows = async (text: (path: string) => Promise<string>): Promise<SeriesDataset> => {
  const numbersOf = async ({ path }: (typeof files)['train']): Promise<readonly (readonly number[])[]> => {
    const lines = (await text(path)).split('\n').filter((line) => line.trim() !== '')
    return lines.map((line) => line.trim().split(/\s+/).map(Number))
  }
  const [train, test, left] = [await numbersOf(files.train), await numbersOf(files.test), await numbersOf(files.left)]
  const learned = engines(train).flatMap((lines, engine) =>
    Array.from({ length: Math.max(0, lines.length - WINDOW + 1) }, (_, from): Window => {
      const end = from + WINDOW
      return { lines: lines.slice(from, end), left: lines.length - end, engine }
    }),
  )
  const judged = engines(test).map(
    (lines, engine): Window => ({ lines: lines.slice(-WINDOW), left: left[engine]?.[0] ?? Number.NaN, engine }),
  )
  const all = [...learned, ...judged]
  const series = new Float32Array(all.length * WINDOW * sensors.length)
  let at = 0
  for (const { lines } of all)
    for (const line of lines)
      for (const sensor of sensors) {
        // five columns before the sensors: engine, cycle, three settings
        series[at] = line[4 + sensor] ?? Number.NaN
        at += 1
      }
  const uncapped = Float64Array.from(all, (window) => window.left)
  return {
    name: 'turbofan',
    schema: { label },
    rows: all.length,
    labels: uncapped.map((cycles) => Math.min(CAP, cycles)),
    otherLabels: { uncapped },
    shape,
    channels: sensors.map((sensor) => `sensor ${sensor}`),
    series,
    // windows of one engine overlap; none of a test engine is among the training rows
    sites: all.map(({ engine }) => siteOf(engine)),
    split: {
      train: Uint32Array.from(learned, (_, row) => row),
      validation: new Uint32Array(0),
      test: Uint32Array.from(judged, (_, row) => learned.length + row),
    },
  }
}

/** 17,731 windows of a hundred engines that ran to failure, and the last one of each of a hundred others, over twenty fleets. */
export const turbofan: NamedSeriesSet = {
  name: 'turbofan',
  title: 'C-MAPSS FD001, turbofan engines to failure',
  description:
    'One row thirty cycles of 14 sensors of an engine. Predicts how many cycles are left to it, at most 125. Comes with its own split.',
  rows: 17_831,
  sites: Array.from({ length: SITES }, (_, fleet) => siteOf(fleet)),
  licence: 'public domain (US Government work)',
  citation:
    'Saxena A, Goebel K, Simon D, Eklund N (2008). Damage propagation modeling for aircraft engine run-to-failure simulation. PHM08.',
  source: 'https://data.nasa.gov/dataset/cmapss-jet-engine-simulated-data',
  files: Object.values(files),
  shape,
  label,
  load: windows,
}
