// The brain-tumour network of the students of NTUNHS: dropout of whole pictures, two 5×5 convolutions of stride 2 (32 and 64 channels, each with 2×2 max pooling),
// two dense layers. 184,452 parameters for 60×80 pictures, 183,812 for 80×80 with 128 hidden. The original has no activation but the pooling; ReLU is ours.
import { convolution, convolutionParameters } from '../layers/convolution.ts'
import { dense, denseParameters } from '../layers/dense.ts'
import { dropoutChannels } from '../layers/dropout.ts'
import { parameters } from '../layers/initialiser.ts'
import type { Node } from '../graph/node.ts'
import { relu } from '../ops/elementwise.ts'
import { maxPool } from '../ops/pooling.ts'
import { flatten } from '../ops/structure.ts'
import type { Model } from './model.ts'

/** Options of {@link brainCnn}. */
export interface BrainCnnOptions {
  readonly channels?: number
  readonly height: number
  readonly width: number
  readonly classes?: number
  /** Width of the first dense layer. */
  readonly hidden?: number
  /** Padding of both convolutions: 0 in the original, 2 keeps halves exact. */
  readonly padding?: number
  /** Share of input channels that are blanked while training. */
  readonly dropout?: number
  /** `none`: as the original. */
  readonly activation?: 'relu' | 'none'
}

/** Pictures `[channels, height, width]`. */
export const brainCnn = (options: BrainCnnOptions): Model => {
  const { channels = 1, height, width, classes = 4, hidden = 256, padding = 0, dropout = 0.3, activation = 'relu' } = options
  const after = (length: number): number => Math.floor((Math.floor((length + 2 * padding - 5) / 2) + 1) / 2)
  const features = 64 * after(after(height)) * after(after(width))
  const act = (x: Node): Node => (activation === 'relu' ? relu(x) : x)
  return {
    name: `brainCnn(${channels}x${height}x${width}-${hidden}-${classes}, padding ${padding}, dropout ${dropout}, ${activation})`,
    input: [channels, height, width],
    output: [classes],
    ...parameters([
      ...convolutionParameters('conv1', { inputs: channels, outputs: 32, kernel: 5 }),
      ...convolutionParameters('conv2', { inputs: 32, outputs: 64, kernel: 5 }),
      ...denseParameters('fc1', features, hidden),
      ...denseParameters('fc2', hidden, classes),
    ]),
    forward: (_graph, params, x, mode) => {
      const block = (name: string, h: Node): Node => act(maxPool(convolution(params, name, h, { stride: 2, padding }), { kernel: 2 }))
      return dense(params, 'fc2', act(dense(params, 'fc1', flatten(block('conv2', block('conv1', dropoutChannels(mode, x, dropout)))))))
    },
  }
}
