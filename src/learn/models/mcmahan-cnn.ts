// The convolutional network of McMahan et al. 2017 ("Communication-efficient learning of deep networks from decentralized data", section 3): two 5×5 convolutions
// (32 and 64 channels, each with 2×2 max pooling), a dense layer of 512 with ReLU; 1,663,370 parameters for 28×28 grey pictures of ten classes.
import { convolution, convolutionParameters } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { parameters } from '../layers/initialiser.ts'
import { relu } from '../ops/elementwise.ts'
import { maxPool } from '../ops/pooling.ts'
import { flatten } from '../ops/structure.ts'
import type { Model } from './model.ts'

/** Pictures `[channels, height, width]`, sides divisible by 4. */
export const mcmahanCnn = (
  options: { readonly channels?: number; readonly height?: number; readonly width?: number; readonly classes?: number } = {},
): Model => {
  const { channels = 1, height = 28, width = 28, classes = 10 } = options
  return {
    name: `mcmahanCnn(${channels}x${height}x${width}-${classes})`,
    input: [channels, height, width],
    output: [classes],
    ...parameters([
      ...convolutionParameters('conv1', { inputs: channels, outputs: 32, kernel: 5 }),
      ...convolutionParameters('conv2', { inputs: 32, outputs: 64, kernel: 5 }),
      ...denseParameters('fc1', 64 * Math.floor(height / 4) * Math.floor(width / 4), 512),
      ...denseParameters('fc2', 512, classes),
    ]),
    forward: (_graph, params, x) => {
      // pooling and ReLU commute; pooled first, ReLU has a quarter of the work
      const block = (name: string, h: Parameters<typeof maxPool>[0]) =>
        relu(maxPool(convolution(params, name, h, { padding: 2 }), { kernel: 2 }))
      return dense(params, 'fc2', relu(dense(params, 'fc1', flatten(block('conv2', block('conv1', x))))))
    },
  }
}
