// A small transformer encoder for series: a dense embedding, learned positions, encoder layers, the mean over time, a dense layer.
import { dense, denseParameters } from '../layers/dense.ts'
import { encoder, encoderParameters } from '../layers/attention.ts'
import { normal, parameters } from '../layers/initialiser.ts'
import { add, mean } from '../ops/elementwise.ts'
import { reshape } from '../ops/structure.ts'
import type { Model } from './model.ts'

/** Options of {@link transformer}. */
export interface TransformerOptions {
  readonly time: number
  readonly inputs: number
  readonly width: number
  readonly heads: number
  readonly hidden: number
  readonly layers: number
  readonly outputs: number
  readonly dropout?: number
}

/** Series `[time, inputs]` → `[outputs]`. */
export const transformer = (options: TransformerOptions): Model => {
  const { time, inputs, width, heads, hidden, layers, outputs, dropout = 0.1 } = options
  const layer = { width, heads, hidden, dropout }
  const names = Array.from({ length: layers }, (_, k) => `encoder.layers.${k}`)
  return {
    name: `transformer(${time}x${inputs}-${width}/${heads}-${hidden}x${layers}-${outputs}, dropout ${dropout})`,
    input: [time, inputs],
    output: [outputs],
    ...parameters([
      ...denseParameters('embed', inputs, width),
      { name: 'position', shape: [time, width], initialiser: normal(0.02) },
      ...names.flatMap((name) => encoderParameters(name, layer)),
      ...denseParameters('fc', width, outputs),
    ]),
    forward: (_graph, params, x, mode) => {
      const batch = x.shape[0] ?? 1
      const embedded = reshape(dense(params, 'embed', reshape(x, [batch * time, inputs])), [batch, time, width])
      const states = names.reduce((h, name) => encoder(params, name, h, mode, layer), add(embedded, params('position')))
      return dense(params, 'fc', mean(states, [1]))
    },
  }
}
