// A recurrent network over a time series: GRU or LSTM layers, then a dense layer on the last state. The name of the dense layer is `fc`.
import { dense, denseParameters } from '../layers/dense.ts'
import { parameters } from '../layers/initialiser.ts'
import { type Cell, recurrent, recurrentParameters } from '../layers/recurrent.ts'
import { reshape, slice } from '../ops/structure.ts'
import type { Model } from './model.ts'

/** Options of {@link recurrentNetwork}. */
export interface RecurrentOptions {
  readonly cell: Cell
  /** Length of the series. */
  readonly time: number
  readonly inputs: number
  readonly hidden: number
  readonly layers?: number
  readonly outputs: number
}

/** Series `[time, inputs]` → `[outputs]`. */
export const recurrentNetwork = ({ cell, time, inputs, hidden, layers = 1, outputs }: RecurrentOptions): Model => ({
  name: `${cell}(${time}x${inputs}-${hidden}x${layers}-${outputs})`,
  input: [time, inputs],
  output: [outputs],
  ...parameters([...recurrentParameters('rnn', cell, inputs, hidden, layers), ...denseParameters('fc', hidden, outputs)]),
  forward: (_graph, params, x) => {
    const states = recurrent(params, 'rnn', cell, x, layers)
    return dense(params, 'fc', reshape(slice(states, 1, time - 1, time), [x.shape[0] ?? 1, hidden]))
  },
})
