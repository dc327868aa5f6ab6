// The turbofan task: see data/series/turbofan.ts for the data.
import { loadSeries } from '../data/node.ts'
import type { Task } from './task.ts'

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
  load: () => loadSeries('turbofan'),
}
