// The small network with tanh that differentially private training is measured by (Papernot, Thakurta, Song, Chien, Erlingsson 2021, "Tempered sigmoid activations for deep
// learning with differential privacy", table 1): two convolutions (16 of 8×8, stride 2, padding 3; 32 of 4×4, stride 2), each with tanh and 2×2 max pooling at every place, a
// dense layer of 32 with tanh. 26,010 parameters for 28×28 grey pictures of ten classes. A bounded activation keeps single gradients short, so that clipping takes less.
import { convolution, convolutionParameters } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { parameters } from '../layers/initialiser.ts'
import { tanh } from '../ops/elementwise.ts'
import { maxPool } from '../ops/pooling.ts'
import { flatten } from '../ops/structure.ts'
import type { Model } from './model.ts'

/** Side of the maps that the dense layers see, of a side of the picture. */
const last = (side: number): number => Math.floor((Math.floor((side - 2) / 2) - 4) / 2)

/** Pictures `[channels, height, width]`, sides from 14. */
export const tanhCnn = (
  options: { readonly channels?: number; readonly height?: number; readonly width?: number; readonly classes?: number } = {},
): Model => {
  const { channels = 1, height = 28, width = 28, classes = 10 } = options
  return {
    name: `tanhCnn(${channels}x${height}x${width}-${classes})`,
    input: [channels, height, width],
    output: [classes],
    ...parameters([
      ...convolutionParameters('conv1', { inputs: channels, outputs: 16, kernel: 8 }),
      ...convolutionParameters('conv2', { inputs: 16, outputs: 32, kernel: 4 }),
      ...denseParameters('fc1', 32 * last(height) * last(width), 32),
      ...denseParameters('fc2', 32, classes),
    ]),
    forward: (_graph, params, x) => {
      // pooling and tanh commute; pooled first, tanh has no more work
      const block = (name: string, h: Parameters<typeof maxPool>[0], padding: number) =>
        tanh(maxPool(convolution(params, name, h, { stride: 2, padding }), { kernel: 2, stride: 1 }))
      return dense(params, 'fc2', tanh(dense(params, 'fc1', flatten(block('conv2', block('conv1', x, 3), 0)))))
    },
  }
}
