// A 1-D convolutional network for time series: convolutions over time, halved between, then the mean over time.
import { convolution, convolutionParameters } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { parameters } from '../layers/initialiser.ts'
import { relu } from '../ops/elementwise.ts'
import { globalAveragePool } from '../ops/pooling.ts'
import { transpose } from '../ops/structure.ts'
import type { Model } from './model.ts'

/** Options of {@link seriesCnn}. */
export interface SeriesCnnOptions {
  readonly time: number
  readonly inputs: number
  readonly outputs: number
  /** Channels of each convolution; all but the first have stride 2. */
  readonly widths?: readonly number[]
  readonly kernel?: number
}

/** Series `[time, inputs]` → `[outputs]`. */
export const seriesCnn = ({ time, inputs, outputs, widths = [32, 64, 64], kernel = 5 }: SeriesCnnOptions): Model => ({
  name: `seriesCnn(${time}x${inputs}-${widths.join('-')}/${kernel}-${outputs})`,
  input: [time, inputs],
  output: [outputs],
  ...parameters([
    ...widths.flatMap((width, k) =>
      convolutionParameters(`conv${k + 1}`, { inputs: k === 0 ? inputs : (widths[k - 1] ?? 1), outputs: width, kernel, rank: 1 }),
    ),
    ...denseParameters('fc', widths.at(-1) ?? inputs, outputs),
  ]),
  forward: (_graph, params, x) => {
    const padding = Math.floor(kernel / 2)
    const maps = widths.reduce(
      (h, _, k) => relu(convolution(params, `conv${k + 1}`, h, { stride: k === 0 ? 1 : 2, padding })),
      transpose(x, [0, 2, 1]),
    )
    return dense(params, 'fc', globalAveragePool(maps))
  },
})
