// C-MAPSS FD001: run-to-failure simulations of turbofan engines (Saxena and Goebel 2008). The cycles that are left to an engine, from the last thirty cycles of 14 sensors.
// Windows, sensors and the cap of 125 cycles as Li, Ding and Sun 2018 (Reliability Engineering & System Safety 172) have them.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { YimengError } from '../base/index.ts'
import { dataFolders } from '../data/node.ts'
import type { Task } from './task.ts'
import type { SeriesDataset } from './task-data.ts'

const files = {
  train: { path: 'cmapss/train_FD001.txt', sha256: '963b5e22825b34d8b21c69e1aeb4af3e647050eb672ee8834ba4b5d91d2de0f8' },
  test: { path: 'cmapss/test_FD001.txt', sha256: '3cda7109ce17bafb5443f2ac926cfcf88154b941b8c4cf95eb55d1ddd6f52851' },
  left: { path: 'cmapss/RUL_FD001.txt', sha256: 'a19c8ec94931949d0485bdc35118206e9c81c4547b422efb9cf86f4ceddbceca' },
} as const

/** The sensors that are not constant in FD001. */
const sensors = [2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15, 17, 20, 21] as const
const WINDOW = 30
/** Wear cannot be seen earlier. */
const CAP = 125
const SITES = 20

const numbersOf = async ({ path, sha256 }: (typeof files)[keyof typeof files]): Promise<readonly (readonly number[])[]> => {
  const { given, cache } = dataFolders()
  for (const folder of [given, cache]) {
    if (folder === undefined) continue
    const bytes = await readFile(join(folder, ...path.split('/'))).catch(() => undefined)
    if (bytes === undefined) continue
    if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      throw new YimengError({
        code: 'data-changed',
        cannot: 'load data set turbofan',
        expected: `SHA-256 ${sha256}`,
        got: 'another file',
        where: { path: join(folder, path) },
      })
    const lines = bytes.toString('latin1').split('\n')
    return lines.filter((line) => line.trim() !== '').map((line) => line.trim().split(/\s+/).map(Number))
  }
  throw new YimengError({
    code: 'data-absent',
    cannot: 'load data set turbofan',
    expected: 'the files of C-MAPSS FD001 below YIMENG_DATA, in cmapss/ (the NASA Prognostics Center publishes them)',
    got: 'none',
    where: { file: path },
  })
}

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
export const turbofanWindows = async (): Promise<SeriesDataset> => {
  const [train, test, left] = await Promise.all([numbersOf(files.train), numbersOf(files.test), numbersOf(files.left)])
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
    schema: { label: { kind: 'numeric', name: 'cycles left', unit: 'cycles' } },
    rows: all.length,
    labels: uncapped.map((cycles) => Math.min(CAP, cycles)),
    otherLabels: { uncapped },
    shape: [WINDOW, sensors.length],
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

/** Remaining useful life of turbofan engines, over twenty fleets of five engines each. */
export const turbofan: Task = {
  name: 'turbofan',
  title: { en: 'Turbofan engines, twenty fleets', 'zh-CN': '涡扇发动机，二十个机队', 'zh-TW': '渦輪扇發動機，二十個機隊' },
  about: {
    en: 'How many cycles are left to an engine, at most 125, from thirty cycles of 14 sensors; a hundred engines over twenty fleets (C-MAPSS FD001).',
    'zh-CN': '根据 14 个传感器最近 30 个循环预测发动机剩余寿命（上限 125 个循环）；一百台发动机分属二十个机队（C-MAPSS FD001）。',
    'zh-TW': '根據 14 個感測器最近 30 個循環預測發動機剩餘壽命（上限 125 個循環）；一百台發動機分屬二十個機隊（C-MAPSS FD001）。',
  },
  defaults: {
    partition: { kind: 'natural' },
    split: { kind: 'given' },
    model: { kind: 'gru', hidden: 64 },
    local: { epochs: 2, batch: 64, optimiser: { name: 'adam', learningRate: 0.003 } },
    cohort: { deadlineSeconds: 600 },
    rounds: 24,
  },
  load: turbofanWindows,
}
